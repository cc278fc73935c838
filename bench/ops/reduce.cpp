// Sums, extremes and places of extremes over an axis beside memcpy. Bytes are those read.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/argmax.hpp>
#include <tapegrad/simd/logsumexp.hpp>
#include <tapegrad/simd/reduce.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    int64_t outer, n, inner;
};
constexpr Case cases[] = {
    {"rows_256x768", 256, 768, 1},       {"rows_3072x256", 3072, 256, 1},
    {"columns_256x768", 1, 256, 768},    {"columns_3072x768", 1, 3072, 768},
    {"middle_12x64x256", 12, 64, 256},   {"few_columns_100000x3", 1, 100000, 3},
    {"vector_16777216", 1, 16777216, 1},
};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.outer * c.n * c.inner;
        add_copy(c.name, n);
        const auto along = [&c, n]<class To>(const std::string& name, auto kernel, To) {
            add(name + "/" + c.name, n * 4, [&c, n, kernel] {
                return [=, x = values(n),
                        y = std::vector<To>(static_cast<std::size_t>(c.outer * c.inner))]() mutable {
                    kernel(x.data(), y.data(), c.outer, c.n, c.inner);
                };
            });
        };
        along(
            "sum", [](auto... a) { simd::sum(a...); }, 0.0F);
        along(
            "amax", [](auto... a) { simd::amax(a...); }, 0.0F);
        along(
            "argmax", [](auto... a) { simd::argmax(a...); }, int64_t{0});
        along(
            "logsumexp", [](auto... a) { simd::logsumexp(a...); }, 0.0F);
    }
    return true;
}();

}
