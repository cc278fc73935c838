#include <tapegrad/ops/primitive.hpp>

#include <doctest/doctest.h>

#include "../support/elementwise.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::binary;
using support::message;
using support::unary;
using X = Tensor<double>;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();

double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

#define FUNCTION(expression) [](const auto& x) { return expression; }
const support::UnaryRow rows[] = {
    unary("neg", -9, 9, FUNCTION(-x), [](double x) { return -x; }),
    unary("abs", -9, 9, FUNCTION(abs(x)), std::fabs, {.kink = 0}),
    unary("sign", -9, 9, FUNCTION(sign(x)), sign_of, {.kink = 0}),
    unary("floor", -9, 9, FUNCTION(floor(x)), std::floor, {.kink = 0, .period = 1}),
    unary("ceil", -9, 9, FUNCTION(ceil(x)), std::ceil, {.kink = 0, .period = 1}),
    unary("round", -9, 9, FUNCTION(round(x)), std::nearbyint, {.kink = 0.5, .period = 1}),
    unary("trunc", -9, 9, FUNCTION(trunc(x)), std::trunc, {.kink = 0, .period = 1}),
    unary("sqrt", 0.3, 50, FUNCTION(sqrt(x)), std::sqrt),
    unary("exp", -20, 20, FUNCTION(exp(x)), std::exp),
    unary("expm1", -20, 20, FUNCTION(expm1(x)), std::expm1),
    unary("log", 0.3, 1e6, FUNCTION(log(x)), std::log),
    unary("log1p", -0.7, 1e6, FUNCTION(log1p(x)), std::log1p),
    unary("sin", -100, 100, FUNCTION(sin(x)), std::sin),
    unary("cos", -100, 100, FUNCTION(cos(x)), std::cos),
    unary("tan", -1.2, 1.2, FUNCTION(tan(x)), std::tan, {.absolute = 1e-3}),
    unary("asin", -0.8, 0.8, FUNCTION(asin(x)), std::asin),
    unary("acos", -0.8, 0.8, FUNCTION(acos(x)), std::acos),
    unary("atan", -9, 9, FUNCTION(atan(x)), std::atan),
    unary("sinh", -9, 9, FUNCTION(sinh(x)), std::sinh),
    unary("cosh", -9, 9, FUNCTION(cosh(x)), std::cosh),
    unary("tanh", -9, 9, FUNCTION(tanh(x)), std::tanh),
    unary("erf", -4, 4, FUNCTION(erf(x)), std::erf),
    unary("ndtr", -6, 6, FUNCTION(ndtr(x)), [](double x) { return std::erfc(-x * std::sqrt(0.5)) / 2; }),
    // A scalar in either place of a row of two variables.
    unary("x + 2", -9, 9, FUNCTION(x + 2), [](double x) { return x + 2; }),
    unary("2 - x", -9, 9, FUNCTION(2 - x), [](double x) { return 2 - x; }),
    unary("x * 3", -9, 9, FUNCTION(x * 3), [](double x) { return x * 3; }),
    unary("x / 4", -9, 9, FUNCTION(x / 4), [](double x) { return x / 4; }),
    unary("1 / x", 0.4, 9, FUNCTION(1 / x), [](double x) { return 1 / x; }, {.absolute = 1e-3}),
    unary("pow(x, 2.5)", 0.3, 9, FUNCTION(pow(x, 2.5)), [](double x) { return std::pow(x, 2.5); }),
    unary("pow(x, 3)", -4, 4, FUNCTION(pow(x, 3)), [](double x) { return std::pow(x, 3); }, {.kink = 0}),
    unary("pow(2, x)", -9, 9, FUNCTION(pow(2, x)), [](double x) { return std::pow(2, x); }),
    unary("atan2(x, 2)", -9, 9, FUNCTION(atan2(x, 2)), [](double x) { return std::atan2(x, 2); }),
    unary("maximum(x, 1)", -3, 3, FUNCTION(maximum(x, 1)), [](double x) { return x > 1 || x != x ? x : 1; },
          {.kink = 1}),
    unary("minimum(1, x)", -3, 3, FUNCTION(minimum(1, x)), [](double x) { return x < 1 || x != x ? x : 1; },
          {.kink = 1}),
};
#undef FUNCTION
#define FUNCTION(expression) [](const auto& a, const auto& b) { return expression; }
const support::BinaryRow pairs[] = {
    binary("add", -3, 3, FUNCTION(a + b), [](double a, double b) { return a + b; }),
    binary("sub", -3, 3, FUNCTION(a - b), [](double a, double b) { return a - b; }),
    binary("mul", -3, 3, FUNCTION(a* b), [](double a, double b) { return a * b; }),
    binary("div", 0.5, 3, FUNCTION(a / b), [](double a, double b) { return a / b; }, {.absolute = 1e-3}),
    binary("pow", 0.5, 2, FUNCTION(pow(a, b)), [](double a, double b) { return std::pow(a, b); },
           {.absolute = 1e-4}),
    binary("atan2", 0.5, 3, FUNCTION(atan2(a, b)), [](double a, double b) { return std::atan2(a, b); },
           {.absolute = 1e-3}),
    binary("maximum", -3, 3, FUNCTION(maximum(a, b)), [](double a, double b) { return a > b ? a : b; }),
    binary("minimum", -3, 3, FUNCTION(minimum(a, b)), [](double a, double b) { return a < b ? a : b; }),
};
#undef FUNCTION

