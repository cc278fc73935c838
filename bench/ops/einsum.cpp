// Sums of products by name, beside the matrix product that does the same work on operands that lie as it
// wants them; distances of all pairs beside the product of the same sizes.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/ops/distance.hpp>
#include <tapegrad/ops/einsum.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;
using Floats = std::vector<Tensor<float>>;
using F = Tensor<float> (*)(const Floats&);

struct Case {
    const char* name;
    double flop;
    std::vector<Shape> shapes;
    F f;
};

const Case cases[] = {
    {"matmul/small_16x16x16",
     2.0 * 16 * 16 * 16,
     {{16, 16}, {16, 16}},
     [](const Floats& x) { return matmul(x[0], x[1]); }},
    {"einsum/small_16x16x16",
     2.0 * 16 * 16 * 16,
     {{16, 16}, {16, 16}},
     [](const Floats& x) { return einsum("ij,jk->ik", x[0], x[1]); }},
    {"matmul/gpt2_mlp_256x768x3072",
     2.0 * 256 * 768 * 3072,
     {{256, 768}, {768, 3072}},
     [](const Floats& x) { return matmul(x[0], x[1]); }},
    {"einsum/gpt2_mlp_256x768x3072",
     2.0 * 256 * 768 * 3072,
     {{256, 768}, {768, 3072}},
     [](const Floats& x) { return einsum("ij,jk->ik", x[0], x[1]); }},
    {"matmul/attention_scores_8x12x64x64",
     2.0 * 96 * 64 * 64 * 64,
     {{8, 12, 64, 64}, {8, 12, 64, 64}},
     [](const Floats& x) { return matmul(x[0], transpose(x[1])); }},
    {"einsum/attention_scores_8x12x64x64",
     2.0 * 96 * 64 * 64 * 64,
     {{8, 12, 64, 64}, {8, 12, 64, 64}},
     [](const Floats& x) { return einsum("bhqd,bhkd->bhqk", x[0], x[1]); }},
    // Heads between length and depth, as a projection leaves them.
    {"einsum/attention_scores_8x64x12x64",
     2.0 * 96 * 64 * 64 * 64,
     {{8, 64, 12, 64}, {8, 64, 12, 64}},
     [](const Floats& x) { return einsum("bqhd,bkhd->bhqk", x[0], x[1]); }},
    {"matmul/chain_from_the_left_512",
     2.0 * (512 * 512 * 512 + 512 * 512),
     {{512, 512}, {512, 512}, {512}},
     [](const Floats& x) { return matmul(matmul(x[0], x[1]), x[2]); }},
    {"einsum/chain_by_cost_512",
     2.0 * 2 * 512 * 512,
     {{512, 512}, {512, 512}, {512}},
     [](const Floats& x) { return einsum("ij,jk,k->i", x[0], x[1], x[2]); }},
    {"einsum/batched_dot_100000x3",
     2.0 * 300000,
     {{100000, 3}, {100000, 3}},
     [](const Floats& x) { return einsum("ij,ij->i", x[0], x[1]); }},
    {"einsum/batched_dot_4096x256",
     2.0 * 4096 * 256,
     {{4096, 256}, {4096, 256}},
     [](const Floats& x) { return einsum("ij,ij->i", x[0], x[1]); }},
    {"einsum/outer_2048",
     2048.0 * 2048,
     {{2048}, {2048}},
     [](const Floats& x) { return einsum("i,j->ij", x[0], x[1]); }},
    {"einsum/trace_1024", 1024, {{1024, 1024}}, [](const Floats& x) { return einsum("ii", x[0]); }},
    {"matmul/distances_1000x1000x64",
     2.0 * 1000 * 1000 * 64,
     {{1000, 64}, {1000, 64}},
     [](const Floats& x) { return matmul(x[0], transpose(x[1])); }},
    {"cdist/2_1000x1000x64",
     2.0 * 1000 * 1000 * 64,
     {{1000, 64}, {1000, 64}},
     [](const Floats& x) { return cdist(x[0], x[1]); }},
    {"cdist/1_1000x1000x64",
     2.0 * 1000 * 1000 * 64,
     {{1000, 64}, {1000, 64}},
     [](const Floats& x) { return cdist(x[0], x[1], 1); }},
    {"cdist/2_1000x1000x3",
     2.0 * 1000 * 1000 * 3,
     {{1000, 3}, {1000, 3}},
     [](const Floats& x) { return cdist(x[0], x[1]); }},
};

void run(benchmark::State& state, const Case& c, bool backward_too) {
    const support::Threads threads(state.range(0));
    Floats x;
    for (const Shape& shape : c.shapes) x.push_back(randn<float>(shape).requires_grad_(backward_too));
    const Tensor<float> dy = randn_like(c.f(x));
    for (auto _ : state) {
        const Tensor<float> y = c.f(x);
        if (backward_too) benchmark::DoNotOptimize(grad(y, x, {}, dy));
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    }
    state.counters["GFLOP/s"] =
        benchmark::Counter((backward_too ? 3 : 1) * c.flop * static_cast<double>(state.iterations()) / 1e9,
                           benchmark::Counter::kIsRate);
}

const bool registered = [] {
    for (const Case& c : cases)
        for (const bool backward_too : {false, true})
            benchmark::RegisterBenchmark(
                (std::string(c.name) + (backward_too ? "/with_gradients" : "")).c_str(),
                [&c, backward_too](benchmark::State& state) { run(state, c, backward_too); })
                ->Apply(support::one_and_two);
    return true;
}();

}
