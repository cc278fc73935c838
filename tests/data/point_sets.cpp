#include <tapegrad/data/point_sets.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <vector>

using namespace tapegrad;

namespace {

/// Mean and mean square of each coordinate.
template <class T>
std::array<double, 4> moments(const Tensor<T>& x) {
    std::array<double, 4> m{};
    const double n = static_cast<double>(x.size(0));
    for (int64_t i = 0; i < x.size(0); ++i)
        for (int64_t k = 0; k < 2; ++k) {
            const auto v = static_cast<double>(x.data()[2 * i + k]);
            m[static_cast<std::size_t>(k)] += v / n;
            m[static_cast<std::size_t>(2 + k)] += v * v / n;
        }
    return m;
}

/// Whether each moment is what is expected, to 4 standard errors of values below `largest`.
void check_moments(const std::array<double, 4>& m, const std::array<double, 4>& expected, double largest,
                   int64_t n) {
    const double error = 4 * largest / std::sqrt(static_cast<double>(n));
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        CHECK(std::abs(m[i] - expected[i]) < error);
    }
}

constexpr int64_t n = 20000;

}

TEST_CASE_TEMPLATE("two_moons: half circles, with torchcfm's scaling too", T, float, double) {
    Generator generator(1);
    const Tensor<T> bare = two_moons<T>(n, generator, {.noise = 0});
    CHECK(bare.shape() == Shape{n, 2});
    int64_t upper = 0;
    for (int64_t i = 0; i < n; ++i) {
        const T x = bare.data()[2 * i], y = bare.data()[2 * i + 1];
        const bool on_upper = std::abs(x * x + y * y - 1) < T(1e-5) && y >= T(-1e-6);
        const T a = x - 1, b = y - T(0.5);
        const bool on_lower = std::abs(a * a + b * b - 1) < T(1e-5) && b <= T(1e-6);
        upper += on_upper ? 1 : 0;
        REQUIRE((on_upper || on_lower));
    }
    CHECK(std::abs(upper - n / 2) < 4 * 71);
    // E y = 1/4, E x = 1/2; noise adds its variance, scale and shift act on the whole.
    const auto plain = moments(two_moons<T>(n, generator));
    CHECK(plain[0] == doctest::Approx(0.5).epsilon(0.05));
    CHECK(plain[1] == doctest::Approx(0.25).epsilon(0.05));
    const auto scaled =
        moments(two_moons<T>(n, generator, {.noise = 0, .shared = 0.2, .scale = 3, .shift = -1}));
    CHECK(scaled[0] == doctest::Approx(0.8).epsilon(0.1));
    CHECK(std::abs(scaled[1] - 0.05) < 0.06);
    const Tensor<T> spaced = two_moons<T>(7, generator, {.noise = 0, .spaced = true});
    const T want[] = {1, 0, 0, 1, -1, 0, 0, T(0.5), T(0.5), T(-0.3660254), T(1.5), T(-0.3660254), 2, T(0.5)};
    for (int64_t i = 0; i < 14; ++i) CHECK(std::abs(spaced.data()[i] - want[i]) < T(1e-6));
    CHECK(two_moons<T>(1, generator, {.noise = 0, .spaced = true}).data()[1] == T(0.5));
}

TEST_CASE_TEMPLATE("spirals: two arms that are each other's mirror", T, float, double) {
    Generator generator(2);
    const Tensor<T> x = spirals<T>(n, generator, {.noise = 0});
    for (int64_t i = 0; i < n; ++i) REQUIRE(std::hypot(x.data()[2 * i], x.data()[2 * i + 1]) < T(3.4));
    const auto m = moments(spirals<T>(n, generator));
    CHECK(std::abs(m[0]) < 0.06);
    CHECK(std::abs(m[1]) < 0.06);
    // Mean of a^2 is (3 pi)^2 / 2, and of |x|^2 a ninth of it, and a little by the two uniform numbers.
    CHECK(m[2] + m[3] == doctest::Approx(std::numbers::pi * std::numbers::pi / 2).epsilon(0.05));
}