/// The gradient of f at one number.
double slope(support::Unary<double> f, double at) {
    const X x = X{at}.requires_grad_();
    const X y = f(x);
    return grad(y, {x})[0].item();
}

}

TEST_CASE("primitive: rows of one variable") {
    for (const auto& row : rows) support::check_row(row);
}
TEST_CASE("primitive: rows of two variables") {
    for (const auto& row : pairs) support::check_row(row);
}

TEST_CASE("primitive: gradients where there is no derivative are PyTorch's") {
    CHECK(slope([](const X& x) { return abs(x); }, 0) == 0);
    CHECK(slope([](const X& x) { return sign(x); }, 0) == 0);
    CHECK(slope([](const X& x) { return maximum(x, 1); }, 1) == 0.5);
    CHECK(slope([](const X& x) { return minimum(1, x); }, 1) == 0.5);
    CHECK(slope([](const X& x) { return sqrt(x); }, 0) == inf);
    CHECK(slope([](const X& x) { return log(x); }, 0) == inf);
    CHECK(slope([](const X& x) { return pow(x, 0); }, 0) == 0);
    CHECK(slope([](const X& x) { return pow(x, 1); }, 0) == 1);
    CHECK(slope([](const X& x) { return pow(x, 2); }, 0) == 0);
    CHECK(slope([](const X& x) { return pow(0, x); }, 2) == 0);
    // A NaN that wins sends each side the whole gradient.
    for (const double other : {1.0, not_a_number}) {
        const X a = X{not_a_number}.requires_grad_(), b = X{other}.requires_grad_();
        const auto d = grad(maximum(a, b), {a, b});
        CHECK(d[0].item() == 1);
        CHECK(d[1].item() == 1);
    }
}

TEST_CASE("primitive: comparisons") {
    const Tensor<float> a{1, 2, 3, NAN, INFINITY, -0.0F}, b{2, 2, 2, NAN, INFINITY, 0.0F};
    CHECK(support::same_bits(a < b, Tensor<bool>{true, false, false, false, false, false}));
    CHECK(support::same_bits(a <= b, Tensor<bool>{true, true, false, false, true, true}));
    CHECK(support::same_bits(a > b, Tensor<bool>{false, false, true, false, false, false}));
    CHECK(support::same_bits(a >= b, Tensor<bool>{false, true, true, false, true, true}));
    CHECK(support::same_bits(a == b, Tensor<bool>{false, true, false, false, true, true}));
    CHECK(support::same_bits(a != b, Tensor<bool>{true, false, true, true, false, false}));
    CHECK(support::same_bits(2 < a, a > 2));
    CHECK(support::same_bits(
        a >= Tensor<float>{{1}, {2}},
        Tensor<bool>{{true, true, true, false, true, false}, {false, true, true, false, true, false}}));
    const Tensor<int64_t> n{1, 2, 3};
    CHECK(support::same_bits(n == 2, Tensor<bool>{false, true, false}));
    const X x = X{1}.requires_grad_();
    CHECK(message<AutogradError>([&] { backward(where(x > 0, x, x * 2)); }) == "nothing thrown");
}

