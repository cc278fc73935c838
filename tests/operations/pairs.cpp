// Elementwise functions of two and three tensors.
#include <doctest/doctest.h>

#include <tapegrad/ops/bitwise.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/igamma.hpp>
#include <tapegrad/ops/isclose.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// PyTorch's own are wrong by 1e-9 where a is above 20.
const OperationOptions incomplete{.order = 1, .golden = 1e-8};
const OperationOptions constant{.order = 0, .nan = false};
template <class T>
Tensor<int64_t> whole(const Tensor<T>& x) {
    return tapegrad::detail::cast<int64_t>(x);
}

const Operations pairs(
    "pairs",
    {
        operation("add", [](const auto& a, const auto& b) { return a + b; }),
        operation("sub", [](const auto& a, const auto& b) { return a - b; }),
        operation("mul", [](const auto& a, const auto& b) { return a * b; }),
        operation("div", [](const auto& a, const auto& b) { return a / b; }),
        operation("pow", [](const auto& a, const auto& b) { return pow(a, b); }),
        operation("atan2", [](const auto& a, const auto& b) { return atan2(a, b); }),
        operation("hypot", [](const auto& a, const auto& b) { return hypot(a, b); }),
        operation("fmod", [](const auto& a, const auto& b) { return fmod(a, b); }),
        operation("fmod:negative", [](const auto& a, const auto& b) { return fmod(a, b); }),
        operation("remainder", [](const auto& a, const auto& b) { return remainder(a, b); }),
        operation("remainder:negative", [](const auto& a, const auto& b) { return remainder(a, b); }),
        operation("xlogy", [](const auto& a, const auto& b) { return xlogy(a, b); }),
        operation(
            "igamma", [](const auto& a, const auto& x) { return igamma(a, x); }, incomplete),
        operation(
            "igammac", [](const auto& a, const auto& x) { return igammac(a, x); }, incomplete),
        operation("logaddexp", [](const auto& a, const auto& b) { return logaddexp(a, b); }),
        operation("maximum", [](const auto& a, const auto& b) { return maximum(a, b); }),
        operation("minimum", [](const auto& a, const auto& b) { return minimum(a, b); }),
        operation("clamp_min", [](const auto& a, const auto& b) { return clamp_min(a, b); }),
        operation("clamp_max", [](const auto& a, const auto& b) { return clamp_max(a, b); }),
        operation("fmax", [](const auto& a, const auto& b) { return fmax(a, b); }, {.nan = false}),
        operation("fmin", [](const auto& a, const auto& b) { return fmin(a, b); }, {.nan = false}),
        operation(
            "operator:less", [](const auto& a, const auto& b) { return a < b; }, constant),
        operation(
            "operator:less_equal", [](const auto& a, const auto& b) { return a <= b; }, constant),
        operation(
            "operator:greater", [](const auto& a, const auto& b) { return a > b; }, constant),
        operation(
            "operator:greater_equal", [](const auto& a, const auto& b) { return a >= b; }, constant),
        operation(
            "operator:equal", [](const auto& a, const auto& b) { return a == b; }, constant),
        operation(
            "operator:not_equal", [](const auto& a, const auto& b) { return a != b; }, constant),
        operation(
            "logical_and", [](const auto& a, const auto& b) { return logical_and(a, b); }, constant),
        operation(
            "logical_or", [](const auto& a, const auto& b) { return logical_or(a, b); }, constant),
        operation(
            "logical_xor", [](const auto& a, const auto& b) { return logical_xor(a, b); }, constant),
        operation(
            "bitwise_and", [](const auto& a, const auto& b) { return bitwise_and(whole(a), whole(b)); },
            constant),
        operation(
            "bitwise_or", [](const auto& a, const auto& b) { return bitwise_or(whole(a), whole(b)); },
            constant),
        operation(
            "bitwise_xor", [](const auto& a, const auto& b) { return bitwise_xor(whole(a), whole(b)); },
            constant),
        operation(
            "bitwise_left_shift",
            [](const auto& a, const auto& b) { return bitwise_left_shift(whole(a), whole(b)); }, constant),
        operation(
            "bitwise_right_shift",
            [](const auto& a, const auto& b) { return bitwise_right_shift(whole(a), whole(b)); }, constant),
        operation(
            "isclose", [](const auto& a, const auto& b) { return isclose(a, b); }, constant),
        operation(
            "allclose", [](const auto& a, const auto& b) { return Tensor<bool>(allclose(a, b)); }, constant),
        operation(
            "equal", [](const auto& a, const auto& b) { return Tensor<bool>(equal(a, b)); }, constant),
        operation("where", [](const auto& a, const auto& b, const auto& c) { return where(a > 0, b, c); },
                  {.nan = false}),
        operation("clamp",
                  [](const auto& a, const auto& b, const auto& c) { return clamp(a, -abs(b), abs(c)); },
                  {.nan = false}),
        operation("lerp", [](const auto& a, const auto& b, const auto& c) { return lerp(a, b, c); }),
        operation("addcmul", [](const auto& a, const auto& b,
                                const auto& c) { return addcmul(a, b, c, {.value = 0.5}); }),
        operation("addcdiv", [](const auto& a, const auto& b,
                                const auto& c) { return addcdiv(a, b, c, {.value = 0.5}); }),
    });

}

TEST_CASE("operations: pairs") { pairs.check(); }
