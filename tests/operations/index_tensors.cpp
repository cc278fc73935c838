// Indexing by tensors and masks, and assignment to what is indexed; the cases are those of "indexing".
#include <doctest/doctest.h>

#include <tapegrad/ops/index_tensors.hpp>

#include "operations.hpp"

using namespace support;

namespace {

using Ids = Tensor<int64_t>;

// What is picked may leave out a NaN, and places are for the sizes of the golden inputs.
const OperationOptions some{.sizes = false, .nan = false}, no_nan{.nan = false};

Tensor<bool> mask() { return Tensor<bool>{{true, false, true}, {false, true, true}}; }

std::vector<Operation> picked() {
    const Tensor<bool> behind{false, true, true};
    return {
        operation(
            "at:ids",
            [](const auto& x) {
                return at(x, Ids{2, 0, -1});
            },
            some),
        operation(
            "at:last",
            [](const auto& x) {
                return at(x, ellipsis, Ids{2, 0, -1});
            },
            some),
        operation(
            "at:pairs",
            [](const auto& x) {
                return at(x, Ids{{0}, {2}}, Ids{1, -1, 0});
            },
            no_nan),
        operation(
            "at:middle",
            [](const auto& x) {
                return at(x, all, Ids{1, 0}, Ids{1, -1}, all);
            },
            no_nan),
        operation(
            "at:apart",
            [](const auto& x) {
                return at(x, all, Ids{{0, 1}}, Slice{.start = 1}, Ids{{2}, {0}});
            },
            some),
        operation(
            "at:mixed",
            [](const auto& x) {
                return at(x, 1, newaxis, all, Ids{0, 1, 1});
            },
            some),
        operation(
            "at:around",
            [](const auto& x) {
                return at(x, Ids{0, 1}, 0, Ids{2, 1});
            },
            no_nan),
        operation(
            "at:mask", [](const auto& x) { return at(x, mask()); }, no_nan),
        operation(
            "at:mask_behind", [behind](const auto& x) { return at(x, all, behind); }, no_nan),
        operation(
            "at:mask_and_ids",
            [behind](const auto& x) {
                return at(x, behind, Slice{.start = 1}, Ids{2, 0});
            },
            some),
    };
}

std::vector<Operation> written() {
    return {
        operation(
            "set_at",
            [](const auto& x, const auto& v) {
                return set_at(x, v, Ids{2, 0});
            },
            no_nan),
        operation(
            "set_at:view",
            [](const auto& x, const auto& v) { return set_at(x, v, all, Slice{.start = 1, .step = 2}); },
            some),
        operation(
            "set_at:apart",
            [](const auto& x, const auto& v) {
                return set_at(x, v, Ids{0, 1}, Slice{.start = 1}, Ids{2, 0});
            },
            some),
        operation(
            "set_at:mixed",
            [](const auto& x, const auto& v) {
                return set_at(x, v, 1, all, Ids{2, 0});
            },
            some),
        operation(
            "set_at:mask", [](const auto& x, const auto& v) { return set_at(x, v, mask()); }, some),
        operation(
            "set_at:number", [](const auto& x) { return set_at(x, 0.5, ellipsis, Ids{1}); }, some),
        operation("add_at",
                  [](const auto& x, const auto& v) {
                      return add_at(x, v, Ids{2, 0, 2});
                  }),
        operation("add_at:view",
                  [](const auto& x, const auto& v) { return add_at(x, v, Slice{.start = 1}); }),
    };
}

}

TEST_CASE("operations: indexing by tensors") {
    Operations("indexing", picked()).check();
    Operations("indexing", written()).check();
}