TEST_CASE("primitive: where takes nothing from the side that is not taken, not even NaN") {
    const X a = X{1, not_a_number, 3}.requires_grad_(), b = X{not_a_number, 5, 6}.requires_grad_();
    const Tensor<bool> c{true, false, true};
    const X y = where(c, a, b);
    CHECK(support::same_bits(y, X{1, 5, 3}));
    backward(y, X{1, 10, 100});
    CHECK(support::same_bits(a.grad(), X{1, 0, 100}));
    CHECK(support::same_bits(b.grad(), X{0, 10, 0}));
    // A square root of what is not taken has a slope of infinity there.
    const X x = X{0, 4}.requires_grad_();
    backward(where(x > 0, sqrt(where(x > 0, x, 1)), 0), X{1, 1});
    CHECK(support::same_bits(x.grad(), X{0, 0.25}));
    CHECK_GRAD([&](const auto& v) { return where(c, v[0] * v[1], v[1] * v[1] * v[0]); },
               {support::normal<double>({3}), support::normal<double>({2, 1}, 2)}, 3);
    for (int64_t n : {1, 7, 8, 9, 17, 600}) {
        const Tensor<float> p = support::normal<float>({n}, 1), q = support::normal<float>({n}, 2);
        const Tensor<float> m = where(p < q, p, q);
        CHECK(support::same_bits(m, minimum(p, q)));
    }
}

TEST_CASE_TEMPLATE("primitive: where chooses among elements of every type", T, float, double, bfloat16,
                   float16, int32_t, int64_t, uint8_t, bool) {
    for (const int64_t n : {0, 1, 7, 8, 9, 17, 65, 600}) {
        Tensor<bool> c = zeros<bool>({2, n});
        Tensor<T> a = zeros<T>({2, n}), b = zeros<T>({n}), y = zeros<T>({2, n}), ones = zeros<T>({2, n});
        for (int64_t i = 0; i < 2 * n; ++i) {
            c.mutable_data()[i] = i % 3 != 1;
            a.mutable_data()[i] = static_cast<T>(i / 3 % 2);
            b.mutable_data()[i % n] = static_cast<T>(i % n / 2 % 2);
        }
        for (int64_t i = 0; i < 2 * n; ++i) {
            y.mutable_data()[i] = c.data()[i] ? a.data()[i] : b.data()[i % n];
            ones.mutable_data()[i] = c.data()[i] ? static_cast<T>(1) : b.data()[i % n];
        }
        CHECK(support::same_bits(where(c, a, b), y));
        CHECK(support::same_bits(where(support::spread(c), support::spread(a), support::spread(b)), y));
        CHECK(support::same_bits(where(c, 1, b), ones));
        CHECK(support::same_bits(where(c == false, b, 1), ones));
    }
}

TEST_CASE("primitive: bool tensors compare, false before true") {
    const Tensor<bool> a{false, false, true, true}, b{false, true, false, true};
    CHECK(support::same_bits(a == b, Tensor<bool>{true, false, false, true}));
    CHECK(support::same_bits(a != b, Tensor<bool>{false, true, true, false}));
    CHECK(support::same_bits(a < b, Tensor<bool>{false, true, false, false}));
    CHECK(support::same_bits(a >= b, Tensor<bool>{true, false, true, true}));
    CHECK(support::same_bits(a == false, Tensor<bool>{true, true, false, false}));
    CHECK(support::same_bits(true > b, Tensor<bool>{true, false, true, false}));
}

