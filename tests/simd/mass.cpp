#include <tapegrad/simd/mass.hpp>

#include <doctest/doctest.h>

#include <tapegrad/simd/weights.hpp>

#include "../support/values.hpp"

namespace {

using namespace tapegrad;

/// By a full sort.
template <class T>
T reference(const std::vector<T>& x, T center, T shift, double mass) {
    std::vector<simd::detail::Distant<T>> items;
    for (const T v : x)
        items.push_back({v < center ? center - v : v - center,
                         static_cast<T>(std::exp(static_cast<double>(v) - static_cast<double>(shift)))});
    std::sort(items.begin(), items.end(), [](auto a, auto b) { return a.distance < b.distance; });
    double sum = 0;
    for (const auto& item : items)
        if ((sum += static_cast<double>(item.weight)) >= mass) return item.distance;
    return items.back().distance;
}

template <class T>
void check(const std::vector<T>& x, double tolerance) {
    const auto n = static_cast<int64_t>(x.size());
    const T top = *std::max_element(x.begin(), x.end());
    const auto sums = simd::sum_weights(x.data(), n, top);
    const T expected = top + static_cast<T>(sums.weighted / sums.total);  // the mean logit
    for (const T center : {top, expected})
        for (const double part : {1e-9, 0.01, 0.3, 0.5, 0.9, 0.95, 0.999, 1 - 1e-9}) {
            CAPTURE(n);
            CAPTURE(part);
            const T got = simd::mass_distance(x.data(), n, center, top, sums.total, part * sums.total);
            // Sums in another order may cross one element sooner or later: both masses are near the mark.
            const T low = reference(x, center, top, (part - tolerance) * sums.total);
            const T high = reference(x, center, top, (part + tolerance) * sums.total);
            CHECK(got >= low);
            CHECK(got <= high);
        }
}

}

TEST_CASE_TEMPLATE("mass distance: against a full sort", T, float, double) {
    const double tolerance = sizeof(T) == 4 ? 1e-6 : 1e-12;
    for (const int64_t n :
         {int64_t{1}, int64_t{2}, int64_t{17}, int64_t{128}, int64_t{129}, int64_t{4000}, int64_t{50257}})
        for (const T spread : {T(0.001), T(1), T(10), T(60)}) {
            auto x = support::random_values<T>(n, 3);
            for (T& v : x) v *= spread;
            check(x, tolerance);
            for (T& v : x) v = std::round(v);  // many equals
            check(x, tolerance);
            for (std::size_t i = 1; i < x.size(); i += 3) x[i] = -std::numeric_limits<T>::infinity();
            check(x, tolerance);
        }
}

TEST_CASE_TEMPLATE("mass distance: distances of every size", T, float, double) {
    // Buckets of one round hold many of the next: distances halve from element to element.
    std::vector<T> x;
    for (int i = 0; i < 20000; ++i) x.push_back(-std::ldexp(T(1), -(i % 100)) - T(i) * T(1e-12));
    check(x, sizeof(T) == 4 ? 1e-6 : 1e-12);
    check(std::vector<T>(10000, T(3)), sizeof(T) == 4 ? 1e-6 : 1e-12);
}
