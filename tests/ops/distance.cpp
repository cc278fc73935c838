#include <tapegrad/ops/distance.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
const double norms[] = {1, 1.5, 2, 3, inf};
}

TEST_CASE("cdist: value, broadcast leading axes, empty rows") {
    const X x{{0, 0}, {3, 4}}, z{{0, 0}, {3, 0}, {0, -4}};
    CHECK(support::close(cdist(x, z), X{{0, 3, 4}, {5, 4, std::sqrt(73)}}, 1e-15));
    CHECK(support::same_bits(cdist(x, z, 1), X{{0, 3, 4}, {7, 4, 11}}));
    CHECK(support::same_bits(cdist(x, z, inf), X{{0, 3, 4}, {4, 4, 8}}));
    CHECK(support::same_bits(cdist(x, z, 0), X{{0, 1, 1}, {2, 1, 2}}));
    CHECK(cdist(support::normal<double>({4, 1, 2, 5}), support::normal<double>({3, 6, 5})).shape() ==
          Shape{4, 3, 2, 6});
    CHECK(cdist(zeros<double>({0, 2}), z).shape() == Shape{0, 3});
    CHECK(support::same_bits(cdist(zeros<double>({2, 0}), zeros<double>({3, 0})), zeros<double>({2, 3})));
    // Far from the origin, close to each other: squares would leave nothing of the difference.
    const X far{{1e9, 1e9}}, near{{1e9, 1e9 + 1}};
    CHECK(cdist(far, near)(0, 0) == 1);
}

TEST_CASE("cdist: gradients") {
    const X x = support::normal<double>({3, 2}), z = support::normal<double>({2, 2}, 2);
    // No coordinates close to each other: there |d|^p has large higher derivatives, and differences err.
    const X apart = support::uniform<double>({2, 1, 2, 9}, 5, 6, 3);
    for (const double p : norms) {
        CAPTURE(p);
        CHECK_GRAD([p](const auto& v) { return cdist(v[0], v[1], p); }, {x, z}, 3,
                   {.absolute = 1e-4, .relative = 1e-4});
        CHECK_GRAD([p](const auto& v) { return cdist(v[0], v[1], p); },
                   {apart, support::normal<double>({2, 20, 9}, 4)}, 1);
        CHECK_GRAD([p](const auto& v) { return cdist(v[0], v[1], p); },
                   {support::spread(x), support::spread(z)}, 1);
    }
}

TEST_CASE("cdist: where the distance is 0 so is every derivative") {
    for (const double p : {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, inf}) {
        CAPTURE(p);
        const X x = X{{1, 2}, {3, 4}}.requires_grad_(), z = X{{1, 2}, {3, 4}};
        const X weights = eye<double>(2);
        const X d = grad(cdist(x, z, p), {x}, {.create_graph = true}, weights)[0];
        CHECK(support::same_bits(d * 1, zeros<double>({2, 2})));
        // Also with gradients of gradients, of the distances of all rows from each other.
        const X y = cdist(x, x, p), dx = grad(y, {x}, {.create_graph = true}, ones<double>({2, 2}))[0];
        CHECK(sum(dx * 0).item() == 0);
        if (dx.requires_grad()) CHECK(sum(grad(sum(dx * dx), {x})[0] * 0).item() == 0);
    }
}

TEST_CASE("pairwise_distance, normalize, cosine_similarity: values") {
    const X x{{3, 4}, {0, 0}}, z{{0, 0}, {0, 0}};
    CHECK(support::close(pairwise_distance(x, z, {.eps = 0}), X{5, 0}, 1e-15));
    CHECK(support::close(pairwise_distance(x, z), X{std::hypot(3 + 1e-6, 4 + 1e-6), std::sqrt(2) * 1e-6},
                         1e-15));
    CHECK(support::same_bits(pairwise_distance(x, z, {.p = 1, .eps = 0, .keepdims = true}), X{{7}, {0}}));
    CHECK(support::close(normalize(x), X{{0.6, 0.8}, {0, 0}}, 1e-15));
    CHECK(support::close(normalize(x, {.p = inf}), X{{0.75, 1}, {0, 0}}, 1e-15));
    CHECK(support::close(normalize(transpose(x), {.axis = 0}), X{{0.6, 0}, {0.8, 0}}, 1e-15));
    CHECK(normalize(x, {.p = 0})(0, 0) == 1.5);
    CHECK(support::close(cosine_similarity(x, X{{4, 3}, {1, 1}}), X{0.96, 0}, 1e-15));
    CHECK(support::close(cosine_similarity(x, X{4, 3}, {.axis = -1}), X{0.96, 0}, 1e-15));
    CHECK(cosine_similarity(zeros<double>({0, 2}), X{{1, 1}}).shape() == Shape{0});
}

TEST_CASE("pairwise_distance, normalize, cosine_similarity: gradients") {
    const X x = support::normal<double>({2, 3}), z = support::normal<double>({2, 3}, 2);
    for (const double p : norms) {
        CAPTURE(p);
        CHECK_GRAD([p](const auto& v) { return pairwise_distance(v[0], v[1], {.p = p}); }, {x, z}, 2,
                   {.absolute = 1e-5, .relative = 1e-4});
        CHECK_GRAD([p](const auto& v) { return normalize(v[0], {.p = p, .axis = 0}); }, {x}, 3,
                   {.absolute = 1e-3, .relative = 1e-3});
    }
    CHECK_GRAD([](const auto& v) { return cosine_similarity(v[0], v[1]); }, {x, z}, 3,
               {.absolute = 1e-4, .relative = 1e-4});
    // A zero vector has finite gradients.
    const X zero = zeros<double>({1, 3}).requires_grad_();
    CHECK(sum(grad(cosine_similarity(zero, x), {zero}, {}, ones<double>({2}))[0] * 0).item() == 0);
    CHECK(sum(grad(sum(normalize(zero)), {zero})[0] * 0).item() == 0);
    CHECK(support::same_bits(grad(sum(pairwise_distance(zero, zero, {.eps = 0})), {zero})[0],
                             zeros<double>({1, 3})));
}

TEST_CASE("distances: errors") {
    const X x = zeros<double>({2, 3}), z = zeros<double>({2, 4});
    CHECK(message<ShapeError>([&] { static_cast<void>(cdist(x, z)); }) ==
          "cdist: x (2, 3) and z (2, 4) hold no rows of one length: they are (..., n, k) and (..., m, k)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(cdist(zeros<double>({2, 2, 3}), zeros<double>({3, 2, 3})));
          }) == "cdist: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
    CHECK(message<ValueError>([&] { static_cast<void>(cdist(x, x, -1)); }) ==
          "cdist: p is -1; a distance has p from 0 to infinity");
    CHECK(message<ValueError>([&] {
              static_cast<void>(normalize(x, {.p = std::numeric_limits<double>::quiet_NaN()}));
          }) == "norm: p is NaN");
    CHECK(message<ShapeError>([&] { static_cast<void>(normalize(zeros<double>({2}))); }) ==
          "norm: axis 1 is outside [-1, 1) of a tensor of rank 1");
    CHECK(message<ShapeError>([&] { static_cast<void>(cosine_similarity(x, z)); }) ==
          "cosine_similarity: shapes (2, 3) and (2, 4) do not broadcast: sizes 3 and 4 differ at axis -1");
}
