#include <tapegrad/simd/winograd_maps.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace tapegrad;
using simd::Batch;

namespace {

/// Numbers that no map takes for one another.
template <class T, std::size_t N>
void fill(Batch<T> (&x)[N], int seed) {
    for (std::size_t i = 0; i < N; ++i)
        x[i] = Batch<T>(static_cast<T>((static_cast<int>(i) * 7 + seed) % 11 - 5));
}
template <class T>
double lane(const Batch<T>& x) {
    T lanes[Batch<T>::size];
    x.store(lanes);
    return static_cast<double>(lanes[0]);
}
template <class T, std::size_t N>
double dot(const Batch<T> (&a)[N], const Batch<T> (&b)[N]) {
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += lane(a[i]) * lane(b[i]);
    return sum;
}

}

TEST_CASE_TEMPLATE("winograd maps: four correlations with three weights by six products", T, float, double) {
    for (int seed = 0; seed < 11; ++seed) {
        Batch<T> d[6], g[3], v[6], u[6], y[4];
        fill(d, seed);
        fill(g, 2 * seed + 1);
        simd::detail::WinogradPlaces::apply(d, v);
        simd::detail::winograd_filter(g, u);
        for (int i = 0; i < 6; ++i) v[i] *= u[i];
        simd::detail::winograd_result(v, y);
        for (int i = 0; i < 4; ++i) {
            double sum = 0;
            for (int k = 0; k < 3; ++k) sum += lane(d[i + k]) * lane(g[k]);
            CHECK(lane(y[i]) == doctest::Approx(sum).epsilon(1e-4));
        }
    }
}

TEST_CASE_TEMPLATE("winograd maps: <A y, m> = <y, A' m> and <G g, u> = <g, G' u>", T, float, double) {
    for (int seed = 0; seed < 11; ++seed) {
        Batch<T> y[4], m[6], a[6], at[4], g[3], gu[6], u[6], gt[3];
        fill(y, seed);
        fill(m, 3 * seed + 2);
        simd::detail::WinogradSlopes::apply(y, a);
        simd::detail::winograd_result(m, at);
        CHECK(dot(a, m) == dot(y, at));
        fill(g, seed);
        fill(u, 5 * seed + 1);
        simd::detail::winograd_filter(g, gu);
        simd::detail::winograd_filter_slope(u, gt);
        CHECK(dot(gu, u) == doctest::Approx(dot(g, gt)).epsilon(1e-5));
    }
}
