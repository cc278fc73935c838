#include <tapegrad/simd/fold.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE_TEMPLATE("fold: the tree of reduce_add, and NaN from every element", T, float, double) {
    T v[simd::Batch<T>::size];
    for (std::size_t i = 0; i < simd::Batch<T>::size; ++i) v[i] = T(1) / static_cast<T>(i * i + 3);
    const auto x = simd::Batch<T>::load(v);
    CHECK(simd::detail::fold_sum(x) == simd::reduce_add(x));
    const auto largest = [](const simd::Batch<T>& a, const simd::Batch<T>& b) { return max(a, b); };
    CHECK(simd::detail::fold(x, largest) == T(1) / T(3));
    for (T& e : v) {
        const T before = e;
        e = std::numeric_limits<T>::quiet_NaN();
        CHECK(std::isnan(simd::detail::fold(simd::Batch<T>::load(v), largest)));
        e = T(9);
        CHECK(simd::detail::fold(simd::Batch<T>::load(v), largest) == T(9));
        e = before;
    }
}
