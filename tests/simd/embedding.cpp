#include <tapegrad/simd/embedding.hpp>

#include <doctest/doctest.h>

#include <vector>

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

TEST_CASE_TEMPLATE("embedding: value", T, float, double, int64_t, uint8_t) {
    const int64_t W = simd::width<float>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, 2 * W + 1})
        for (const int64_t count : {0, 1, 50}) {
            const std::vector<T> table = values<T>(20 * n);
            const std::vector<int64_t> ids = some_ids(count, 20);
            std::vector<T> y(static_cast<std::size_t>(count * n)), expected;
            CHECK(simd::embedding(table.data(), 20, ids.data(), y.data(), count, n) == -1);
            for (const int64_t id : ids)
                expected.insert(expected.end(), table.begin() + id * n, table.begin() + (id + 1) * n);
            CHECK(y == expected);
        }
}

TEST_CASE("embedding: an invalid index is named") {
    const std::vector<float> table = values<float>(20);
    float y[8];
    for (const int64_t bad : {int64_t{10}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
        const int64_t ids[] = {0, 9, 3, bad};
        CHECK(simd::embedding(table.data(), 10, ids, y, 4, 2) == 3);
    }
}

// Rows are added in the order of the indices, so that a loop over them gives the same bits.
TEST_CASE_TEMPLATE("embedding: gradient", T, float, double, int32_t) {
    const int64_t W = simd::width<float>;
    const int before = num_threads();
    for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        for (const int64_t n : {int64_t{1}, W - 1, W, 2 * W + 1, int64_t{700}})
            for (const int64_t count : {0, 1, 7, 3000})
                for (const int64_t size : {1, 2, 20, 5000}) {
                    CAPTURE(n);
                    CAPTURE(count);
                    CAPTURE(size);
                    const std::vector<T> dy = values<T>(count * n);
                    const std::vector<int64_t> ids = some_ids(count, size);
                    std::vector<T> got = values<T>(size * n), expected = got;
                    simd::embedding_backward(dy.data(), ids.data(), got.data(), size, count, n,
                                             size > 2 ? 1 : -1);
                    for (int64_t i = 0; i < count; ++i) {
                        const int64_t id = ids[static_cast<std::size_t>(i)];
                        if (size > 2 && id == 1) continue;
                        for (int64_t k = 0; k < n; ++k)
                            expected[static_cast<std::size_t>(id * n + k)] +=
                                dy[static_cast<std::size_t>(i * n + k)];
                    }
                    CHECK(got == expected);
                }
    }
    set_num_threads(before);
}

TEST_CASE("embedding: indices that need every digit of the sort") {
    const int64_t size = (int64_t{1} << 23) + 3;
    const std::vector<int64_t> ids{size - 1, 5, int64_t{1} << 22, size - 1, 2048, 5, 0, 2047};
    std::vector<float> dy{1, 2, 3, 4, 5, 6, 7, 8}, dtable(static_cast<std::size_t>(size));
    simd::embedding_backward(dy.data(), ids.data(), dtable.data(), size, 8, 1);
    CHECK((dtable.back() == 5 && dtable[5] == 8 && dtable[std::size_t{1} << 22] == 3 && dtable[2048] == 5));
    CHECK((dtable[0] == 7 && dtable[2047] == 8));
}
