#include <tapegrad/simd/gamma_sample.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <tapegrad/simd/igamma.hpp>
#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

namespace {
template <class T>
std::vector<T> samples(double a, std::size_t n, Generator& generator) {
    const std::vector<T> shape(n, static_cast<T>(a));
    std::vector<T> y(n);
    simd::fill_log_gamma(shape.data(), y.data(), static_cast<int64_t>(n), generator);
    return y;
}
}

TEST_CASE("gamma_sample: Kolmogorov and Smirnov") {
    const std::size_t n = 20000;
    for (const double a : {0.05, 0.5, 0.99, 1.0, 1.7, 4.0, 60.0, 1e3, 1e6}) {
        Generator generator(11);
        auto y = samples<double>(a, n, generator);
        std::sort(y.begin(), y.end());
        double distance = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const double share = simd::detail::igamma(a, std::exp(y[i]), false);
            distance = std::max(
                {distance, share - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - share});
        }
        CAPTURE(a);
        CHECK(distance * std::sqrt(static_cast<double>(n)) < 2.7);  // once in 10^6, had the seed been another
    }
}

TEST_CASE("gamma_sample: numbers far below the smallest one") {
    Generator generator(1);
    const auto y = samples<float>(1e-4, 2000, generator);
    double sum = 0;
    for (const float v : y) {
        CHECK(std::isfinite(v));
        sum += static_cast<double>(v) * 1e-4;  // about minus an exponential number
    }
    CHECK(std::fabs(sum / 2000 + 1) < 5 / std::sqrt(2000.0));
}

TEST_CASE("gamma_sample: a function of the generator and the place alone") {
    const auto drawn = [](int threads) {
        const support::Threads scope(threads);
        Generator generator(3, 4);
        return samples<double>(0.7, 3000, generator);
    };
    const auto one = drawn(1);
    CHECK(drawn(2) == one);
    CHECK(drawn(3) == one);
    Generator generator(3, 4);
    const auto few = samples<double>(0.7, 10, generator);
    CHECK(std::equal(few.begin(), few.end(), one.begin()));
    CHECK(generator.offset() == 10);
    CHECK(samples<double>(0.7, 1, generator)[0] == one[10]);
}

TEST_CASE("gamma_sample: ends and refusals") {
    Generator generator(1);
    CHECK(samples<float>(0, 1, generator)[0] == -std::numeric_limits<float>::infinity());
    CHECK(samples<float>(std::numeric_limits<double>::infinity(), 1, generator)[0] ==
          std::numeric_limits<float>::infinity());
    CHECK(std::isnan(samples<float>(-1, 1, generator)[0]));
    CHECK(samples<float>(1, 0, generator).empty());
    // Words of which no try is accepted: the third number of each is nearly 1, the first the smallest.
    std::uint32_t words[random_group] = {};
    const auto set_pair = [&](int pair, std::uint32_t value) {
        const int at = pair < 16 ? pair : pair + 16;
        words[at] = words[at + 16] = value;
    };
    for (int k = 0; k < simd::detail::gamma_tries; ++k) {
        set_pair(3 * k, 0);
        set_pair(3 * k + 1, 0x80000000u);
        set_pair(3 * k + 2, 0xffffffffu);
    }
    CHECK(std::isnan(simd::detail::log_gamma_try(1, words)));
}
