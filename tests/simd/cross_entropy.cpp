#include <tapegrad/simd/cross_entropy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;
using simd::CrossEntropy;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed, T range) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0) * range;
    }
    return x;
}

std::vector<int64_t> some_targets(int64_t rows, int64_t classes, int64_t ignored) {
    std::vector<int64_t> out;
    for (int64_t r = 0; r < rows; ++r) out.push_back(r % 4 == 2 ? ignored : (r * 7 + classes - 1) % classes);
    return out;
}

template <class T>
void check(int64_t rows, int64_t classes, const CrossEntropy& o) {
    CAPTURE(rows);
    CAPTURE(classes);
    CAPTURE(o.label_smoothing);
    const auto x = values<T>(rows * classes, 1, T(6)), dloss = values<T>(rows, 2, T(1));
    const auto targets = some_targets(rows, classes, o.ignore_index);
    std::vector<T> loss(dloss.size()), logsum(dloss.size()), dx(x.size());
    REQUIRE(simd::cross_entropy(x.data(), targets.data(), loss.data(), logsum.data(), rows, classes, o) ==
            -1);
    simd::cross_entropy_backward(x.data(), targets.data(), logsum.data(), dloss.data(), 1, T(0.5), dx.data(),
                                 rows, classes, o);
    double worst = 0, worst_dx = 0;
    const double s = o.label_smoothing, count = static_cast<double>(classes);
    for (std::size_t r = 0; r < loss.size(); ++r) {
        const T* row = x.data() + r * static_cast<std::size_t>(classes);
        double total = 0, expected = 0;
        for (int64_t c = 0; c < classes; ++c) total += std::exp(static_cast<double>(row[c]));
        for (int64_t c = 0; c < classes; ++c) {
            const double target = (c == targets[r] ? 1 - s : 0.0) + s / count;
            const double log_p = static_cast<double>(row[c]) - std::log(total);
            const bool counts = targets[r] != o.ignore_index;
            if (counts) expected -= target * log_p;
            const double g = counts ? 0.5 * static_cast<double>(dloss[r]) * (std::exp(log_p) - target) : 0.0;
            const T got = dx[r * static_cast<std::size_t>(classes) + static_cast<std::size_t>(c)];
            worst_dx = std::max(worst_dx, std::abs(static_cast<double>(got) - g));
        }
        worst = std::max(worst, std::abs(static_cast<double>(loss[r]) - expected));
    }
    // Losses up to 23 = log(50257) + 12; the oracle itself rounds its 50257 terms.
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    CHECK(worst < 40 * eps + 1e-11);
    CHECK(worst_dx < 10 * eps + 1e-11);
}

}

TEST_CASE_TEMPLATE("cross_entropy: value and gradient", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t classes :
         {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, 64 * W + 1, int64_t{1000}})
        for (const double smoothing : {0.0, 0.1, 1.0})
            for (const int64_t ignored : {-100, 0})
                if (classes > 0)
                    check<T>(9, classes, {.ignore_index = ignored, .label_smoothing = smoothing});
    check<T>(3, 50257, {});
    check<T>(300, 80, {});
}

TEST_CASE_TEMPLATE("cross_entropy: one dloss for all rows, in place", T, float, double) {
    const auto x = values<T>(50, 1, T(3));
    const auto targets = some_targets(5, 10, -100);
    const std::vector<T> dloss(5, T(2));
    std::vector<T> loss(5), logsum(5), dx(50), in_place = x;
    CHECK(simd::cross_entropy(x.data(), targets.data(), loss.data(), logsum.data(), 5, 10) == -1);
    simd::cross_entropy_backward(x.data(), targets.data(), logsum.data(), dloss.data(), 1, T(1), dx.data(), 5,
                                 10);
    const T two = T(2);
    simd::cross_entropy_backward(in_place.data(), targets.data(), logsum.data(), &two, 0, T(1),
                                 in_place.data(), 5, 10);
    CHECK(dx == in_place);
}

TEST_CASE_TEMPLATE("cross_entropy: an invalid target is named, and nothing is written", T, float, double) {
    const auto x = values<T>(12, 1, T(3));
    std::vector<T> loss(4, T(9)), logsum(4, T(9));
    for (const int64_t bad : {int64_t{3}, int64_t{-1}, int64_t{-100}, std::numeric_limits<int64_t>::max()}) {
        const int64_t targets[] = {0, 2, bad, 1};
        const CrossEntropy o{.ignore_index = -7};
        CHECK(simd::cross_entropy(x.data(), targets, loss.data(), logsum.data(), 4, 3, o) == 2);
        CHECK(loss == std::vector<T>(4, T(9)));
    }
    const int64_t any = 0;
    CHECK(simd::cross_entropy(x.data(), &any, loss.data(), logsum.data(), 1, 0) == 0);
    CHECK(simd::cross_entropy(x.data(), &any, loss.data(), logsum.data(), 0, 3) == -1);
}

TEST_CASE_TEMPLATE("cross_entropy: NaN at every position stays in its row", T, float, double) {
    int64_t wrong = 0;
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (int64_t i = 0; i < n; ++i) {
            auto x = values<T>(2 * n, 1, T(3));
            x[static_cast<std::size_t>(i)] = std::numeric_limits<T>::quiet_NaN();
            const int64_t targets[] = {0, n - 1};
            std::vector<T> loss(2), logsum(2), dx(x.size());
            wrong += simd::cross_entropy(x.data(), targets, loss.data(), logsum.data(), 2, n) != -1;
            const T one = T(1);
            simd::cross_entropy_backward(x.data(), targets, logsum.data(), &one, 0, one, dx.data(), 2, n);
            wrong += !std::isnan(loss[0]) + std::isnan(loss[1]);
            for (int64_t k = 0; k < 2 * n; ++k)
                wrong += std::isnan(dx[static_cast<std::size_t>(k)]) != (k < n);
        }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("cross_entropy: large and infinite logits", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    const T x[] = {T(1e5), T(-1e5), T(0), -inf, T(1), -inf};
    const int64_t targets[] = {1, 1};
    T loss[2], logsum[2], dx[6];
    const T one = T(1);
    CHECK(simd::cross_entropy(x, targets, loss, logsum, 2, 3) == -1);
    simd::cross_entropy_backward(x, targets, logsum, &one, 0, one, dx, 2, 3);
    CHECK((loss[0] == T(2e5) && loss[1] == T(0)));
    CHECK((dx[0] == T(1) && dx[1] == T(-1) && dx[2] == T(0) && dx[3] == T(0) && dx[4] == T(0) &&
           dx[5] == T(0)));
}
