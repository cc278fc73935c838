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

struct Rsqrt { static constexpr auto name = "rsqrt";
    TAPEGRAD_ROW f(const auto& x) { return 1 / sqrt(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return -0.5 * y * y * y; } };

struct Reciprocal { static constexpr auto name = "reciprocal";
    TAPEGRAD_ROW f(const auto& x) { return 1 / x; }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return -y * y; } };

struct Exp { static constexpr auto name = "exp";
    TAPEGRAD_ROW f(const auto& x) { return exp(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y; } };

struct Exp2 { static constexpr auto name = "exp2";
    TAPEGRAD_ROW f(const auto& x) { return exp2(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return 0.69314718055994530942 * y; } };

struct Expm1 { static constexpr auto name = "expm1";
    TAPEGRAD_ROW f(const auto& x) { return expm1(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y + 1; } };

struct Log { static constexpr auto name = "log";
    TAPEGRAD_ROW f(const auto& x) { return log(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / x; } };

struct Log2 { static constexpr auto name = "log2";
    TAPEGRAD_ROW f(const auto& x) { return log2(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1.4426950408889634074 / x; } };

struct Log10 { static constexpr auto name = "log10";
    TAPEGRAD_ROW f(const auto& x) { return log10(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 0.43429448190325182765 / x; } };

struct Log1p { static constexpr auto name = "log1p";
    TAPEGRAD_ROW f(const auto& x) { return log1p(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / (1 + x); } };

struct Log1mexp { static constexpr auto name = "log1mexp";
    TAPEGRAD_ROW f(const auto& x) { return where(x > -0.69314718055994530942, log(-expm1(x)), log1p(-exp(x))); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return -1 / expm1(-x); } };

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
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / sqrt((1 - x) * (1 + x)); } };

struct Acos { static constexpr auto name = "acos";
    TAPEGRAD_ROW f(const auto& x) { return acos(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return -1 / sqrt((1 - x) * (1 + x)); } };

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

struct Asinh { static constexpr auto name = "asinh";
    TAPEGRAD_ROW f(const auto& x) { return asinh(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / sqrt(x * x + 1); } };

struct Acosh { static constexpr auto name = "acosh";
    TAPEGRAD_ROW f(const auto& x) { return acosh(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / sqrt((x - 1) * (x + 1)); } };

struct Atanh { static constexpr auto name = "atanh";
    TAPEGRAD_ROW f(const auto& x) { return atanh(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1 / ((1 - x) * (1 + x)); } };

struct Tanhshrink { static constexpr auto name = "tanhshrink";
    TAPEGRAD_ROW f(const auto& x) { return tanhshrink(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { const auto t = tanh(x); return t * t; } };

struct Sigmoid { static constexpr auto name = "sigmoid";  // exp may overflow: 1 / inf is the 0 that it should be
    TAPEGRAD_ROW f(const auto& x) { return 1 / (1 + exp(-x)); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return y * (1 - y); } };

struct Erf { static constexpr auto name = "erf";
    TAPEGRAD_ROW f(const auto& x) { return erf(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 1.1283791670955125739 * exp(-(x * x)); } };  // 2 / sqrt(pi)

struct Erfc { static constexpr auto name = "erfc";
    TAPEGRAD_ROW f(const auto& x) { return erfc(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return -1.1283791670955125739 * exp(-(x * x)); } };

struct Ndtr { static constexpr auto name = "ndtr";
    TAPEGRAD_ROW f(const auto& x) { return ndtr(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return 0.39894228040143267794 * exp(-0.5 * (x * x)); } };  // 1 / sqrt(2 pi)

struct Erfinv { static constexpr auto name = "erfinv";  // sqrt(pi) / 2
    TAPEGRAD_ROW f(const auto& x) { return erfinv(x); }
    TAPEGRAD_ROW df(const auto&, const auto& y) { return 0.88622692545275801365 * exp(y * y); } };

struct Lgamma { static constexpr auto name = "lgamma";
    TAPEGRAD_ROW f(const auto& x) { return lgamma(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return digamma(x); } };

struct Digamma { static constexpr auto name = "digamma";
    TAPEGRAD_ROW f(const auto& x) { return digamma(x); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return polygamma(1, x); } };

struct Polygamma { static constexpr auto name = "polygamma";
    int n = 1;
    TAPEGRAD_INLINE constexpr auto f(const auto& x) const { return polygamma(n, x); }
    TAPEGRAD_INLINE constexpr auto df(const auto& x, const auto&) const { return polygamma(n + 1, x); } };

struct NanToNum { static constexpr auto name = "nan_to_num";  // 0 at what is replaced
    double nan = 0, high = 0, low = 0;
    bool keep_high = true, keep_low = true;  // the largest number of the type instead of `high`, `low`
    TAPEGRAD_INLINE constexpr auto f(const auto& x) const { return replace_specials(x, *this); }
    TAPEGRAD_ROW df(const auto& x, const auto&) { return where(x - x == 0, like(x, 1), 0); } };

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

struct Hypot { static constexpr auto name = "hypot";  // NaN at (0, 0)
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return hypot(a, b); }
    TAPEGRAD_ROW da(const auto& a, const auto&, const auto& y) { return a / y; }
    TAPEGRAD_ROW db(const auto&, const auto& b, const auto& y) { return b / y; } };

struct Fmod { static constexpr auto name = "fmod";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return fmod(a, b); }
    TAPEGRAD_ROW da(const auto&, const auto&, const auto&) { return One(); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return -trunc(a / b); } };

struct Remainder { static constexpr auto name = "remainder";
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return remainder(a, b); }
    TAPEGRAD_ROW da(const auto&, const auto&, const auto&) { return One(); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return -floor(a / b); } };

struct Xlogy { static constexpr auto name = "xlogy";  // by a 0 where a is 0 and b <= 0
    TAPEGRAD_ROW f(const auto& a, const auto& b) { return where(b != b, b, where(a == 0, 0, a * log(b))); }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return where(b <= 0, where(a == 0, 0, log(b)), log(b)); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return a / b; } };

struct Logaddexp { static constexpr auto name = "logaddexp";  // half to each of two equal infinities
    TAPEGRAD_ROW f(const auto& a, const auto& b) {
        const auto m = max(a, b);
        return where(a == b, m + 0.69314718055994530942, m + log1p(exp(min(a, b) - m)));
    }
    TAPEGRAD_ROW da(const auto& a, const auto& b, const auto&) { return where(a - b == a - b, sigmoid(a - b), 0.5); }
    TAPEGRAD_ROW db(const auto& a, const auto& b, const auto&) { return where(a - b == a - b, sigmoid(b - a), 0.5); } };

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
