// Rational-quadratic splines of 8 pieces with linear tails. Bytes are those of the elements, the parameters and the results,
// in backward of the gradients too.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/rational_quadratic_spline.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

constexpr simd::SplineShape<float> shape{8, SplineTails::linear, -3, 3, 1e-3F, 1e-3F, 1e-3F, 1};

const bool registered = [] {
    for (const int64_t n : {1024, 65536}) {
        const std::string elements = std::to_string(n);
        const int64_t numbers = shape.parameters() * n;
        for (const bool inverse : {false, true}) {
            const std::string name =
                inverse ? "rational_quadratic_spline_inverse" : "rational_quadratic_spline";
            add(name + '/' + elements, (3 * n + numbers) * 4, [=] {
                return [=, x = values(n), p = values(numbers), y = values(n), l = values(n)]() mutable {
                    simd::rational_quadratic_spline(shape, inverse, x.data(), p.data(), y.data(), l.data(),
                                                    n);
                };
            });
            add(name + "_backward/" + elements, (4 * n + 2 * numbers) * 4, [=] {
                return [=, x = values(n), p = values(numbers), dy = values(n), dl = values(n), dx = values(n),
                        dp = values(numbers)]() mutable {
                    simd::rational_quadratic_spline_backward(shape, inverse, x.data(), p.data(), dy.data(),
                                                             dl.data(), dx.data(), dp.data(), n);
                };
            });
        }
    }
    return true;
}();

}
