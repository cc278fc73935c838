#include <tapegrad/simd/padded_plane.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("PaddedPlane: what each tap reads, margins outside", T, float, double) {
    const simd::Extent size{2, 5, 9};
    std::vector<T> plane(2 * 5 * 9);
    std::iota(plane.begin(), plane.end(), T(1));
    for (const int64_t step : {1, 2, 3})
        for (const int64_t first : {-4, -1, 0, 2})
            for (const int64_t delta : {-2, 1, 3}) {
                CAPTURE(step);
                CAPTURE(first);
                CAPTURE(delta);
                constexpr int64_t positions = 4, taps = 3;
                const simd::detail::Taps along{positions, step, taps, first, delta};
                simd::detail::PaddedPlane<T> padded(size, {{{2, 1, 1, 0, 1}, along, along}}, T(-7));
                padded.fill(plane.data());
                for (int64_t z = 0; z < 2; ++z)
                    for (int64_t u = 0; u < positions; ++u)
                        for (int64_t v = 0; v < positions; ++v)
                            for (int64_t b = 0; b < taps; ++b)
                                for (int64_t c = 0; c < taps; ++c) {
                                    const int64_t y = u * step + first + b * delta,
                                                  x = v * step + first + c * delta;
                                    const bool inside = y >= 0 && y < 5 && x >= 0 && x < 9;
                                    const T wanted =
                                        inside ? plane[static_cast<std::size_t>((z * 5 + y) * 9 + x)] : T(-7);
                                    CHECK(padded.at(z, u, 0, b, c)[v] == wanted);
                                }
            }
}
