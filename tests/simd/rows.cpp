#include <tapegrad/simd/rows.hpp>

#include <doctest/doctest.h>

#include <tapegrad/simd/functions.hpp>
#include <vector>

using namespace tapegrad;
using simd::Batch;
namespace row = simd::row;

namespace {

using B = Batch<double>;
double first(const B& b) {
    double v[B::size];
    b.store(v);
    return v[0];
}
double number(const B& b) { return first(b); }
double number(simd::One) { return 1; }
double number(simd::MinusOne) { return -1; }
double number(simd::Zero) { return 0; }

template <class Row>
void check_unary(std::initializer_list<double> points, const Row& row = {}) {
    CAPTURE(Row::name);
    for (const double x : points) {
        CAPTURE(x);
        const double h = 1e-5;
        const double slope = (first(row.f(B(x + h))) - first(row.f(B(x - h)))) / (2 * h);
        CHECK(number(row.df(B(x), row.f(B(x)))) == doctest::Approx(slope).epsilon(1e-7));
    }
}
template <class Row>
void check_binary(std::initializer_list<std::pair<double, double>> points) {
    CAPTURE(Row::name);
    for (const auto& [a, b] : points) {
        CAPTURE(a);
        CAPTURE(b);
        const double h = 1e-5;
        const B y = Row::f(B(a), B(b));
        const double by_a = (first(Row::f(B(a + h), B(b))) - first(Row::f(B(a - h), B(b)))) / (2 * h);
        const double by_b = (first(Row::f(B(a), B(b + h))) - first(Row::f(B(a), B(b - h)))) / (2 * h);
        CHECK(number(Row::da(B(a), B(b), y)) == doctest::Approx(by_a).epsilon(1e-7));
        CHECK(number(Row::db(B(a), B(b), y)) == doctest::Approx(by_b).epsilon(1e-7));
    }
}

}

TEST_CASE("rows: each derivative is that of its function") {
    const auto all = {-2.3, -0.4, 0.3, 1.7};
    const auto positive = {0.2, 1.0, 7.5};
    const auto unit = {-0.8, -0.1, 0.5};
    check_unary<row::Neg>(all);
    check_unary<row::Abs>(all);
    check_unary<row::Sign>(all);
    check_unary<row::Floor>(all);
    check_unary<row::Ceil>(all);
    check_unary<row::Round>(all);
    check_unary<row::Trunc>(all);
    check_unary<row::Sqrt>(positive);
    check_unary<row::Exp>(all);
    check_unary<row::Expm1>(all);
    check_unary<row::Log>(positive);
    check_unary<row::Log1p>(unit);
    check_unary<row::Sin>(all);
    check_unary<row::Cos>(all);
    check_unary<row::Tan>(unit);
    check_unary<row::Asin>(unit);
    check_unary<row::Acos>(unit);
    check_unary<row::Atan>(all);
    check_unary<row::Sinh>(all);
    check_unary<row::Cosh>(all);
    check_unary<row::Tanh>(all);
    check_unary<row::Tanhshrink>(all);
    check_unary<row::Sigmoid>(all);
    check_unary<row::Erf>(all);
    check_unary<row::Rsqrt>(positive);
    check_unary<row::Reciprocal>(all);
    check_unary<row::Exp2>(all);
    check_unary<row::Log2>(positive);
    check_unary<row::Log10>(positive);
    check_unary<row::Log1mexp>({-7.5, -0.7, -0.2});
    check_unary<row::Asinh>(all);
    check_unary<row::Acosh>({1.2, 7.5});
    check_unary<row::Atanh>(unit);
    check_unary<row::Erfc>(all);
    check_unary<row::Ndtr>(all);
    check_unary<row::Erfinv>(unit);
    check_unary<row::Lgamma>(all);
    check_unary<row::Digamma>(all);
    for (const int n : {0, 1, 2, 5}) check_unary<row::Polygamma>({0.4, 1.7, 20.5}, {n});
    check_unary<row::NanToNum>(all);
    check_binary<row::Add>({{1, 2}});
    check_binary<row::Sub>({{1, 2}});
    check_binary<row::Mul>({{1, 2}, {-3, 0.5}});
    check_binary<row::Div>({{1, 2}, {-3, 0.5}});
    check_binary<row::Pow>({{1.5, 2}, {0.5, -3}, {2, 0}});
    check_binary<row::Atan2>({{1, 2}, {-3, -0.5}, {0.5, -2}});
    check_binary<row::Hypot>({{1, 2}, {-3, 0.5}});
    check_binary<row::Fmod>({{7.3, 2.1}, {-7.3, 2.1}, {0.5, -2}});
    check_binary<row::Remainder>({{7.3, 2.1}, {-7.3, 2.1}, {0.5, -2}});
    check_binary<row::Xlogy>({{1, 2}, {-3, 0.5}, {0, 2}});
    check_binary<row::Logaddexp>({{1, 2}, {2, 2}, {-3, 0.5}});
    check_binary<row::Maximum>({{1, 2}, {2, 1}});
    check_binary<row::Minimum>({{1, 2}, {2, 1}});
}

TEST_CASE("rows: where there is no derivative, PyTorch's choice") {
    const B zero(0.0), one(1.0), two(2.0);
    CHECK(number(row::Abs::df(zero, zero)) == 0);
    CHECK(number(row::Maximum::da(one, one, one)) == 0.5);
    CHECK(number(row::Maximum::db(one, one, one)) == 0.5);
    CHECK(number(row::Minimum::da(one, one, one)) == 0.5);
    CHECK(number(row::Pow::da(zero, zero, one)) == 0);
    CHECK(number(row::Pow::db(zero, zero, one)) == 0);
    CHECK(number(row::Pow::db(zero, two, zero)) == 0);
    CHECK(std::isinf(number(row::Pow::db(zero, B(-1.0), B(std::numeric_limits<double>::infinity())))));
    CHECK(number(row::Sqrt::df(zero, zero)) == std::numeric_limits<double>::infinity());
    const B infinite(std::numeric_limits<double>::infinity());
    CHECK(number(row::Xlogy::da(zero, zero, zero)) == 0);
    CHECK(number(row::Xlogy::da(zero, B(-1.0), zero)) == 0);
    CHECK(std::isnan(number(row::Xlogy::da(one, B(-1.0), zero))));
    CHECK(number(row::Logaddexp::da(infinite, infinite, infinite)) == 0.5);
    CHECK(number(row::Logaddexp::db(-infinite, -infinite, -infinite)) == 0.5);
    CHECK(number(row::Logaddexp::da(-infinite, zero, zero)) == 0);
    CHECK(std::isnan(number(row::Hypot::da(zero, zero, zero))));
    CHECK(number(row::NanToNum().df(infinite, one)) == 0);
    CHECK(number(row::Log1mexp::df(-infinite, zero)) == 0);
    const B none(std::numeric_limits<double>::quiet_NaN());
    CHECK(number(row::Maximum::da(none, one, none)) == 1);
    CHECK(number(row::Maximum::db(none, one, none)) == 1);
    CHECK(number(row::Sigmoid::f(B(-1000.0))) == 0);
    CHECK(number(row::Sigmoid::df(zero, row::Sigmoid::f(B(-1000.0)))) == 0);
}
