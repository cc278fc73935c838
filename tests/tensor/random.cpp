#include <tapegrad/tensor/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace tapegrad;

namespace {
template <class T>
double mean_of(const Tensor<T>& x) {
    double total = 0;
    for (const T v : to_vector(x)) total += static_cast<double>(v);
    return total / static_cast<double>(x.numel());
}
}

TEST_CASE_TEMPLATE("random tensor: values are those of the fills", T, float, double) {
    Generator a(7, 3), b(7, 3);
    const Tensor<T> x = rand<T>({3, 41}, a), z = randn<T>({5}, a);
    std::vector<T> uniform(123), normal(5);
    fill_uniform(uniform.data(), 123, b);
    fill_normal(normal.data(), 5, b);
    CHECK(to_vector(x) == uniform);
    CHECK(to_vector(z) == normal);
    CHECK(x.shape() == Shape{3, 41});
    CHECK(a.offset() == b.offset());
}

TEST_CASE("random tensor: the default generator") {
    manual_seed(5);
    const auto x = to_vector(rand<float>({4})), y = to_vector(rand<float>({4}));
    CHECK(x != y);
    manual_seed(5);
    CHECK(to_vector(rand<float>({4})) == x);
    Generator same(5);
    CHECK(to_vector(rand<float>({4}, same)) == x);
}

TEST_CASE("random tensor: like another") {
    Generator a(1), b(1);
    const auto x = zeros<double>({2, 3});
    CHECK(to_vector(rand_like(x, a)) == to_vector(rand<double>({2, 3}, b)));
    CHECK(to_vector(randn_like(x, a)) == to_vector(randn<double>({2, 3}, b)));
    CHECK(to_vector(randint_like(zeros<int32_t>({4}), 0, 9, a)) == to_vector(randint<int32_t>(0, 9, {4}, b)));
    CHECK(rand_like(x, a).shape() == Shape{2, 3});
}

TEST_CASE("random tensor: sizes 0 and 1") {
    CHECK(rand<float>({0, 3}).numel() == 0);
    CHECK(randn<float>({}).rank() == 0);
    CHECK(randperm(0).numel() == 0);
    CHECK(randperm(1).item() == 0);
    CHECK(multinomial(Tensor<float>{1}, 0).shape() == Shape{0});
}

TEST_CASE("random tensor: moments") {
    Generator g(11);
    constexpr int64_t n = 100000;
    // Five standard errors: 5 * 0.289 / sqrt(n), 5 / sqrt(n), 5 * sqrt(.3 * .7 / n).
    CHECK(std::fabs(mean_of(rand<float>({n}, g)) - 0.5) < 0.0046);
    CHECK(std::fabs(mean_of(randn<double>({n}, g))) < 0.0159);
    CHECK(std::fabs(mean_of(bernoulli<bool>(0.3, {n}, g)) - 0.3) < 0.0073);
    CHECK(std::fabs(mean_of(bernoulli(full<float>({n}, 0.3f), g)) - 0.3) < 0.0073);
}

TEST_CASE("random tensor: randint") {
    Generator g(2);
    const auto x = to_vector(randint<uint8_t>(250, 256, {1000}, g));
    std::vector<int> count(256);
    for (const uint8_t v : x) ++count[v];
    for (int v = 0; v < 256; ++v) CHECK((count[static_cast<std::size_t>(v)] > 0) == (v >= 250));
    CHECK(randint(-3, -2, {2, 2}, g)(1, 1) == -3);
    CHECK_THROWS_WITH_AS(randint(3, 3, {1}), "randint: low 3 is not below high 3", ValueError);
    CHECK_THROWS_WITH_AS(randint<uint8_t>(0, 257, {1}), "randint: uint8 does not hold all of [0, 257)",
                         ValueError);
    CHECK_THROWS_WITH_AS(randint<uint8_t>(-1, 2, {1}), "randint: uint8 does not hold all of [-1, 2)",
                         ValueError);
}

