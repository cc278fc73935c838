#include <tapegrad/simd/nonzero.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("nonzero: the places, in order, for any number of threads", T, float, double, int32_t,
                   bool) {
    for (const int threads : {1, 2, 3})
        for (const int64_t n : {0, 1, 17, 32768, 100000}) {
            const support::Threads scope(threads);
            std::unique_ptr<T[]> x(new T[static_cast<std::size_t>(n) + 1]);
            std::vector<int64_t> want;
            for (int64_t i = 0; i < n; ++i) {
                x[static_cast<std::size_t>(i)] = static_cast<T>(i * i % 3);
                if (i * i % 3 != 0) want.push_back(i);
            }
            const simd::NonzeroPlaces<T> places(x.get(), n);
            REQUIRE(places.count() == static_cast<int64_t>(want.size()));
            std::vector<int64_t> got(want.size());
            places.write(got.data());
            CHECK(got == want);
        }
}

TEST_CASE("nonzero: NaN is not 0, -0 is") {
    const float x[] = {0.0F, -0.0F, std::numeric_limits<float>::quiet_NaN(), 1e-45F};
    CHECK(simd::count_nonzero(x, 4) == 2);
}

TEST_CASE("unravel: value") {
    const int64_t places[] = {0, 5, 23};
    int64_t got[9];
    simd::unravel(places, 3, {2, 3, 4}, got);
    CHECK(std::vector<int64_t>(got, got + 9) == std::vector<int64_t>{0, 0, 0, 0, 1, 1, 1, 2, 3});
}
