// Checks that every elementwise function goes through: a row names the function, what it equals, and where.
// Functions are pointers, so that the checks are compiled once, not once for each row.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <tapegrad/ops/elementwise.hpp>

#include "check_grad.hpp"
#include "tensors.hpp"
#include "threads.hpp"

namespace support {

template <class T>
using Unary = Tensor<T> (*)(const Tensor<T>&);
template <class T>
using Binary = Tensor<T> (*)(const Tensor<T>&, const Tensor<T>&);

struct RowOptions {
    double ulp = 3;          // allowed error of a float in eps (1 + |value|); of a double twice that
    double kink = 99;        // gradients are not compared within 0.05 of kink + an integer multiple of period
    double period = 0;       // 0: one kink
    double absolute = 1e-5;  // of the gradients
};

struct UnaryRow {
    const char* name;
    double low, high;  // where values and gradients are compared
    Unary<float> f32;  // null where floats are checked in tests/operations
    Unary<double> f64;
    double (*reference)(double);
    RowOptions options;
};
struct BinaryRow {
    const char* name;
    double low, high;
    Binary<float> f32;
    Binary<double> f64;
    double (*reference)(double, double);
    RowOptions options;
};
/// f is a generic lambda on tensors.
template <class F>
UnaryRow unary(const char* name, double low, double high, const F& f, double (*g)(double),
               RowOptions o = {}) {
    return {name, low, high, f, f, g, o};
}
/// The same of doubles alone.
template <class F>
UnaryRow unary64(const char* name, double low, double high, const F& f, double (*g)(double),
                 RowOptions o = {}) {
    return {name, low, high, nullptr, f, g, o};
}
template <class F>
BinaryRow binary(const char* name, double low, double high, const F& f, double (*g)(double, double),
                 RowOptions o = {}) {
    return {name, low, high, f, f, g, o};
}

template <class T, class Row>
auto function_of(const Row& row) {
    if constexpr (std::is_same_v<T, float>)
        return row.f32;
    else
        return row.f64;
}

template <class T>
bool within(const RowOptions& o, double got, double want) {
    if (got == want || (got != got && want != want)) return true;
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    return std::fabs(got - want) <= (sizeof(T) == 8 ? 2 : 1) * o.ulp * eps * (1 + std::fabs(want));
}

template <class T>
void check_values(const UnaryRow& row, const Tensor<T>& x) {
    const Tensor<T> y = function_of<T>(row)(x);
    REQUIRE(y.shape() == x.shape());
    for (int64_t i = 0; i < x.numel(); ++i) {
        const auto in = static_cast<double>(x.data()[i]);
        const double got = static_cast<double>(y.data()[i]), want = row.reference(in);
        if (within<T>(row.options, got, want)) continue;
        INFO("x[" << i << "] of " << x.numel() << " = " << in << ": " << got << " for " << want);
        CHECK(false);
        return;
    }
}

/// y = f(x) and the same elements in other layouts and places have the same bits.
template <class T>
void check_layouts(Unary<T> f, const Tensor<T>& x) {
    const Tensor<T> y = f(x);
    const int64_t rows = x.size(0), n = x.size(1);
    CHECK(same_bits(f(spread(x)), y));
    const auto shifted = [&](const Tensor<T>& t) {
        return detail::copy(detail::view_of(t, {rows, n - 1}, {n, 1}, 1));
    };
    CHECK(same_bits(f(detail::view_of(x, {rows, n - 1}, {n, 1}, 1)), shifted(y)));
    CHECK(same_bits(f(shifted(x)), shifted(y)));
    CHECK(same_bits(f(detail::view_of(x, {3, 7}, {0, 0})), detail::copy(detail::view_of(y, {3, 7}, {0, 0}))));
    CHECK(f(Tensor<T>(x.data()[0])).item() == y.data()[0]);
}

template <class T>
void check_type(const UnaryRow& row) {
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{2000}})
        check_values(row, uniform<T>({n}, row.low, row.high, 7));
    check_layouts(function_of<T>(row), uniform<T>({5, 4 * W + 3}, row.low, row.high, 8));
    // NaN stays at its place, wherever that is; +-inf give what the reference gives.
    constexpr double inf = std::numeric_limits<double>::infinity();
    for (const double value : {std::numeric_limits<double>::quiet_NaN(), inf, -inf, 0.0, -0.0})
        for (int64_t at = 0; at <= 2 * W; ++at) {
            Tensor<T> z = uniform<T>({2 * W + 1}, row.low, row.high, 9);
            z.mutable_data()[at] = static_cast<T>(value);
            check_values(row, z);
        }
}

