#include <tapegrad/simd/sorted_rows.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace tapegrad;
using Ids = std::vector<int64_t>;

namespace {

template <class T>
Ids order_of(const std::vector<T>& x, int64_t n) {
    Ids places(static_cast<std::size_t>(n));
    simd::order_rows(x.data(), n, n > 0 ? static_cast<int64_t>(x.size()) / n : 0, places.data());
    return places;
}

}

TEST_CASE_TEMPLATE("sorted_rows: by the first number that differs; equals keep their order", T, float, double,
                   int32_t, int64_t, uint8_t) {
    CHECK(order_of<T>({3, 1, 1, 9, 3, 0, 1, 9, 1, 8}, 5) == Ids{4, 1, 3, 2, 0});
    CHECK(order_of<T>({}, 0).empty());
    CHECK(order_of<T>({}, 3) == Ids{0, 1, 2});  // rows of nothing are equal
    // Against digits: row i holds those of a number, so the order is that of the numbers.
    std::vector<T> x;
    const auto number = [](int64_t i) { return i * 577 % 243; };
    for (int64_t i = 0; i < 243; ++i)
        for (const int64_t digit : {81, 27, 9, 3, 1}) x.push_back(static_cast<T>(number(i) / digit % 3));
    const Ids places = order_of(x, 243);
    for (int64_t k = 0; k < 243; ++k) CHECK(number(places[static_cast<std::size_t>(k)]) == k);
}

TEST_CASE("sorted_rows: NaN is the largest, both zeros are one") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    CHECK(order_of<double>({missing, 1, 5, 2, missing, 0, 5, missing}, 4) == Ids{1, 3, 2, 0});
    CHECK(order_of<double>({0.0, 1, -0.0, 1, -0.0, 0}, 3) == Ids{2, 0, 1});
}

TEST_CASE("sorted_rows: runs of equal rows") {
    const float missing = std::numeric_limits<float>::quiet_NaN();
    const float x[] = {1, 2, 1, 2, 0, 5, -0.0f, 5, 1, missing, 1, missing};
    int64_t starts[6];
    REQUIRE(simd::find_row_runs(x, nullptr, 6, 2, starts) == 4);
    CHECK((starts[0] == 0 && starts[1] == 2 && starts[2] == 4 && starts[3] == 5));
    const int64_t places[] = {0, 2, 1, 3, 4, 5};
    CHECK(simd::find_row_runs(x, places, 6, 2, nullptr) == 6);
    CHECK(simd::find_row_runs(x, nullptr, 0, 2, nullptr) == 0);
    CHECK(simd::find_row_runs(x, nullptr, 6, 0, nullptr) == 1);
}
