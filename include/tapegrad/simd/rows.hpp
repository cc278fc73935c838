// The primitive elementwise functions, a row each: the value `f` on batches, and the derivative `df(x, y)` as
// an expression in the input x and the output y. The same expression is evaluated on batches (first
// derivatives, fused), on traces (which of x and y must be saved) and on tensors (derivatives of any order).
// It is written nowhere else.
//
// A row of two variables has a derivative by each, `da(a, b, y)` and `db(a, b, y)`. Where a kink has no
// derivative, the row takes PyTorch's choice, and says so. `Zero` is the derivative of what is constant
// between jumps.
#pragma once

#include "dual.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::row {

// clang-format off
#define TAPEGRAD_ROW TAPEGRAD_INLINE static constexpr auto

struct Neg { static constexpr auto name = "neg";
    TAPEGRAD_ROW f(const auto& x) { return -x; }
    TAPEGRAD_ROW df(const auto&, const auto&) { return MinusOne(); } };

struct Abs { static constexpr auto name = "abs";  // 0 at 0
    TAPEGRAD_ROW f(const auto& x) { return abs(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return sign(x); } };

struct Sign { static constexpr auto name = "sign";
    TAPEGRAD_ROW f(const auto& x) { return sign(x); }
    TAPEGRAD_ROW df(const auto&, const auto&) { return Zero(); } };

struct Floor { static constexpr auto name = "floor";
    TAPEGRAD_ROW f(const auto& x) { return floor(x); }
    TAPEGRAD_ROW df(const auto&, const auto&) { return Zero(); } };

struct Ceil { static constexpr auto name = "ceil";
    TAPEGRAD_ROW f(const auto& x) { return ceil(x); }
    TAPEGRAD_ROW df(const auto&, const auto&) { return Zero(); } };

struct Round { static constexpr auto name = "round";
    TAPEGRAD_ROW f(const auto& x) { return round(x); }
    TAPEGRAD_ROW df(const auto&, const auto&) { return Zero(); } };

struct Trunc { static constexpr auto name = "trunc";
    TAPEGRAD_ROW f(const auto& x) { return trunc(x); }
    TAPEGRAD_ROW df(const auto&, const auto&) { return Zero(); } };

struct Sqrt { static constexpr auto name = "sqrt";
    TAPEGRAD_ROW f(const auto& x) { return sqrt(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return 0.5 / y; } };

struct Exp { static constexpr auto name = "exp";
    TAPEGRAD_ROW f(const auto& x) { return exp(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y; } };

struct Expm1 { static constexpr auto name = "expm1";
    TAPEGRAD_ROW f(const auto& x) { return expm1(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y + 1; } };

struct Log { static constexpr auto name = "log";
    TAPEGRAD_ROW f(const auto& x) { return log(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / x; } };

struct Log1p { static constexpr auto name = "log1p";
    TAPEGRAD_ROW f(const auto& x) { return log1p(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / (1 + x); } };

struct Sin { static constexpr auto name = "sin";
    TAPEGRAD_ROW f(const auto& x) { return sin(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return cos(x); } };

struct Cos { static constexpr auto name = "cos";
    TAPEGRAD_ROW f(const auto& x) { return cos(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return -sin(x); } };

struct Tan { static constexpr auto name = "tan";
    TAPEGRAD_ROW f(const auto& x) { return tan(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return 1 + y * y; } };

struct Asin { static constexpr auto name = "asin";
    TAPEGRAD_ROW f(const auto& x) { return asin(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / sqrt(1 - x * x); } };

struct Acos { static constexpr auto name = "acos";
    TAPEGRAD_ROW f(const auto& x) { return acos(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return -1 / sqrt(1 - x * x); } };

struct Atan { static constexpr auto name = "atan";
    TAPEGRAD_ROW f(const auto& x) { return atan(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / (1 + x * x); } };

struct Sinh { static constexpr auto name = "sinh";
    TAPEGRAD_ROW f(const auto& x) { return sinh(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return cosh(x); } };

struct Cosh { static constexpr auto name = "cosh";
    TAPEGRAD_ROW f(const auto& x) { return cosh(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return sinh(x); } };

struct Tanh { static constexpr auto name = "tanh";
    TAPEGRAD_ROW f(const auto& x) { return tanh(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return 1 - y * y; } };

struct Sigmoid { static constexpr auto name = "sigmoid";  // exp may overflow: 1 / inf is the 0 that it should be
    TAPEGRAD_ROW f(const auto& x) { return 1 / (1 + exp(-x)); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y * (1 - y); } };

struct Erf { static constexpr auto name = "erf";
    TAPEGRAD_ROW f(const auto& x) { return erf(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1.1283791670955125739 * exp(-(x * x)); } };  // 2 / sqrt(pi)

struct Add { static constexpr auto name = "add";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return a + b; }
    TAPEGRAD_ROW da(const auto&, const auto&, const auto&) { return One(); }
    TAPEGRAD_ROW db(const auto&, const auto&, const auto&) { return One(); } };

struct Sub { static constexpr auto name = "sub";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return a - b; }
    TAPEGRAD_ROW da(const auto&, const auto&, const auto&) { return One(); }
    TAPEGRAD_ROW db(const auto&, const auto&, const auto&) { return MinusOne(); } };

struct Mul { static constexpr auto name = "mul";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return a * b; }
    TAPEGRAD_ROW da(const auto&, const auto& b, const auto&) { return b; }
    TAPEGRAD_ROW db(const auto& a, const auto&, const auto&) { return a; } };

struct Div { static constexpr auto name = "div";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return a / b; }
    TAPEGRAD_ROW da(const auto&, const auto& b, const auto&) { return 1 / b; }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return -a / (b * b); } };

struct Pow { static constexpr auto name = "pow";  // by the exponent 0 where the base is 0 and b >= 0
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return pow(a, b); }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return where(b == 0, 0, b * pow(a, b - 1)); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto& y) { return y * log(where(a == 0, where(b >= 0, 1, a), a)); } };

struct Atan2 { static constexpr auto name = "atan2";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return atan2(a, b); }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return b / (a * a + b * b); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return -a / (a * a + b * b); } };

struct Maximum { static constexpr auto name = "maximum";  // half to each at a tie; NaN passes to both
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return max(a, b); }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return where(a < b, 0, where(a == b, 0.5, like(a, 1))); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return where(b < a, 0, where(a == b, 0.5, like(a, 1))); } };

struct Minimum { static constexpr auto name = "minimum";  // half to each at a tie; NaN passes to both
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return min(a, b); }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return where(b < a, 0, where(a == b, 0.5, like(a, 1))); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return where(a < b, 0, where(a == b, 0.5, like(a, 1))); } };

#undef TAPEGRAD_ROW
// clang-format on

}