/// x moved away from the kinks.
inline Tensor<double> smooth(const RowOptions& o, Tensor<double> x) {
    double* const p = x.mutable_data();
    for (int64_t i = 0; i < x.numel(); ++i) {
        const double from = p[i] - o.kink;
        if (std::fabs(from - (o.period > 0 ? std::round(from / o.period) * o.period : 0)) < 0.05) p[i] += 0.1;
    }
    return x;
}

inline void check_row(const UnaryRow& row) {
    CAPTURE(row.name);
    if (row.f32 != nullptr) check_type<float>(row);
    check_type<double>(row);
    const double low = std::fmax(row.low, -3), high = std::fmin(row.high, 3);
    const auto f = [&](const std::vector<Tensor<double>>& v) { return row.f64(v[0]); };
    CHECK_GRAD(f, {smooth(row.options, uniform<double>({3, 3}, low, high, 3))}, 3,
               {.absolute = row.options.absolute});
    CHECK_GRAD(f, {spread(smooth(row.options, uniform<double>({2, 3}, low, high, 4)))}, 1);
}

/// Shapes of two inputs, broadcast in every way.
inline std::vector<std::pair<Shape, Shape>> broadcast_pairs() {
    return {{{3, 5}, {3, 5}}, {{3, 5}, {5}}, {{5}, {3, 5}},       {{3, 1}, {1, 5}},    {{3, 5}, {}},
            {{}, {3, 5}},     {{1}, {7}},    {{2, 3, 4}, {3, 1}}, {{2, 1, 4}, {3, 1}}, {{0}, {1}},
            {{0, 3}, {3}},    {{}, {}},      {{2, 130}, {130}},   {{2, 130}, {2, 1}},  {{9, 3}, {3}}};
}

template <class T>
void check_type(const BinaryRow& row) {
    const Binary<T> f = function_of<T>(row);
    for (const auto& [left, right] : broadcast_pairs()) {
        const Tensor<T> a = uniform<T>(left, row.low, row.high, 5),
                        b = uniform<T>(right, row.low, row.high, 6);
        const Tensor<T> y = f(a, b);
        REQUIRE(y.shape() == broadcast_shapes("test", left, right));
        bool right_values = true;
        for_each_place(y.shape(), [&](const Dims& place, int64_t i) {
            const auto u = static_cast<double>(broadcast_at(a, place)),
                       v = static_cast<double>(broadcast_at(b, place));
            right_values &= within<T>(row.options, static_cast<double>(y.data()[i]), row.reference(u, v));
        });
        CHECK_MESSAGE(right_values, left.to_string(), " with ", right.to_string());
        CHECK(same_bits(f(spread(a), b), y));
        CHECK(same_bits(f(a, spread(b)), y));
    }
}

inline void check_row(const BinaryRow& row) {
    CAPTURE(row.name);
    check_type<float>(row);
    check_type<double>(row);
    const auto f = [&](const std::vector<Tensor<double>>& v) { return row.f64(v[0], v[1]); };
    const Tensor<double> a = uniform<double>({2, 3}, row.low, row.high, 3),
                         b = uniform<double>({2, 3}, row.low, row.high, 4);
    CHECK_GRAD(f, {a, b}, 3, {.absolute = row.options.absolute});
    CHECK_GRAD(f, {a, uniform<double>({3}, row.low, row.high, 5)}, 2, {.absolute = row.options.absolute});
    CHECK_GRAD(f, {uniform<double>({1}, row.low, row.high, 6), b}, 2, {.absolute = row.options.absolute});
}

}
