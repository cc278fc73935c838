// Softmax and log-softmax beside memcpy. Bytes are those of x and y, in backward of y, dy and dx.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/softmax.hpp>
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
