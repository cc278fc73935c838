// Softmax and log-softmax beside memcpy. Bytes are those of x and y, in backward of y, dy and dx.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/softmax.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    int64_t outer, n, inner;
};
constexpr Case cases[] = {
    {"attention_3072x256", 3072, 256, 1},
    {"nanogpt_3072x64", 3072, 64, 1},
    {"vocabulary_256x50257", 256, 50257, 1},
    {"channels_8x64x1024", 8, 64, 1024},
};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.outer * c.n * c.inner;
        add_copy(c.name, n);
        const auto forward = [&c, n](const std::string& name, auto kernel) {
            add(name + "/" + c.name, n * 8, [&c, n, kernel] {
                return [=, x = values(n), y = values(n)]() mutable {
                    kernel(x.data(), y.data(), c.outer, c.n, c.inner);
                };
            });
        };
        const auto backward = [&c, n](const std::string& name, auto kernel) {
            add(name + "/" + c.name, n * 12, [&c, n, kernel] {
                return [=, y = values(n), dy = values(n), dx = values(n)]() mutable {
                    kernel(y.data(), dy.data(), dx.data(), c.outer, c.n, c.inner);
                };
            });
        };
        forward("softmax", [](auto... a) { simd::softmax(a...); });
        forward("log_softmax", [](auto... a) { simd::log_softmax(a...); });
        backward("softmax_backward", [](auto... a) { simd::softmax_backward(a...); });
        backward("log_softmax_backward", [](auto... a) { simd::log_softmax_backward(a...); });
    }
    return true;
}();

}
