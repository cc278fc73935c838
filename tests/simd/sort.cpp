#include <tapegrad/simd/sort.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

/// Many ties, both zeros, infinities and NaN.
template <class T>
std::vector<T> odd_values(int64_t n, uint32_t kinds) {
    std::vector<T> x(static_cast<std::size_t>(n));
    uint32_t seed = 9;
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        const auto pick = static_cast<int64_t>((seed >> 8) % kinds);
        v = static_cast<T>(pick - (std::is_signed_v<T> ? kinds / 2 : 0));
        if constexpr (std::is_floating_point_v<T>) {
            constexpr T limit = std::numeric_limits<T>::infinity();
            const T odd[] = {std::numeric_limits<T>::quiet_NaN(), T(-0.0), T(0), limit, -limit,
                             std::numeric_limits<T>::denorm_min()};
            if (seed >> 29 == 0) v = odd[(seed >> 16) % 6];
        }
    }
    return x;
}

/// Whether a comes before b; NaN is the largest.
template <class T>
bool before(T a, T b, bool descending) {
    if (descending) return before(b, a, false);
    return a < b || (a == a && b != b);
}

template <class T>
std::vector<int64_t> reference(const T* x, int64_t n, bool descending) {
    std::vector<int64_t> places(static_cast<std::size_t>(n));
    std::iota(places.begin(), places.end(), 0);
    // std::stable_sort would do; clang warns of what libstdc++ 12 uses inside it.
    std::sort(places.begin(), places.end(), [&](int64_t a, int64_t b) {
        return before(x[a], x[b], descending) || (!before(x[b], x[a], descending) && a < b);
    });
    return places;
}

}

TEST_CASE_TEMPLATE("sort: rows of every length, against a stable order", T, float, double, int32_t, int64_t,
                   uint8_t) {
    for (const int64_t n : {int64_t{1}, int64_t{2}, int64_t{15}, int64_t{95}, int64_t{96}, int64_t{191},
                            int64_t{192}, int64_t{5000}})
        for (const bool descending : {false, true}) {
            CAPTURE(n);
            const auto x = odd_values<T>(3 * n, 3000);
            std::vector<T> values(x.size());
            std::vector<int64_t> places(x.size());
            simd::sort(x.data(), values.data(), places.data(), 3, n, descending);
            int64_t wrong = 0;
            for (int64_t o = 0; o < 3; ++o) {
                const auto want = reference(x.data() + o * n, n, descending);
                wrong += !std::equal(want.begin(), want.end(), places.begin() + o * n);
                for (int64_t i = 0; i < n; ++i)
                    wrong +=
                        std::memcmp(
                            &values[static_cast<std::size_t>(o * n + i)],
                            &x[static_cast<std::size_t>(o * n + places[static_cast<std::size_t>(o * n + i)])],
                            sizeof(T)) != 0;
            }
            CHECK(wrong == 0);
        }
}

TEST_CASE_TEMPLATE("sort: the first k of a row are those that sort puts there", T, float, double, int64_t) {
    for (const int64_t n : {int64_t{1}, int64_t{7}, int64_t{40}, int64_t{1000}, int64_t{3001}})
        for (const uint32_t kinds : {3U, 100000U})
            for (const int64_t k : {int64_t{0}, int64_t{1}, int64_t{2}, n / 5, n / 2, n - 1, n})
                for (const bool largest : {false, true}) {
                    if (k > n) continue;
                    CAPTURE(n);
                    CAPTURE(k);
                    const auto x = odd_values<T>(2 * n, kinds);
                    std::vector<T> values(static_cast<std::size_t>(2 * k));
                    std::vector<int64_t> places(values.size());
                    simd::topk(x.data(), values.data(), places.data(), 2, n, k, largest, true);
                    bool right = true;
                    for (int64_t o = 0; o < 2; ++o) {
                        auto want = reference(x.data() + o * n, n, largest);
                        want.resize(static_cast<std::size_t>(k));
                        right &= std::equal(want.begin(), want.end(), places.begin() + o * k);
                    }
                    CHECK(right);
                    simd::topk(x.data(), values.data(), places.data(), 2, n, k, largest, false);
                    CHECK(std::is_sorted(places.begin(), places.begin() + k));
                }
}

TEST_CASE("sort: rising and falling rows, where every element is among the best so far") {
    const int64_t n = 5000;
    std::vector<float> x(n);
    for (int64_t i = 0; i < n; ++i) x[static_cast<std::size_t>(i)] = static_cast<float>(i);
    std::vector<float> values(10);
    std::vector<int64_t> places(10);
    for (const bool largest : {false, true}) {
        simd::topk(x.data(), values.data(), places.data(), 1, n, 10, largest, true);
        CHECK(places[9] == (largest ? n - 10 : 9));
    }
}

TEST_CASE("sort: the element of a rank, and the most frequent one") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> x{3, 1, 2, 1, 5, 3, missing, 0, 3, missing};
    int64_t places[2];
    simd::kth(x.data(), places, 2, 5, 1);
    CHECK(places[0] == 3);  // 1, the second of two
    CHECK(places[1] == 0);
    simd::kth(x.data(), places, 2, 5, 2, true);
    CHECK(places[0] == 2);
    CHECK(places[1] == 1);  // NaN
    simd::mode(x.data(), places, 2, 5);
    CHECK(places[0] == 3);
    CHECK(places[1] == 3);
}

TEST_CASE("sort: the same for any number of threads") {
    const auto x = odd_values<float>(64 * 3000, 100000);
    std::vector<int64_t> one(x.size()), three(x.size());
    {
        const support::Threads threads(1);
        simd::sort<float>(x.data(), nullptr, one.data(), 64, 3000, false);
    }
    const support::Threads threads(3);
    simd::sort<float>(x.data(), nullptr, three.data(), 64, 3000, false);
    CHECK(one == three);
}
