#include <tapegrad/simd/optimizer.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0);
    }
    return x;
}

template <class T>
double worst(const std::vector<T>& got, const std::vector<double>& expected) {
    double error = 0;
    for (std::size_t i = 0; i < got.size(); ++i)
        error = std::max(error, std::abs(static_cast<double>(got[i]) - expected[i]));
    return error;
}

template <class T>
std::vector<int64_t> lengths() {
    const int64_t W = simd::width<T>;
    return {0, 1, W - 1, W, W + 1, 2 * W + 1, 70'001};
}

}

TEST_CASE_TEMPLATE("optimizer: adamw over 20 steps", T, float, double) {
    for (const bool amsgrad : {false, true})
        for (const int64_t n : lengths<T>()) {
            CAPTURE(n);
            const simd::AdamW o{.lr = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-7, .weight_decay = 0.1};
            std::vector<T> p = values<T>(n, 1), m(p.size()), v(p.size()), top(p.size());
            std::vector<double> rp(p.begin(), p.end()), rm(p.size()), rv(p.size()), rtop(p.size());
            for (int64_t step = 1; step <= 20; ++step) {
                const std::vector<T> g = values<T>(n, static_cast<uint32_t>(step) + 7);
                simd::adamw_step(p.data(), g.data(), m.data(), v.data(), amsgrad ? top.data() : nullptr, n,
                                 step, o);
                const double bias1 = 1 - std::pow(o.beta1, static_cast<double>(step));
                const double bias2 = 1 - std::pow(o.beta2, static_cast<double>(step));
                for (std::size_t i = 0; i < p.size(); ++i) {
                    const double slope = static_cast<double>(g[i]);
                    rp[i] *= 1 - o.lr * o.weight_decay;
                    rm[i] = o.beta1 * rm[i] + (1 - o.beta1) * slope;
                    rv[i] = o.beta2 * rv[i] + (1 - o.beta2) * slope * slope;
                    rtop[i] = std::max(rtop[i], rv[i]);
                    const double square = amsgrad ? rtop[i] : rv[i];
                    rp[i] -= o.lr / bias1 * rm[i] / (std::sqrt(square) / std::sqrt(bias2) + o.eps);
                }
            }
            // Twenty steps, each with a rounding of p, |p| <= 1.2, and of a step of at most 0.02.
            const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
            CHECK(worst(p, rp) < 20 * eps);
            CHECK(worst(m, rm) < 10 * eps);
            CHECK(worst(v, rv) < 10 * eps);
            if (amsgrad) CHECK(worst(top, rtop) < 10 * eps);
        }
}

TEST_CASE_TEMPLATE("optimizer: sgd over 10 steps", T, float, double) {
    const simd::SGD plain{.lr = 0.1}, decayed{.lr = 0.1, .weight_decay = 0.2},
        heavy{.lr = 0.1, .momentum = 0.9};
    const simd::SGD damped{.lr = 0.1, .momentum = 0.7, .dampening = 0.3, .weight_decay = 0.1};
    const simd::SGD nesterov{.lr = 0.1, .momentum = 0.8, .weight_decay = 0.05, .nesterov = true};
    for (const simd::SGD& o : {plain, decayed, heavy, damped, nesterov})
        for (const int64_t n : lengths<T>()) {
            std::vector<T> p = values<T>(n, 1), b(p.size(), std::numeric_limits<T>::quiet_NaN());
            std::vector<double> rp(p.begin(), p.end()), rb(p.size());
            for (int step = 0; step < 10; ++step) {
                const std::vector<T> g = values<T>(n, static_cast<uint32_t>(step) + 3);
                simd::sgd_step(p.data(), g.data(), o.momentum != 0 ? b.data() : nullptr, n, step == 0, o);
                for (std::size_t i = 0; i < p.size(); ++i) {
                    double slope = static_cast<double>(g[i]) + o.weight_decay * rp[i];
                    if (o.momentum != 0) {
                        rb[i] = step == 0 ? slope : o.momentum * rb[i] + (1 - o.dampening) * slope;
                        slope = o.nesterov ? slope + o.momentum * rb[i] : rb[i];
                    }
                    rp[i] -= o.lr * slope;
                }
            }
            // Ten steps of at most 0.5, each rounded.
            CHECK(worst(p, rp) < 30 * static_cast<double>(std::numeric_limits<T>::epsilon()));
        }
}

TEST_CASE_TEMPLATE("optimizer: sum of squares and scaling", T, float, double) {
    for (const int64_t n : lengths<T>()) {
        std::vector<T> x = values<T>(n, 5);
        double expected = 0;
        for (const T v : x) expected += static_cast<double>(v) * static_cast<double>(v);
        // Both sides add n doubles.
        CHECK(std::abs(simd::sum_of_squares(x.data(), n) - expected) <= 1e-12 * expected);
        std::vector<T> scaled = x;
        simd::scale_in_place(scaled.data(), n, T(0.3));
        int64_t wrong = 0;
        for (std::size_t i = 0; i < x.size(); ++i) wrong += scaled[i] != x[i] * T(0.3);
        CHECK(wrong == 0);
    }
    const float large[] = {1e30f, 1e-30f};
    CHECK(simd::sum_of_squares(large, 1) == doctest::Approx(1e60));
    CHECK(simd::sum_of_squares(large + 1, 1) == doctest::Approx(1e-60));
}

TEST_CASE_TEMPLATE("optimizer: NaN at every position stays there", T, float, double) {
    int64_t wrong = 0;
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            std::vector<T> p = values<T>(n, 1), q = p, g = values<T>(n, 2), m(p.size()), v(p.size()),
                           top(p.size());
            g[i] = std::numeric_limits<T>::quiet_NaN();
            simd::adamw_step(p.data(), g.data(), m.data(), v.data(), top.data(), n, 1, {});
            simd::sgd_step<T>(q.data(), g.data(), nullptr, n, true, {});
            for (std::size_t k = 0; k < p.size(); ++k) {
                wrong += std::isnan(p[k]) != (k == i);
                wrong += std::isnan(q[k]) != (k == i);
                wrong += std::isnan(top[k]) != (k == i);
            }
            wrong += !std::isnan(simd::sum_of_squares(g.data(), n));
        }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("optimizer: the same bits for any number of threads", T, float, double) {
    const int64_t n = 200'003;
    const std::vector<T> g = values<T>(n, 2);
    const int before = num_threads();
    std::vector<T> first;
    double squares = 0;
    for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<T> p = values<T>(n, 1), m(p.size()), v(p.size());
        simd::adamw_step<T>(p.data(), g.data(), m.data(), v.data(), nullptr, n, 1, {});
        const double s = simd::sum_of_squares(p.data(), n);
        if (first.empty()) first = p, squares = s;
        CHECK(first == p);
        CHECK(squares == s);
    }
    set_num_threads(before);
}
