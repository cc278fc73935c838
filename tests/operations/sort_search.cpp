// Different elements, places among sorted ones, and counts.
#include <doctest/doctest.h>

#include <tapegrad/ops/histogram.hpp>
#include <tapegrad/ops/search.hpp>
#include <tapegrad/ops/unique.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions constant{.order = 0, .nan = false};
const OperationOptions fixed{.order = 0, .sizes = false, .nan = false};  // one input is sorted, or edges

const auto counted = [](int64_t minlength) {
    return [minlength](const auto& w) {
        static const auto ids = Operations::golden<int64_t>("sort", "bincount.ids");
        return bincount(ids, w, minlength);
    };
};

const Operations places(
    "sort",
    {operation(
         "unique", [](const auto& x) { return unique(x).values; }, constant),
     operation(
         "unique:inverse", [](const auto& x) { return unique(x).inverse; }, constant),
     operation(
         "unique:counts", [](const auto& x) { return unique(x).counts; }, constant),
     operation(
         "unique:axis", [](const auto& x) { return unique(x, -2).values; }, constant),
     operation(
         "unique:axis inverse", [](const auto& x) { return unique(x, -2).inverse; }, constant),
     operation(
         "unique:axis counts", [](const auto& x) { return unique(x, -2).counts; }, constant),
     operation(
         "unique_consecutive", [](const auto& x) { return unique_consecutive(x).values; }, constant),
     operation(
         "unique_consecutive:inverse", [](const auto& x) { return unique_consecutive(x).inverse; }, constant),
     operation(
         "unique_consecutive:counts", [](const auto& x) { return unique_consecutive(x).counts; }, constant),
     operation(
         "unique_consecutive:axis", [](const auto& x) { return unique_consecutive(x, -2).values; }, constant),
     operation(
         "unique_consecutive:axis inverse", [](const auto& x) { return unique_consecutive(x, -2).inverse; },
         constant),
     operation(
         "unique_consecutive:axis counts", [](const auto& x) { return unique_consecutive(x, -2).counts; },
         constant),
     operation(
         "searchsorted", [](const auto& s, const auto& v) { return searchsorted(s, v); }, fixed),
     operation(
         "searchsorted:right",
         [](const auto& s, const auto& v) { return searchsorted(s, v, {.right = true}); }, fixed),
     operation(
         "bucketize", [](const auto& x, const auto& b) { return bucketize(x, b); }, fixed),
     operation(
         "bucketize:right", [](const auto& x, const auto& b) { return bucketize(x, b, {.right = true}); },
         fixed),
     operation(
         "histogram", [](const auto& x) { return histogram(x, 4, {.low = -1, .high = 2}).hist; }, constant),
     operation(
         "histogram:own range", [](const auto& x) { return histogram(x, 5).hist; }, constant),
     operation(
         "histogram:edges",
         [](const auto& x) {
             using T = typename std::remove_cvref_t<decltype(x)>::value_type;
             return histogram(x, Tensor<T>{T(-1), T(-0.5), T(0), T(2)}).hist;
         },
         constant),
     operation(
         "histogram:density",
         [](const auto& x, const auto& w) {
             return histogram(x, 4, {.low = -1, .high = 2, .weight = w, .density = true}).hist;
         },
         constant),
     operation(
         "histc", [](const auto& x) { return histc(x, 6, -2, 2); }, constant),
     operation("bincount", counted(0), {.sizes = false}),
     operation("bincount:minlength", counted(6), {.sizes = false})});

}

TEST_CASE("operations: places among sorted elements") { places.check(); }
