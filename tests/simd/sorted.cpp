#include <tapegrad/simd/sorted.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("sorted: places among sorted numbers of every count", T, float, double, int64_t, uint8_t) {
    for (int64_t n = 0; n <= 33; ++n) {
        std::vector<T> sorted, values;
        for (int64_t i = 0; i < n; ++i) sorted.push_back(static_cast<T>(i / 3 * 2 + 1));  // each three times
        for (int v = 0; v < 30; ++v) values.push_back(static_cast<T>(v));
        for (const bool right : {false, true}) {
            std::vector<int64_t> places(values.size());
            simd::search_sorted(sorted.data(), values.data(), places.data(), 1, n, 30, true, right);
            int64_t wrong = 0;
            for (std::size_t k = 0; k < values.size(); ++k) {
                int64_t want = 0;
                for (const T s : sorted) want += s < values[k] || (right && s == values[k]);
                wrong += places[k] != want;
            }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("sorted: NaN is the largest") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const double sorted[] = {1, 2, missing, missing}, values[] = {2, 5, missing};
    int64_t places[3];
    simd::search_sorted(sorted, values, places, 1, 4, 3, true, false);
    CHECK((places[0] == 1 && places[1] == 2 && places[2] == 2));
    simd::search_sorted(sorted, values, places, 1, 4, 3, true, true);
    CHECK((places[0] == 2 && places[1] == 2 && places[2] == 4));
}

TEST_CASE("sorted: a row for each row of values") {
    const float sorted[] = {1, 3, 10, 30}, values[] = {2, 4, 2, 50};
    int64_t places[4];
    simd::search_sorted(sorted, values, places, 2, 2, 2, false, false);
    CHECK((places[0] == 1 && places[1] == 2 && places[2] == 0 && places[3] == 2));
}

TEST_CASE("sorted: runs, their lengths and members") {
    const int64_t x[] = {4, 4, 7, 7, 7, 1}, was[] = {5, 0, 1, 2, 3, 4};
    int64_t starts[6], counts[6], inverse[6];
    REQUIRE(simd::find_runs(x, 6, starts) == 3);
    simd::measure_runs(starts, 3, 6, was, counts, inverse);
    CHECK((counts[0] == 2 && counts[1] == 3 && counts[2] == 1));
    CHECK((inverse[5] == 0 && inverse[0] == 0 && inverse[1] == 1 && inverse[4] == 2));
    CHECK(simd::find_runs(x, 0, nullptr) == 0);
}

TEST_CASE_TEMPLATE("sorted: bins hold what lies between their edges", T, float, double) {
    // Edges that are not exact: a guess from the width alone would miss.
    const int64_t bins = 30;
    std::vector<T> edges, x;
    for (int64_t b = 0; b <= bins; ++b) edges.push_back(T(0.1) * static_cast<T>(b) / T(3) + T(7));
    for (const T e : edges) {
        x.push_back(e);
        x.push_back(std::nextafter(e, T(0)));
        x.push_back(std::nextafter(e, T(100)));
    }
    x.push_back(std::numeric_limits<T>::quiet_NaN());
    for (const bool even : {false, true}) {
        std::vector<double> counts(bins);
        simd::count_in_bins<T>(x.data(), nullptr, static_cast<int64_t>(x.size()), edges.data(), bins, even,
                               counts.data());
        for (std::size_t b = 0; b < counts.size(); ++b) {
            double want = 0;
            for (const T v : x)
                want += v >= edges[b] && (v < edges[b + 1] || (b + 1 == counts.size() && v == edges[b + 1]));
            CHECK(counts[b] == want);
        }
    }
}
