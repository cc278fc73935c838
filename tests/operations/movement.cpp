// Other shapes, orders and parts of the same elements.
#include <doctest/doctest.h>

#include <tapegrad/ops/convert.hpp>
#include <tapegrad/ops/diagonal.hpp>
#include <tapegrad/ops/flip.hpp>
#include <tapegrad/ops/grid.hpp>
#include <tapegrad/ops/repeat.hpp>
#include <tapegrad/ops/unfold.hpp>

#include "operations.hpp"

using namespace support;

namespace {

/// One tensor of several, that tells them apart.
template <class T>
Tensor<T> weighted(std::vector<Tensor<T>> parts, int64_t axis) {
    T weight(0);
    for (Tensor<T>& part : parts) part = part * (weight += T(1));
    return cat(parts, axis);
}

const OperationOptions no_sizes{.sizes = false}, parts{.sizes = false, .nan = false}, no_nan{.nan = false};

std::vector<Operation> shapes() {
    return {
        operation("reshape",
                  [](const auto& x) {
                      return reshape(x, {x.size(-1), -1});
                  }),
        operation("flatten", [](const auto& x) { return flatten(x, 1); }),
        operation("permute",
                  [](const auto& x) {
                      return permute(x, {2, 0, 1});
                  }),
        operation("transpose", [](const auto& x) { return transpose(x, 0, -1); }),
        operation("unsqueeze", [](const auto& x) { return unsqueeze(x, 1); }),
        operation("squeeze", [](const auto& x) { return squeeze(x); }),
        operation("squeeze:axis", [](const auto& x) { return squeeze(x, 1); }),
        operation("contiguous", [](const auto& x) { return contiguous(transpose(x)); }),
        operation("clone", [](const auto& x) { return clone(transpose(x)); }),
        operation("expand",
                  [](const auto& x) {
                      return expand(x, {2, 3, x.size(-1)});
                  }),
        operation("sum_to",
                  [](const auto& x) {
                      return sum_to(x, {1, x.size(-1)});
                  }),
        operation("movedim",
                  [](const auto& x) {
                      return movedim(x, {0, 1}, {-1, 0});
                  }),
        operation("movedim:one", [](const auto& x) { return movedim(x, -1, 0); }),
        operation("swapaxes", [](const auto& x) { return swapaxes(x, 0, -1); }),
        operation("unflatten",
                  [](const auto& x) {
                      return unflatten(x, 0, {2, -1});
                  }),
        operation("broadcast_to",
                  [](const auto& x) {
                      return broadcast_to(x, {2, 3, x.size(-1)});
                  }),
        operation("broadcast_tensors",
                  [](const auto& a, const auto& b) {
                      return weighted(broadcast_tensors({a, b}), 0);
                  }),
        operation("to", [](const auto& x) { return to<double>(x); }),
    };
}

std::vector<Operation> motions() {
    return {
        operation("flip", [](const auto& x) { return flip(x, -1); }),
        operation("flip:axes",
                  [](const auto& x) {
                      return flip(x, {0, 2});
                  }),
        operation("roll",
                  [](const auto& x) {
                      return roll(x, {1, -2}, {0, -1});
                  }),
        operation("roll:flat", [](const auto& x) { return roll(x, 4); }),
        operation("rot90", [](const auto& x) { return rot90(x); }),
        operation("rot90:3",
                  [](const auto& x) {
                      return rot90(x, 3, {1, -1});
                  }),
        operation("rot90:2",
                  [](const auto& x) {
                      return rot90(x, 2, {1, 0});
                  }),
        operation("rot90:0",
                  [](const auto& x) {
                      return rot90(x, -4, {1, 0});
                  }),
        operation("repeat",
                  [](const auto& x) {
                      return repeat(x, {2, 1, 3});
                  }),
        operation("tile",
                  [](const auto& x) {
                      return tile(x, {3, 2});
                  }),
        operation("repeat_interleave", [](const auto& x) { return repeat_interleave(x, 3, 0); }),
        operation("repeat_interleave:last", [](const auto& x) { return repeat_interleave(x, 2, -1); }),
        operation("repeat_interleave:flat", [](const auto& x) { return repeat_interleave(x, 2); }),
        operation(
            "repeat_interleave:counts",
            [](const auto& x) {
                return repeat_interleave(x, Tensor<int64_t>{2, 0, 3}, 0);
            },
            no_nan),
    };
}

std::vector<Operation> diagonals_and_margins() {
    return {
        operation(
            "diagonal", [](const auto& x) { return diagonal(x); }, no_nan),
        operation(
            "diagonal:offset", [](const auto& x) { return diagonal(x, -1, 2, 0); }, no_nan),
        operation(
            "diagonal:far", [](const auto& x) { return diagonal(x, 9, 0, 1); }, no_nan),
        operation("diag_embed", [](const auto& x) { return diag_embed(x); }),
        operation("diag_embed:offset", [](const auto& x) { return diag_embed(x, -2, 0, 2); }),
        operation(
            "diag", [](const auto& x) { return diag(x, 1); }, no_nan),
        operation(
            "trace", [](const auto& x) { return trace(x); }, no_nan),
        operation("unfold", [](const auto& x) { return unfold(x, 0, 3, 1); }),
        operation(
            "unfold:last", [](const auto& x) { return unfold(x, -1, 3, 2); }, parts),
        operation(
            "unfold:apart", [](const auto& x) { return unfold(x, 1, 2, 3); }, no_nan),
        operation("pad",
                  [](const auto& x) {
                      return pad(x, {1, 2, 3, 0});
                  }),
        operation(
            "pad:cut",
            [](const auto& x) {
                return pad(x, {0, 1, -1, 2}, {.value = 2.5});
            },
            no_nan),
        operation("pad:reflect",
                  [](const auto& x) {
                      return pad(x, {2, 1, 1, 0}, {.mode = PadMode::reflect});
                  }),
        operation("pad:replicate",
                  [](const auto& x) {
                      return pad(x, {2, 1, 1, 0}, {.mode = PadMode::replicate});
                  }),
        operation("pad:circular",
                  [](const auto& x) {
                      return pad(x, {2, 1, 1, 0}, {.mode = PadMode::circular});
                  }),
    };
}

std::vector<Operation> joints() {
    return {
        operation("meshgrid",
                  [](const auto& a, const auto& b, const auto& c) {
                      return weighted(meshgrid({a, b, c}), 0);
                  }),
        operation("meshgrid:xy",
                  [](const auto& a, const auto& b, const auto& c) {
                      return weighted(meshgrid({a, b, c}, GridOrder::xy), 0);
                  }),
        operation(
            "cartesian_prod",
            [](const auto& a, const auto& b, const auto& c) {
                return cartesian_prod({a, b, c});
            },
            no_sizes),
        operation(
            "block_diag",
            [](const auto& a, const auto& b, const auto& c) {
                return block_diag({a, b, c});
            },
            no_sizes),
        operation("cat",
                  [](const auto& a, const auto& b) {
                      return cat({a, b, a}, 0);
                  }),
        operation("cat:last",
                  [](const auto& a, const auto& b) {
                      return cat({a, b}, -1);
                  }),
        operation("stack",
                  [](const auto& a, const auto& b) {
                      return stack({a, b}, 1);
                  }),
        operation("split",
                  [](const auto& x) {
                      const auto p = split(x, {1, 0, 2}, 0);
                      return weighted(std::vector{p[0], p[2]}, 0);
                  }),
        operation("split:size", [](const auto& x) { return weighted(split(x, 2, 1), 1); }),
        operation("chunk", [](const auto& x) { return weighted(chunk(x, 3, 0), 0); }),
        operation("chunk:equal",
                  [](const auto& x) {
                      const auto [a, b] = chunk<2>(x);
                      return a + b * 2;
                  }),
        operation("unbind", [](const auto& x) { return weighted(unbind(x, 1), 0); }),
        operation(
            "slice", [](const auto& x) { return slice(x, 1, 1, 9, 2); }, no_nan),
        operation(
            "narrow", [](const auto& x) { return narrow(x, 0, 1, 2); }, no_nan),
        operation(
            "select", [](const auto& x) { return select(x, 0, -1); }, parts),
        operation(
            "at", [](const auto& x) { return at(x, 1, all, newaxis, Slice{.step = 2}); }, no_nan),
    };
}

}

TEST_CASE("operations: movement") {
    Operations("movement", shapes()).check();
    Operations("movement", motions()).check();
    Operations("movement", diagonals_and_margins()).check();
    Operations("movement", joints()).check();
}
