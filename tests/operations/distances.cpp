// Distances, unit vectors and cosines.
#include <doctest/doctest.h>

#include <tapegrad/ops/distance.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

const Operations distances(
    "distances",
    {operation("cdist", [](const auto& x, const auto& z) { return cdist(x, z, 2); }),
     operation("cdist:1", [](const auto& x, const auto& z) { return cdist(x, z, 1); }),
     operation("cdist:inf", [](const auto& x, const auto& z) { return cdist(x, z, inf); }),
     operation("cdist:3.5", [](const auto& x, const auto& z) { return cdist(x, z, 3.5); }),
     operation("cdist:0 distance", [](const auto& x, const auto& z) { return cdist(x, z); }, {.order = 0}),
     operation("cdist:0", [](const auto& x, const auto& z) { return cdist(x, z, 0); },
               {.order = 0, .nan = false}),
     operation("pairwise_distance", [](const auto& x, const auto& z) { return pairwise_distance(x, z); }),
     operation("pairwise_distance:1",
               [](const auto& x, const auto& z) {
                   return pairwise_distance(x, z, {.p = 1, .keepdims = true});
               }),
     operation("cosine_similarity", [](const auto& x, const auto& z) { return cosine_similarity(x, z); }),
     operation("cosine_similarity:last",
               [](const auto& x, const auto& z) { return cosine_similarity(x, z, {.axis = -1}); }),
     operation("normalize", [](const auto& x) { return normalize(x); }),
     operation("normalize:1", [](const auto& x) { return normalize(x, {.p = 1, .axis = 0}); }),
     operation("normalize:3", [](const auto& x) { return normalize(x, {.p = 3, .axis = -1}); })});

}

TEST_CASE("operations: distances") { distances.check(); }