TEST_CASE("primitive: integers") {
    const Tensor<int64_t> a{7, -3, 5}, b{2, 2, -2};
    CHECK(support::same_bits(a + b * 3 - 1, Tensor<int64_t>{12, 2, -2}));
    CHECK(support::same_bits(maximum(a, b), Tensor<int64_t>{7, 2, 5}));
    CHECK(support::same_bits(where(a > b, a, 0), Tensor<int64_t>{7, 0, 5}));
    CHECK(support::same_bits(minimum(a, 3), Tensor<int64_t>{3, -3, 3}));
    CHECK(support::same_bits(-a, Tensor<int64_t>{-7, 3, -5}));
    CHECK(support::same_bits(abs(a), Tensor<int64_t>{7, 3, 5}));
    CHECK(support::same_bits(sign(a), Tensor<int64_t>{1, -1, 1}));
    CHECK(support::same_bits(fmod(a, b), Tensor<int64_t>{1, -1, 1}));
    CHECK(support::same_bits(remainder(a, b), Tensor<int64_t>{1, 1, -1}));
    CHECK(support::same_bits(remainder(a, 4), Tensor<int64_t>{3, 1, 1}));
    CHECK(support::same_bits(remainder(20, b), Tensor<int64_t>{0, 0, 0}));
    // Beyond the range they wrap.
    constexpr int32_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
    const Tensor<int32_t> edge{low, high};
    CHECK(support::same_bits(edge + Tensor<int32_t>{-1, 1}, Tensor<int32_t>{high, low}));
    CHECK(support::same_bits(edge - Tensor<int32_t>{1, -1}, Tensor<int32_t>{high, low}));
    CHECK(support::same_bits(edge * 2, Tensor<int32_t>{0, -2}));
    CHECK(support::same_bits(-edge, Tensor<int32_t>{low, -high}));
    CHECK(support::same_bits(abs(edge), Tensor<int32_t>{low, high}));
    const Tensor<uint8_t> bytes{250, 3};
    CHECK(support::same_bits(bytes + 10, Tensor<uint8_t>{4, 13}));
    CHECK(support::same_bits(bytes * bytes, Tensor<uint8_t>{36, 9}));
}

TEST_CASE("primitive: digamma, polygamma and erfinv, at every order") {
    const auto points = support::uniform<double>({5}, 0.4, 6.0);
    CHECK_GRAD([](const auto& v) { return digamma(v[0]); }, {points}, 3, {.absolute = 1e-3});
    CHECK_GRAD([](const auto& v) { return polygamma(2, v[0]); }, {points}, 2, {.absolute = 1e-2});
    CHECK_GRAD([](const auto& v) { return digamma(v[0]) + lgamma(v[0]); }, {X{-0.4, -2.3, -7.7}}, 2,
               {.absolute = 1e-2});
    CHECK_GRAD([](const auto& v) { return erfinv(v[0]); }, {X{-0.7, -0.1, 0, 0.4, 0.6}}, 3);
    CHECK(support::close(erf(erfinv(X{-0.99, -0.3, 0, 0.6, 0.999})), X{-0.99, -0.3, 0, 0.6, 0.999}, 1e-15));
    const X x = X{1}.requires_grad_(), y = lgamma(x);
    CHECK(grad(y, {x})[0].item() == doctest::Approx(-0.57721566490153286061).epsilon(1e-15));
}

TEST_CASE("primitive: values and gradients of special values") {
    CHECK(support::same_bits(
        nan_to_num(X{not_a_number, inf, -inf, 1}),
        X{0, std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(), 1}));
    CHECK(support::same_bits(nan_to_num(Tensor<float>{NAN, INFINITY, -INFINITY, 1}, {.nan = 2, .posinf = 3}),
                             Tensor<float>{2, 3, std::numeric_limits<float>::lowest(), 1}));
    const X x = X{not_a_number, inf, -inf, 1}.requires_grad_();
    backward(nan_to_num(x) * 2, ones<double>({4}));
    CHECK(support::same_bits(x.grad(), X{0, 0, 0, 2}));
    CHECK(support::same_bits(xlogy(X{0, 0, 0, 1}, X{0, -1, not_a_number, 0}), X{0, 0, not_a_number, -inf}));
    CHECK(support::same_bits(logaddexp(X{-inf, inf, -inf, 1000}, X{-inf, inf, 0, -1000}),
                             X{-inf, inf, 0, 1000}));
    // Two terms that are not there send half of the gradient to each, not NaN.
    const X a = X{-inf}.requires_grad_();
    CHECK(grad(logaddexp(a, X{-inf}), {a})[0].item() == 0.5);
    CHECK(support::same_bits(
        hypot(X{inf, 3 * 0x1p700, 3 * 0x1p-700}, X{not_a_number, 4 * 0x1p700, 4 * 0x1p-700}),
        X{inf, 5 * 0x1p700, 5 * 0x1p-700}));
    CHECK(support::same_bits(fmod(X{-7, 7, 1}, X{3, -3, inf}), X{-1, 1, 1}));
    CHECK(support::same_bits(remainder(X{-7, 7, 1}, X{3, -3, inf}), X{2, -2, 1}));
    CHECK(remainder(X{-7}, 3).item() == 2);
}

