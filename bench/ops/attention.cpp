// Attention of the shape (batch, heads, groups, queries, keys, depth), forward and backward; a multiplication
// and an addition count as two.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/attention.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

struct Case {
    const char* name;
    int64_t batch, heads, groups, queries, keys, depth;
    bool causal;
};
constexpr Case cases[] = {
    {"nanogpt_causal_12x4x4x64x64x32", 12, 4, 4, 64, 64, 32, true},
    {"gpt2_causal_4x12x12x256x256x64", 4, 12, 12, 256, 256, 64, true},
    {"gpt2_causal_4x12x12x1024x1024x64", 4, 12, 12, 1024, 1024, 64, true},
    {"gpt2_causal_4x12x12x4096x4096x64", 4, 12, 12, 4096, 4096, 64, true},
    {"llama_causal_1x32x8x512x512x128", 1, 32, 8, 512, 512, 128, true},
    {"unet_1x8x8x4096x4096x40", 1, 8, 8, 4096, 4096, 40, false},
    {"cross_1x8x8x4096x77x40", 1, 8, 8, 4096, 77, 40, false},
    {"decode_1x32x8x1x4096x128", 1, 32, 8, 1, 4096, 128, false},
};

void attention(benchmark::State& state, const Case& c, bool backward_too) {
    const support::Threads threads(state.range(0));
    Generator generator(1);
    const auto random = [&](int64_t heads, int64_t length) {
        return randn<float>({c.batch, heads, length, c.depth}, generator).requires_grad_(backward_too);
    };
    const Tensor<float> q = random(c.heads, c.queries), k = random(c.groups, c.keys),
                        v = random(c.groups, c.keys), dy = ones<float>(q.shape());
    for (auto _ : state) {
        const Tensor<float> y = scaled_dot_product_attention(q, k, v, {.causal = c.causal});
        if (backward_too) benchmark::DoNotOptimize(grad(y, {q, k, v}, {}, dy));
    }
    const int64_t pairs = c.batch * c.heads * c.queries * c.keys / (c.causal ? 2 : 1);
    const auto flop = static_cast<double>(pairs * c.depth) * (backward_too ? 14 : 4);
    state.counters["GFLOP/s"] =
        benchmark::Counter(flop * static_cast<double>(state.iterations()) / 1e9, benchmark::Counter::kIsRate);
}

const bool registered = [] {
    for (const Case& c : cases)
        for (const bool both : {false, true})
            benchmark::RegisterBenchmark(
                (std::string(both ? "attention_grad/" : "attention/") + c.name).c_str(),
                [&c, both](benchmark::State& s) { attention(s, c, both); })
                ->Apply(support::one_and_two);
    return true;
}();

}
