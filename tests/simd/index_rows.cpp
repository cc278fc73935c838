#include <tapegrad/simd/index_rows.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

std::vector<int64_t> some_ids(int64_t count, int64_t size) {
    std::vector<int64_t> ids;
    uint32_t seed = 3;
    for (int64_t i = 0; i < count; ++i) {
        seed = seed * 1664525U + 1013904223U;
        ids.push_back(static_cast<int64_t>(seed >> 3) % size);
    }
    return ids;
}

template <class T>
std::vector<T> values(int64_t n) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>((i * 7919) % 101) / T(3);
    return x;
}

}

TEST_CASE_TEMPLATE("take_rows: value", T, float, double, int64_t, uint8_t) {
    const int64_t W = simd::width<float>;
    for (const int threads : {1, 3})
        for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, 2 * W + 1, int64_t{20000}})
            for (const int64_t count : {0, 1, 50})
                for (const int64_t outer : {0, 1, 3}) {
                    const support::Threads scope(threads);
                    const std::vector<T> x = values<T>(outer * 20 * n);
                    const std::vector<int64_t> ids = some_ids(count, 20);
                    std::vector<T> y(static_cast<std::size_t>(outer * count * n)), expected;
                    simd::take_rows(x.data(), 20, ids.data(), y.data(), outer, count, n);
                    for (int64_t o = 0; o < outer; ++o)
                        for (const int64_t id : ids)
                            expected.insert(expected.end(), x.begin() + (o * 20 + id) * n,
                                            x.begin() + (o * 20 + id + 1) * n);
                    CHECK(y == expected);
                }
}

// Rows are combined in the order of the indices, so that a loop over them gives the same bits.
TEST_CASE_TEMPLATE("combine_rows: value", T, float, double, int32_t) {
    const int64_t W = simd::width<float>;
    const auto check = [](const auto& how, int64_t n, int64_t count, int64_t size, int64_t outer) {
        CAPTURE(n);
        CAPTURE(count);
        CAPTURE(size);
        const std::vector<T> y = values<T>(outer * count * n);
        const std::vector<int64_t> ids = some_ids(count, size);
        std::vector<T> got = values<T>(outer * size * n), expected = got;
        simd::combine_rows(how, y.data(), ids.data(), got.data(), size, outer, count, n);
        for (int64_t row = 0; row < outer * count; ++row)
            for (int64_t k = 0; k < n; ++k) {
                const int64_t id = row / count * size + ids[static_cast<std::size_t>(row % count)];
                T& to = expected[static_cast<std::size_t>(id * n + k)];
                to = how(to, y[static_cast<std::size_t>(row * n + k)]);
            }
        CHECK(got == expected);
    };
    for (const int threads : {1, 2, 3}) {
        const support::Threads scope(threads);
        for (const int64_t n : {int64_t{1}, W - 1, W, 2 * W + 1, int64_t{700}, int64_t{9000}})
            for (const int64_t count : {0, 1, 7, n > 700 ? 40 : 3000})
                for (const int64_t size : {1, 20, n > 700 ? 50 : 5000}) check(simd::Add(), n, count, size, 1);
        for (const int64_t n : {int64_t{1}, W + 1})
            for (const int64_t count : {1, 3000}) {
                check(simd::Add(), n, count, 20, 3);
                check(simd::Replace(), n, count, 20, 3);
                check(simd::Larger(), n, count, 20, 2);
            }
    }
}

TEST_CASE("combine_rows: indices that need every digit of the sort") {
    const int64_t size = (int64_t{1} << 23) + 3;
    std::vector<int64_t> ids{size - 1, 5, int64_t{1} << 22, size - 1, 2048, 5, 0, 2047};
    std::vector<float> y{1, 2, 3, 4, 5, 6, 7, 8}, x(static_cast<std::size_t>(size));
    ids.resize(100, 77);  // fewer are sorted without digits
    y.resize(100);
    simd::combine_rows(simd::Add(), y.data(), ids.data(), x.data(), size, 1, 100, 1);
    CHECK((x.back() == 5 && x[5] == 8 && x[std::size_t{1} << 22] == 3 && x[2048] == 5));
    CHECK((x[0] == 7 && x[2047] == 8));
}

TEST_CASE("repeated_places: value") {
    const int64_t counts[] = {2, 0, 3};
    int64_t places[5];
    simd::repeated_places(counts, 3, places);
    CHECK(std::vector<int64_t>(places, places + 5) == std::vector<int64_t>{0, 0, 2, 2, 2});
}
