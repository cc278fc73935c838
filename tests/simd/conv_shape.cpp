#include <tapegrad/simd/conv_shape.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace tapegrad;

TEST_CASE("conv_shape: the phases of an axis name each tap of each place once") {
    for (const int64_t size : {1, 5, 12})
        for (const int64_t window : {1, 2, 5})
            for (const int64_t stride : {1, 2, 3, 4})
                for (const int64_t padding : {0, 2})
                    for (const int64_t dilation : {1, 2, 3}) {
                        std::set<std::array<int64_t, 3>> named, wanted;  // place, tap, result
                        for (int64_t r = 0; r < stride && r < size; ++r) {
                            const auto phase =
                                simd::detail::phase_of(r, size, window, stride, padding, dilation);
                            for (int64_t i = 0; i < phase.taps.positions; ++i)
                                for (int64_t t = 0; t < phase.taps.taps; ++t)
                                    named.insert(
                                        {r + i * stride, phase.first_tap + t * phase.tap_step,
                                         i * phase.taps.step + phase.taps.first + t * phase.taps.delta});
                        }
                        for (int64_t place = 0; place < size; ++place)
                            for (int64_t t = 0; t < window; ++t)
                                if ((place + padding - t * dilation) % stride == 0)
                                    wanted.insert({place, t, (place + padding - t * dilation) / stride});
                        CHECK(named == wanted);
                    }
}