TEST_CASE("primitive: only what a derivative reads is kept alive") {
    X x = support::uniform<double>({100}, 0.5, 0.9);
    x.requires_grad_();
    const auto kept_by =
        [&](support::Unary<double> f) {  // handles of y's elements and of x's that the tape holds
            const auto references = [](const X& t) { return t.body().refs.value(); };
            const auto before = references(x);
            const X in = x * 1;
            const X y = f(in);
            CHECK(references(x) == before + 1);  // the leaf, as the end of an edge
            return std::pair(references(in) - 1, references(y) - 1);
        };
    CHECK(kept_by([](const X& a) { return a + 1; }) == std::pair(0, 0));
    CHECK(kept_by([](const X& a) { return a - 1; }) == std::pair(0, 0));
    CHECK(kept_by([](const X& a) { return a * 3; }) == std::pair(0, 0));
    CHECK(kept_by([](const X& a) { return -a; }) == std::pair(0, 0));
    CHECK(kept_by([](const X& a) { return floor(a); }) == std::pair(0, 0));
    CHECK(kept_by([](const X& a) { return exp(a); }) == std::pair(0, 1));
    CHECK(kept_by([](const X& a) { return tanh(a); }) == std::pair(0, 1));
    CHECK(kept_by([](const X& a) { return sqrt(a); }) == std::pair(0, 1));
    CHECK(kept_by([](const X& a) { return log(a); }) == std::pair(1, 0));
    CHECK(kept_by([](const X& a) { return sin(a); }) == std::pair(1, 0));
    // A factor is kept for the other's gradient alone.
    const X w = support::normal<double>({100}), in = x * 1;
    const X y = in * w;
    CHECK(in.body().refs.is_one());
    CHECK(w.body().refs.value() == 2);
}

TEST_CASE("primitive: the bits do not depend on the number of threads") {
    const Tensor<float> a = support::normal<float>({300, 701}), b = support::normal<float>({701}, 2);
    const Tensor<float> w = support::normal<float>({300, 701}, 3);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> x = detail::copy(a).requires_grad_(), z = detail::copy(b).requires_grad_();
        const Tensor<float> y = exp(x * z) / (1 + x * x);
        backward(y, w);
        return std::array{detail::copy(y), x.grad(), z.grad()};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = run(threads);
        for (std::size_t i = 0; i < 3; ++i) CHECK(support::same_bits(one[i], many[i]));
    }
}

TEST_CASE("primitive: errors") {
    const X a = zeros<double>({2, 3}), b = zeros<double>({4});
    CHECK(message<ShapeError>([&] { static_cast<void>(a + b); }) ==
          "add: shapes (2, 3) and (4,) do not broadcast: sizes 3 and 4 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(a < b); }) ==
          "<: shapes (2, 3) and (4,) do not broadcast: sizes 3 and 4 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(logaddexp(a, b)); }) ==
          "logaddexp: shapes (2, 3) and (4,) do not broadcast: sizes 3 and 4 differ at axis -1");
    const Tensor<int64_t> n{7, 8}, zero{2, 0};
    CHECK(message<Error>([&] { static_cast<void>(remainder(n, zero)); }) ==
          "remainder: b (2,) has a 0, by which integers have no remainder");
    CHECK(message<Error>([&] { static_cast<void>(fmod(n, 0)); }) ==
          "fmod: b () has a 0, by which integers have no remainder");
    CHECK(message<Error>([&] { static_cast<void>(fmod(7, zero)); }) ==
          "fmod: b (2,) has a 0, by which integers have no remainder");
    CHECK(message<Error>([&] { static_cast<void>(polygamma(-1, a)); }) ==
          "polygamma: n = -1 is outside [0, 30]");
    CHECK(message<Error>([&] { static_cast<void>(a + X()); }) == "tensor: used before it was given a value");
}
