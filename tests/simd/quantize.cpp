#include <tapegrad/simd/quantize.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("quantize_rows: by its definition, for any group and row stride", T, float, double) {
    constexpr int64_t rows = 5, n = 75, stride = 80;
    std::vector<T> x(rows * stride);
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<T>(static_cast<int>(i * 37 % 101) - 50) / T(7);
    for (const int64_t group : {16, 64, 128}) {
        CAPTURE(group);
        const int64_t groups = (n + group - 1) / group;
        std::vector<std::uint8_t> y(rows * n);
        std::vector<T> scales(static_cast<std::size_t>(rows * groups));
        simd::quantize_rows(x.data(), stride, rows, n, group, y.data(), scales.data());
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t p = 0; p < n; ++p) {
                T largest = 0;
                for (int64_t q = p / group * group; q < n && q < (p / group + 1) * group; ++q)
                    largest = std::max(largest, std::abs(x[static_cast<std::size_t>(i * stride + q)]));
                const T scale = scales[static_cast<std::size_t>(i * groups + p / group)];
                CHECK(scale == largest * T(0.007874));
                const T v = x[static_cast<std::size_t>(i * stride + p)];
                const T back =
                    static_cast<T>(static_cast<std::int8_t>(y[static_cast<std::size_t>(i * n + p)])) * scale;
                CHECK(std::abs(back - v) <= scale * T(0.500001));
            }
    }
}

TEST_CASE_TEMPLATE("quantize_rows: zeros, the largest, the smallest, and what is not finite", T, float,
                   double) {
    constexpr T most = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::denorm_min();
    T x[5 * 16] = {};
    x[16] = -most;
    x[17] = most;
    x[32] = least;
    x[48] = std::numeric_limits<T>::quiet_NaN();
    x[64] = std::numeric_limits<T>::infinity();
    std::uint8_t y[5 * 16];
    T scales[5];
    simd::quantize_rows(x, 16, 5, 16, 16, y, scales);
    for (int p = 0; p < 16; ++p) CHECK(y[p] == 0);
    CHECK(scales[0] == 0);
    CHECK(y[16] == 0x81);  // -127
    CHECK(y[17] == 0x7f);
    CHECK(std::isfinite(scales[1] * 127));
    CHECK(y[32] == 0);
    CHECK(!std::isfinite(scales[3]));
    CHECK(!std::isfinite(scales[4]));
}

TEST_CASE_TEMPLATE("quantize_rows_to_4_bits: by its definition, for any row stride", T, float, double) {
    constexpr int64_t rows = 5, n = 75, stride = 80, groups = 3;
    std::vector<T> x(rows * stride);
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<T>(static_cast<int>(i * 37 % 101) - 50) / T(7);
    std::uint8_t y[rows * groups * 16];
    T scales[rows * groups];
    simd::quantize_rows_to_4_bits(x.data(), stride, rows, n, y, scales);
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t p = 0; p < groups * 32; ++p) {
            T largest = 0;
            for (int64_t q = p / 32 * 32; q < n && q < (p / 32 + 1) * 32; ++q)
                if (const T v = x[static_cast<std::size_t>(i * stride + q)]; std::abs(v) > std::abs(largest))
                    largest = v;
            const T scale = scales[i * groups + p / 32];
            CHECK(scale == largest / -8);
            const int byte = y[(i * groups + p / 32) * 16 + p % 16];
            const int number = (p % 32 < 16 ? byte % 16 : byte / 16) - 8;
            if (p >= n) {
                CHECK(number == 0);
                continue;
            }
            const T steps = x[static_cast<std::size_t>(i * stride + p)] / scale;
            if (steps > T(7.5))
                CHECK(number == 7);
            else
                CHECK(std::abs(static_cast<T>(number) - steps) <= T(0.500001));
        }
}

TEST_CASE_TEMPLATE("quantize_rows_to_4_bits: the largest, the smallest, and what is not finite", T, float,
                   double) {
    constexpr T most = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::denorm_min();
    T x[5 * 32] = {};
    x[32] = most;
    x[33] = -most;
    x[64] = 11 * least;  // its scale has no inverse
    x[96] = std::numeric_limits<T>::quiet_NaN();
    x[128] = -std::numeric_limits<T>::infinity();
    std::uint8_t y[5 * 16];
    T scales[5];
    simd::quantize_rows_to_4_bits(x, 32, 5, 32, y, scales);
    for (int p = 0; p < 16; ++p) CHECK(y[p] == 0x88);
    CHECK(scales[0] == 0);
    CHECK(y[16] == 0x80);
    CHECK(y[17] == 0x8f);
    CHECK(scales[1] == most / -8);
    CHECK(y[32] == 0x88);
    CHECK(!std::isfinite(scales[3]));
    CHECK(!std::isfinite(scales[4]));
}
