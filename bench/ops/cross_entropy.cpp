// Cross entropy beside memcpy. Bytes are those of the logits, in backward of the logits and their gradient.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/cross_entropy.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    int64_t rows, classes;
};
constexpr Case cases[] = {
    {"nanogpt_768x65", 768, 65}, {"gpt2_256x50257", 256, 50257}, {"imagenet_256x1000", 256, 1000}};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.rows * c.classes;
        add_copy(c.name, n);
        for (const double smoothing : {0.0, 0.1}) {
            const std::string name = smoothing == 0 ? "cross_entropy" : "cross_entropy_smoothed";
            add(name + "/" + c.name, n * 4, [&c, n, smoothing] {
                return [&c, smoothing, x = values(n),
                        targets = std::vector<int64_t>(static_cast<std::size_t>(c.rows), 7),
                        loss = values(c.rows), lse = values(c.rows)]() mutable {
                    benchmark::DoNotOptimize(simd::cross_entropy(x.data(), targets.data(), loss.data(),
                                                                 lse.data(), c.rows, c.classes,
                                                                 {.label_smoothing = smoothing}));
                };
            });
        }
        add(std::string("cross_entropy_backward/") + c.name, n * 8, [&c, n] {
            return [&c, x = values(n), targets = std::vector<int64_t>(static_cast<std::size_t>(c.rows), 7),
                    lse = values(c.rows), dx = values(n)]() mutable {
                const float one = 1;
                simd::cross_entropy_backward(x.data(), targets.data(), lse.data(), &one, 0, 0.5F, dx.data(),
                                             c.rows, c.classes);
            };
        });
    }
    return true;
}();

}
