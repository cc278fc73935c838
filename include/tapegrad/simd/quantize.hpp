// Floats to 8 and to 4 bits, with a scale for each group of neighbours.
#pragma once

#include <cmath>
#include <cstdint>

#include "../core/parallel.hpp"
#include "../fwd.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// scale = 0.007874 max |x| (1 / 127) of each group of a row, y = round(x / scale) in two's complement; a group of
/// zeros has scale 0 and zeros. A group that holds a value that is not finite has a scale that is not.
/// Shape    x (rows, n) with rows `stride` apart -> y (rows, n), scales (rows, ceil(n / group))
template <std::floating_point T>
void quantize_rows(const T* x, int64_t stride, int64_t rows, int64_t n, int64_t group, std::uint8_t* y,
                   T* scales) {
    const int64_t groups = (n + group - 1) / group;
    parallel_for(rows * groups, 4096 / group + 1, [=](int64_t begin, int64_t end) {
        for (int64_t g = begin; g < end; ++g) {
            const int64_t row = g / groups, first = g % groups * group, left = n - first;
            const int64_t count = left < group ? left : group;
            const T* const from = x + row * stride + first;
            std::uint8_t* const to = y + row * n + first;
            T largest = 0, odd = 0;  // 0 times what is not finite is NaN
            for (int64_t i = 0; i < count; ++i) {
                largest = std::abs(from[i]) > largest ? std::abs(from[i]) : largest;
                odd += from[i] * T(0);
            }
            // A little less than largest / 127, so that 127 scales never overflow.
            const T scale = largest * T(0.007874) + odd, inverse = scale == T(0) ? T(0) : T(1) / scale;
            scales[g] = scale;
            for (int64_t i = 0; i < count; ++i) {
                const T v = from[i] * inverse;
                const bool fits = v >= T(-127.5) && v <= T(127.5);  // not so when the inverse overflowed
                to[i] = static_cast<std::uint8_t>(fits ? static_cast<int>(std::lrint(v)) : 0);
            }
        }
    });
}

/// scale = -x / 8 for the x of the largest size in each group of 32 of a row, so that this one is exact, and
/// y = min(15, round(x / scale) + 8), two in a byte as Int4Rows has them; a group of zeros has scale 0 and 8s, as
/// what is behind the last element of a row. A group that holds a value that is not finite has a scale that is not.
/// Shape    x (rows, n) with rows `stride` apart -> y (rows, ceil(n / 32), 16), scales (rows, ceil(n / 32))
template <std::floating_point T>
void quantize_rows_to_4_bits(const T* x, int64_t stride, int64_t rows, int64_t n, std::uint8_t* y,
                             T* scales) {
    constexpr int64_t group = 32, bytes = group / 2;
    const int64_t groups = (n + group - 1) / group;
    parallel_for(rows * groups, 128, [=](int64_t begin, int64_t end) {
        for (int64_t g = begin; g < end; ++g) {
            const int64_t first = g % groups * group, count = n - first < group ? n - first : group;
            const T* const from = x + g / groups * stride + first;
            T largest = 0, odd = 0;  // 0 times what is not finite is NaN
            for (int64_t i = 0; i < count; ++i) {
                largest = std::abs(from[i]) > std::abs(largest) ? from[i] : largest;
                odd += from[i] * T(0);
            }
            const T scale = largest / T(-8) + odd, inverse = scale == T(0) ? T(0) : T(1) / scale;
            scales[g] = scale;
            const auto number = [&](int64_t i) {
                const T v = i < count ? from[i] * inverse : T(0);
                const bool fits = v >= T(-9) && v <= T(9);  // not so when the inverse overflowed
                const int q = 8 + (fits ? static_cast<int>(std::lrint(v)) : 0);
                return q > 15 ? 15 : q;
            };
            for (int64_t j = 0; j < bytes; ++j)
                y[g * bytes + j] = static_cast<std::uint8_t>(number(j) | number(j + bytes) << 4);
        }
    });
}

}
