#include <tapegrad/simd/group_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tapegrad;
using Numbers = std::vector<double>;

namespace {

Numbers wave(int64_t n, double step) {
    Numbers x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(step * static_cast<double>(i) + 0.5);
    return x;
}
const double* at(const Numbers& x, int64_t i) { return x.data() + i; }

/// Moments, results and gradients of every set, one element at a time.
void check(const simd::NormSets& s) {
    CAPTURE(s.outer);
    CAPTURE(s.channels);
    CAPTURE(s.inner);
    CAPTURE(s.groups);
    const int64_t n = s.outer * s.channels * s.inner;
    const Numbers x = wave(n, 0.7), dy = wave(n, 1.3), w = wave(s.channels, 2), b = wave(s.channels, 3);
    Numbers y(x.size()), dx(x.size()), dw(w.size()), db(w.size()), mean(static_cast<std::size_t>(s.sets())),
        variance = mean;
    const double eps = 0.1;
    simd::group_norm(x.data(), w.data(), b.data(), y.data(), mean.data(), variance.data(), s, eps);
    simd::group_norm_backward(x.data(), w.data(), mean.data(), variance.data(), dy.data(), dx.data(),
                              dw.data(), db.data(), s, eps);
    // Without a gradient through the moments.
    simd::NormSets given = s;
    given.given = true;
    Numbers dx_given(x.size()), dw_given(w.size()), db_given(w.size());
    simd::group_norm_backward(x.data(), w.data(), mean.data(), variance.data(), dy.data(), dx_given.data(),
                              dw_given.data(), db_given.data(), given, eps);
    CHECK(dw_given == dw);
    CHECK(db_given == db);
    Numbers want_dw(w.size()), want_db(w.size());
    double error = 0;
    for (int64_t set = 0; set < s.sets(); ++set) {
        const auto each = [&](const auto& f) {
            for (int64_t r = 0; r < s.runs(); ++r)
                for (int64_t i = 0; i < s.inner; ++i) {
                    const int64_t run = s.run(set, r);
                    f(run * s.inner + i, run % s.channels);
                }
        };
        const auto size = static_cast<double>(s.size());
        double m = 0, v = 0, sum = 0, dot = 0;
        each([&](int64_t i, int64_t) { m += *at(x, i) / size; });
        each([&](int64_t i, int64_t) { v += (*at(x, i) - m) * (*at(x, i) - m) / size; });
        const double r = 1 / std::sqrt(v + eps);
        const auto h = [&](int64_t i) { return (*at(x, i) - m) * r; };
        each([&](int64_t i, int64_t c) {
            sum += *at(dy, i) * *at(w, c) / size;
            dot += *at(dy, i) * *at(w, c) * h(i) / size;
            want_dw[static_cast<std::size_t>(c)] += *at(dy, i) * h(i);
            want_db[static_cast<std::size_t>(c)] += *at(dy, i);
        });
        each([&](int64_t i, int64_t c) {
            error = std::fmax(error, std::fabs(*at(y, i) - (h(i) * *at(w, c) + *at(b, c))));
            error = std::fmax(error, std::fabs(*at(dx_given, i) - r * *at(dy, i) * *at(w, c)));
            error = std::fmax(error, std::fabs(*at(dx, i) - r * (*at(dy, i) * *at(w, c) - sum - h(i) * dot)));
        });
        error = std::fmax(error, std::fabs(*at(mean, set) - m) + std::fabs(*at(variance, set) - v));
    }
    for (std::size_t c = 0; c < w.size(); ++c)
        error = std::fmax(error, std::fabs(dw[c] - want_dw[c]) + std::fabs(db[c] - want_db[c]));
    CHECK(error < 1e-12 * static_cast<double>(10 + s.outer * s.inner));
}

}

TEST_CASE("group_norm: sets of runs") {
    for (const int64_t inner : {1, 2, 7, 8, 9, 17, 40}) {
        for (const int64_t groups : {1, 2, 6}) check({3, 6, inner, groups});
        check({5, 6, inner, 0});
    }
    for (const int64_t channels : {1, 7, 8, 9, 33}) check({300, channels, 1, 0});
}

TEST_CASE("group_norm: nothing") {
    Numbers dw{7, 7}, db{7, 7}, mean(2), variance(2), none;
    simd::group_norm<double>(none.data(), nullptr, nullptr, none.data(), mean.data(), variance.data(),
                             {0, 2, 1}, 0.1);
    simd::group_norm_backward<double>(none.data(), nullptr, mean.data(), variance.data(), none.data(),
                                      none.data(), dw.data(), db.data(), {0, 2, 1}, 0.1);
    CHECK(dw == Numbers{0, 0});
    CHECK(db == Numbers{0, 0});
}
