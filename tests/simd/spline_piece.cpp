#include <tapegrad/simd/spline_piece.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace tapegrad;
using simd::Batch;

namespace {

using Numbers = std::array<double, 7>;  // x, x0, w, y0, h, d0, d1

template <class T>
simd::detail::SplinePiece<T> piece_of(const Numbers& p) {
    const auto b = [&](std::size_t i) { return Batch<T>(static_cast<T>(p[i])); };
    return {b(1), b(2), b(3), b(4), b(5), b(6)};
}
template <class T>
T first(const Batch<T>& b) {
    T v[Batch<T>::size];
    b.store(v);
    return v[0];
}
template <class T>
T place(const Numbers& p) {
    return (static_cast<T>(p[0]) - static_cast<T>(p[1])) / static_cast<T>(p[2]);
}
double value(const Numbers& p, bool inverse) {
    const auto piece = piece_of<double>(p);
    const Batch<double> at(p[0]);
    return first(
        (inverse ? simd::detail::spline_inverse(piece, at) : simd::detail::spline_value(piece, at)).value);
}
double log_slope(const Numbers& p, bool inverse) {
    const auto piece = piece_of<double>(p);
    const Batch<double> at(p[0]);
    return first((inverse ? simd::detail::spline_inverse(piece, at) : simd::detail::spline_value(piece, at))
                     .log_slope);
}

/// Steep at either end, at both, at none; flat ones too.
constexpr Numbers pieces[] = {{0.3, 0, 1, 0, 1, 1, 1},
                              {0.6, 0.5, 0.25, -1, 0.5, 0.1, 30},
                              {0.55, 0.5, 0.25, -1, 0.5, 30, 0.1},
                              {2.2, 2, 0.5, 1, 0.1, 5, 7},
                              {-0.7, -1, 0.4, 0, 2, 0.001, 0.002}};

}

TEST_CASE_TEMPLATE("spline piece: its ends, its inverse", T, float, double) {
    const double tolerance = std::same_as<T, float> ? 2e-6 : 1e-14;
    for (const Numbers& p : pieces) {
        const auto piece = piece_of<T>(p);
        const auto low = simd::detail::spline_value(piece, piece.x0);
        const auto high = simd::detail::spline_value(piece, piece.x0 + piece.w);
        CHECK(std::abs(first(low.value - piece.y0)) <= tolerance);
        CHECK(std::abs(first(high.value - piece.y0 - piece.h)) <= tolerance);
        CHECK(std::abs(double(first(low.log_slope)) - std::log(p[5])) <=
              200 * tolerance);  // a flat end beside a steep piece
        CHECK(std::abs(double(first(high.log_slope)) - std::log(p[6])) <=
              200 * tolerance);  // a flat end beside a steep piece
        for (int i = 0; i <= 10; ++i) {
            const Batch<T> x = piece.x0 + Batch<T>(T(i) / T(10)) * piece.w;
            const auto y = simd::detail::spline_value(piece, x);
            const auto back = simd::detail::spline_inverse(piece, y.value);
            const double worst = 1 + std::exp(-static_cast<double>(first(y.log_slope)));
            CHECK(std::abs(first(back.value - x)) <= tolerance * worst);
        }
    }
}

TEST_CASE("spline piece: gradients of both directions against differences") {
    for (Numbers p : pieces)
        for (const bool inverse : {false, true}) {
            if (inverse) p[0] = value(p, false);
            const auto piece = piece_of<double>(p);
            const Batch<double> at(p[0]);
            const Batch<double> a =
                inverse ? simd::detail::spline_place(piece, at) : Batch<double>(place<double>(p));
            const simd::detail::SplineTerms<double> terms(piece, a);
            for (const double g_log : {0.0, 1.0}) {
                const Batch<double> gv(1 - g_log), gl(g_log);
                const auto g = inverse ? simd::detail::spline_inverse_gradient(piece, terms, gv, gl)
                                       : simd::detail::spline_gradient(piece, terms, gv, gl);
                const Batch<double> got[] = {g.x,       g.piece.x0, g.piece.w, g.piece.y0,
                                             g.piece.h, g.piece.d0, g.piece.d1};
                for (std::size_t i = 0; i < 7; ++i) {
                    const auto f = [&](double v) {
                        Numbers moved = p;
                        moved[i] = v;
                        return g_log > 0 ? log_slope(moved, inverse) : value(moved, inverse);
                    };
                    const double h = 1e-6 * std::fmax(1e-3, std::abs(p[i]));
                    const double difference = (f(p[i] + h) - f(p[i] - h)) / (2 * h);
                    CAPTURE(i);
                    CHECK(std::abs(first(got[i]) - difference) <= 2e-6 * (1 + std::abs(difference)));
                }
            }
        }
}
