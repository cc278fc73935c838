// A training step of flow matching in the plane, that of torchcfm's tutorial: 8 Gaussians to moons, an MLP of 3 x 64 SELU
// on (x, t), Adam, batch 256; the points are drawn before. And the pairs of a batch by optimal transport.
#include <benchmark/benchmark.h>

#include <tapegrad/data/point_sets.hpp>
#include <tapegrad/flows/flow_matching/loss.hpp>
#include <tapegrad/flows/flow_matching/pairing.hpp>
#include <tapegrad/optim/adam.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

Tensor<float> gaussians(int64_t n, Generator& generator) { return eight_gaussians<float>(n, generator); }
Tensor<float> moons(int64_t n, Generator& generator) {
    return two_moons<float>(n, generator,
                            {.noise = 0, .shared = 0.2, .scale = 3, .shift = -1, .spaced = true});
}

void flow_matching_step(benchmark::State& state) {
    const support::Threads threads(state.range(0));
    const int64_t batch = state.range(1);
    Generator generator(1);
    TimeMlp<SELU> field(2, {64, 64, 64}, generator);
    requires_grad_(field);
    Adam optimizer(parameters(field), {.lr = 1e-3});
    const Tensor<float> x0 = gaussians(batch, generator), x1 = moons(batch, generator);
    for (auto _ : state) {
        const Tensor<float> loss =
            flow_matching_loss(field, sample_path(StraightPath{0.1}, x0, x1, generator));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        benchmark::DoNotOptimize(loss.data());
    }
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(batch * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(flow_matching_step)->ArgNames({"threads", "batch"})->ArgsProduct({{1, 2}, {256}})->UseRealTime();

void exact_pairs(benchmark::State& state) {
    Generator generator(1);
    const Tensor<float> x0 = gaussians(state.range(0), generator), x1 = moons(state.range(0), generator);
    for (auto _ : state)
        benchmark::DoNotOptimize(make_pairs(x0, x1, Pairing::exact, generator).second.data());
}
BENCHMARK(exact_pairs)->Arg(256)->UseRealTime();

}
