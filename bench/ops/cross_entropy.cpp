// Cross entropy beside memcpy. Bytes are those of the logits, in backward of the logits and their gradient.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/cross_entropy.hpp>
#include <vector>

namespace {

using namespace tapegrad;

std::vector<float> values(int64_t n) {
    std::vector<float> x(static_cast<std::size_t>(n));
    uint32_t seed = 1;
    for (float& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<float>(static_cast<int32_t>(seed)) / 2147483648.0F;
    }
    return x;
}

/// Runs on one and on two threads; `bytes` are those that a pass must read and write.
template <class F>
void add(const std::string& name, int64_t bytes, F make) {
    const auto run = [bytes, make](benchmark::State& state) {
        auto pass = make();
        const int before = num_threads();
        set_num_threads(static_cast<int>(state.range(0)));
        for (auto _ : state) {
            pass();
            benchmark::ClobberMemory();
        }
        set_num_threads(before);
        state.SetBytesProcessed(state.iterations() * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
}

/// A copy of n floats: what memory allows, at this size and hour.
void add_copy(const std::string& name, int64_t n) {
    add("memcpy/" + name, n * 8, [n] {
        return [from = values(n), to = values(n)]() mutable {
            std::memcpy(to.data(), from.data(), from.size() * 4);
        };
    });
}

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