TEST_CASE_TEMPLATE("eight_gaussians: moments in closed form", T, float, double) {
    Generator generator(3);
    const auto m = moments(eight_gaussians<T>(n, generator));
    const double second = 12.5 + std::sqrt(0.1);
    check_moments(m, {0, 0, second, second}, 12, n);
    std::set<std::array<T, 2>> centres;
    const Tensor<T> bare = eight_gaussians<T>(500, generator, {.radius = 2, .std = 0});
    for (int64_t i = 0; i < 500; ++i) centres.insert({bare.data()[2 * i], bare.data()[2 * i + 1]});
    CHECK(centres.size() == 8);
    for (const auto& [x, y] : centres) CHECK(std::abs(std::hypot(x, y) - 2) < T(1e-6));
}

TEST_CASE_TEMPLATE("checkerboard: even over the dark squares", T, float, double) {
    Generator generator(4);
    const Tensor<T> x = checkerboard<T>(n, generator);
    std::array<std::array<int, 4>, 4> count{};
    for (int64_t i = 0; i < n; ++i) {
        const T a = x.data()[2 * i] / 2 + 2, b = x.data()[2 * i + 1] / 2 + 2;
        REQUIRE(a >= 0);
        REQUIRE(a < 4);
        REQUIRE(b >= 0);
        REQUIRE(b <= 4);
        ++count[static_cast<std::size_t>(a)][std::min<std::size_t>(3, static_cast<std::size_t>(b))];
    }
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = 0; b < 4; ++b) {
            const int expected = (a + b) % 2 == 1 ? static_cast<int>(n) / 8 : 0;
            // A number that rounds up to the next square is allowed.
            CHECK(std::abs(count[a][b] - expected) < (expected > 0 ? 4 * 47 : 2));
        }
}

TEST_CASE_TEMPLATE("rings: four circles", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = rings<T>(n, generator, {.radius = 4, .noise = 0});
    std::array<int, 5> count{};
    for (int64_t i = 0; i < n; ++i) {
        const T r = std::hypot(x.data()[2 * i], x.data()[2 * i + 1]);
        REQUIRE(std::abs(r - std::round(r)) < T(1e-5));
        ++count[static_cast<std::size_t>(std::lround(r))];
    }
    for (std::size_t k = 1; k < 5; ++k) CHECK(std::abs(count[k] - n / 4) < 4 * 62);
    // Mean of |x|^2: that of r_k^2, and two variances.
    const auto m = moments(rings<T>(n, generator));
    CHECK(m[2] + m[3] == doctest::Approx(9 * 30.0 / 64 + 2 * 0.0064).epsilon(0.03));
}

TEST_CASE("point sets: a function of the generator, and errors") {
    Generator a(7), b(7);
    const Tensor<float> first = rings<float>(100, a), again = rings<float>(100, b),
                        next = rings<float>(100, b);
    CHECK(std::equal(first.data(), first.data() + 200, again.data()));
    CHECK(!std::equal(first.data(), first.data() + 200, next.data()));
    CHECK(two_moons<double>(0, a).shape() == Shape{0, 2});
    CHECK_THROWS_WITH_AS(two_moons<float>(-1, a), "two_moons: n is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(spirals<float>(3, a, {.noise = -1}),
                         "spirals: a standard deviation of -1 is negative or not finite", ValueError);
    CHECK_THROWS_AS(checkerboard<float>(-2, a), ValueError);
    CHECK_THROWS_WITH_AS(checkerboard<float>(2, a, {.square = -2}),
                         "checkerboard: a length of -2 is negative or not finite", ValueError);
    CHECK_THROWS_AS(eight_gaussians<float>(2, a, {.std = std::numeric_limits<double>::quiet_NaN()}),
                    ValueError);
    CHECK_THROWS_AS(rings<float>(2, a, {.noise = std::numeric_limits<double>::infinity()}), ValueError);
}
