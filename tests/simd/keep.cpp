#include <tapegrad/simd/keep.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../support/values.hpp"

namespace {

using namespace tapegrad;

template <class T>
struct Row {
    std::vector<T> values;
    std::vector<int64_t> names;
    bool operator==(const Row&) const = default;
};

/// What stays of x, by a plain loop.
template <class T, class Stays>
Row<T> reference(const std::vector<T>& x, const std::vector<int64_t>& names, Stays stays) {
    Row<T> row;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!stays(x[i])) continue;
        row.values.push_back(x[i]);
        row.names.push_back(names.empty() ? static_cast<int64_t>(i) : names[i]);
    }
    return row;
}
template <class T, class Kernel>
Row<T> kept(const std::vector<T>& x, const std::vector<int64_t>& names, Kernel kernel) {
    Row<T> row{std::vector<T>(x.size()), std::vector<int64_t>(x.size())};
    const int64_t count =
        kernel(x.data(), names.empty() ? nullptr : names.data(), row.values.data(), row.names.data());
    row.values.resize(static_cast<std::size_t>(count));
    row.names.resize(static_cast<std::size_t>(count));
    return row;
}

}

TEST_CASE_TEMPLATE("keep: rows of every length, against a plain loop", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    for (int64_t n = 0; n < 4 * simd::width<T> + 2; ++n) {
        CAPTURE(n);
        auto x = support::random_values<T>(n, 5);
        if (n > 3) x[3] = -inf;
        if (n > 9) x[9] = nan;
        std::vector<int64_t> names;
        for (int64_t i = 0; i < n; ++i) names.push_back(1000 + 3 * i);
        for (const T limit : {T(-2), T(-0.5), T(0.7), T(2), -inf})
            for (const auto& named : {std::vector<int64_t>{}, names}) {
                CHECK(kept<T>(x, named, [&](const T* v, const int64_t* of, T* to, int64_t* of_kept) {
                          return simd::keep_at_least(v, of, n, limit, to, of_kept);
                      }) == reference(x, named, [=](T v) { return v >= limit; }));
                CHECK(kept<T>(x, named, [&](const T* v, const int64_t* of, T* to, int64_t* of_kept) {
                          return simd::keep_within(v, of, n, T(0.25), limit, to, of_kept);
                      }) == reference(x, named, [=](T v) { return std::abs(v - T(0.25)) <= limit; }));
            }
    }
}

TEST_CASE_TEMPLATE("keep: in place", T, float, double) {
    const auto x = support::random_values<T>(1000, 7);
    const auto want = reference(x, {}, [](T v) { return v >= T(0.2); });
    Row<T> row{x, std::vector<int64_t>(x.size())};
    for (std::size_t i = 0; i < x.size(); ++i) row.names[i] = static_cast<int64_t>(i);
    const int64_t count = simd::keep_at_least(row.values.data(), row.names.data(), int64_t{1000}, T(0.2),
                                              row.values.data(), row.names.data());
    row.values.resize(static_cast<std::size_t>(count));
    row.names.resize(static_cast<std::size_t>(count));
    CHECK(row == want);
}