TEST_CASE_TEMPLATE("random tensor: bernoulli of a tensor of probabilities", T, float, double) {
    Generator g(3);
    const auto p = Tensor<T>{0, 1, 0, 1};
    for (int i = 0; i < 50; ++i) CHECK(to_vector(bernoulli(p, g)) == std::vector<T>{0, 1, 0, 1});
    const T nan = std::numeric_limits<T>::quiet_NaN();
    CHECK_THROWS_WITH_AS(bernoulli(Tensor<T>{T(0.5), T(1.5)}), "bernoulli: probability 1.5 is outside [0, 1]",
                         ValueError);
    CHECK_THROWS_AS(bernoulli(Tensor<T>{nan}), ValueError);
    CHECK_THROWS_WITH_AS(bernoulli<T>(-0.5, {1}), "bernoulli: probability -0.5 is outside [0, 1]",
                         ValueError);
}

TEST_CASE("random tensor: randperm") {
    Generator g(4);
    std::vector<int> first(5);
    for (int round = 0; round < 2000; ++round) {
        const auto p = to_vector(randperm(5, g));
        std::vector<bool> seen(5);
        for (const int64_t v : p) seen.at(static_cast<std::size_t>(v)) = true;
        for (const bool s : seen) REQUIRE(s);
        ++first[static_cast<std::size_t>(p[0])];
    }
    // 400 expected; five standard deviations are 5 sqrt(2000 * 0.2 * 0.8) = 89.
    for (const int c : first) CHECK(std::abs(c - 400) < 90);
    CHECK_THROWS_WITH_AS(randperm(-1), "randperm: n is -1; it must not be negative", ValueError);
}

TEST_CASE_TEMPLATE("multinomial: frequencies", T, float, double) {
    Generator g(9);
    const auto w = Tensor<T>{{1, 0, 3, 4}, {0, 0, 0, 2}};
    constexpr int64_t n = 40000;
    const auto y = multinomial(w, n, true, g);
    CHECK(y.shape() == Shape{2, n});
    std::vector<double> count(4);
    for (int64_t i = 0; i < n; ++i) {
        count[static_cast<std::size_t>(y(0, i))] += 1.0 / n;
        REQUIRE(y(1, i) == 3);
    }
    // Five standard errors of a frequency near 1/2 are 0.0125.
    CHECK(count[0] == doctest::Approx(0.125).epsilon(0.1));
    CHECK(count[1] == 0);
    CHECK(std::fabs(count[2] - 0.375) < 0.0125);
    CHECK(std::fabs(count[3] - 0.5) < 0.0125);
}

TEST_CASE("multinomial: without replacement") {
    Generator g(10);
    const auto w = Tensor<double>{1, 0, 3, 4};
    constexpr int rounds = 20000;
    double first = 0, second_after_3 = 0, with_3_first = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto y = multinomial(w, 3, false, g);
        REQUIRE(y(0) != y(1));
        REQUIRE(y(0) != y(2));
        REQUIRE(y(1) != y(2));
        REQUIRE((y(0) != 1 && y(1) != 1 && y(2) != 1));
        first += y(0) == 2 ? 1.0 / rounds : 0;
        with_3_first += y(0) == 3 ? 1 : 0;
        second_after_3 += y(0) == 3 && y(1) == 2 ? 1 : 0;
    }
    // 3 of 8; and, once the 4 has gone, 3 of 4. Five standard errors: 0.0171 and 0.0217.
    CHECK(std::fabs(first - 0.375) < 0.0171);
    CHECK(std::fabs(second_after_3 / with_3_first - 0.75) < 0.0217);
}

TEST_CASE("multinomial: errors") {
    CHECK_THROWS_WITH_AS(multinomial(Tensor<float>{1, -1}, 1),
                         "multinomial: weight -1 at place 1 is negative or not finite", ValueError);
    CHECK_THROWS_AS(multinomial(Tensor<float>{1, std::numeric_limits<float>::infinity()}, 1), ValueError);
    CHECK_THROWS_AS(multinomial(Tensor<float>{std::numeric_limits<float>::quiet_NaN(), 1}, 1), ValueError);
    CHECK_THROWS_WITH_AS(multinomial(Tensor<float>{0, 0}, 1), "multinomial: no weight is above 0",
                         ValueError);
    CHECK_THROWS_WITH_AS(multinomial(Tensor<float>{1, 0, 1}, 3),
                         "multinomial: 3 samples without replacement from 2 weights above 0", ValueError);
    CHECK_THROWS_WITH_AS(multinomial(Tensor<float>(1.0f), 1),
                         "multinomial: weights () have neither one axis nor two", ShapeError);
    CHECK_THROWS_WITH_AS(multinomial(Tensor<float>{1}, -2), "multinomial: n is -2; it must not be negative",
                         ValueError);
}
