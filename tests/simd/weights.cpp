#include <tapegrad/simd/weights.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/values.hpp"

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> logits(int64_t n, unsigned seed) {
    auto x = support::random_values<T>(n, seed);
    for (T& v : x) v *= T(6);
    return x;
}

}

TEST_CASE_TEMPLATE("weights: sums of every length", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    const int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{1023}, int64_t{1024},
                            int64_t{1025}, int64_t{50257}}) {
        CAPTURE(n);
        auto x = logits<T>(n, 3);
        if (n > 2) x[1] = -inf;
        if (n > 3) x[2] = std::numeric_limits<T>::lowest();
        long double total = 0, weighted = 0;
        for (const T v : x) {
            const long double d = static_cast<long double>(v) - 6, w = std::exp(d);
            total += w;
            if (w > 0) weighted += w * d;
        }
        const auto sums = simd::sum_weights(x.data(), n, T(6));
        const double tolerance = 20 * static_cast<double>(std::numeric_limits<T>::epsilon());
        CHECK(std::abs(sums.total - static_cast<double>(total)) <= tolerance * static_cast<double>(total));
        CHECK(std::abs(sums.weighted - static_cast<double>(weighted)) <=
              -tolerance * static_cast<double>(weighted));
    }
}

TEST_CASE_TEMPLATE("weights: a draw is the first place whose running sum is above", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{1}, W + 1, int64_t{1024}, int64_t{1025}, int64_t{5000}}) {
        CAPTURE(n);
        const auto x = logits<T>(n, 4);
        std::vector<double> running;
        double total = 0;
        for (const T v : x) running.push_back(total += std::exp(static_cast<double>(v) - 6));
        const double tolerance = 20 * static_cast<double>(std::numeric_limits<T>::epsilon()) * total;
        int64_t wrong = 0;
        for (int i = 0; i < 2000; ++i) {
            const double u = (i + 0.5) / 2000;
            const auto at = static_cast<std::size_t>(simd::draw_weighted(x.data(), n, T(6), u).place);
            REQUIRE(at < x.size());
            wrong +=
                running[at] < u * total - tolerance || (at > 0 && running[at - 1] > u * total + tolerance);
        }
        CHECK(wrong == 0);
        const auto drawn = simd::draw_weighted(x.data(), n, T(6), 0.3);
        const auto sums = simd::sum_weights(x.data(), n, T(6));
        CHECK(drawn.sums.total == sums.total);
        CHECK(drawn.sums.weighted == sums.weighted);
    }
}

TEST_CASE_TEMPLATE("weights: what has no weight is never drawn", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    for (const int64_t n : {int64_t{3}, int64_t{40}, int64_t{3000}}) {
        std::vector<T> x(static_cast<std::size_t>(n), -inf);
        CHECK(simd::draw_weighted(x.data(), n, T(0), 0.5).place == -1);
        for (const int64_t place : {int64_t{0}, n / 2, n - 1}) {
            x[static_cast<std::size_t>(place)] = T(0);
            for (const double u : {0.0, 0.5, std::nextafter(1.0, 0.0), 1.0})
                CHECK(simd::draw_weighted(x.data(), n, T(0), u).place == place);
            x[static_cast<std::size_t>(place)] = -inf;
        }
    }
    CHECK(simd::draw_weighted<T>(nullptr, 0, T(0), 0.5).place == -1);
}
