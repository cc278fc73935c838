// A training step of normalizing flows by maximum likelihood on batches of 256: forward, backward, Adam.
#include <benchmark/benchmark.h>

#include <tapegrad/flows/coupling.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/spline_map.hpp>
#include <tapegrad/nn/residual_net.hpp>
#include <tapegrad/optim/adam.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

constexpr int64_t batch = 256, hidden = 128;

template <class Map>
void train(benchmark::State& state, int64_t layers, int64_t features, const Map& map) {
    const support::Threads threads(state.range(0));
    Generator generator(1);
    using Layer = Coupling<Map, ResidualNet<>>;
    std::vector<Layer> each;
    for (int64_t i = 0; i < layers; ++i) {
        const int64_t seen = i % 2 == 0 ? features / 2 : features - features / 2, rest = features - seen;
        each.emplace_back(alternating_mask(features, i % 2 == 0), map,
                          ResidualNet<>(seen, rest * map.count, hidden, {}, generator));
    }
    const Flow flow(StandardNormal<float>({features}), ComposedList(std::move(each)));
    Adam<> optimizer(parameters(flow), {.lr = 1e-3});
    const Tensor<float> x = randn<float>({batch, features}, generator);
    for (auto _ : state) {
        const Tensor<float> loss = -mean(flow.log_prob(x));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(batch * state.iterations()), benchmark::Counter::kIsRate);
}

/// RealNVP of 8 layers.
void flow_realnvp_2(benchmark::State& state) { train(state, 8, 2, AffineMap()); }
void flow_realnvp_32(benchmark::State& state) { train(state, 8, 32, AffineMap()); }
/// Rational-quadratic splines of 8 pieces, 5 layers.
void flow_nsf_8(benchmark::State& state) {
    train(state, 5, 8,
          RationalQuadraticMap(8, {.low = -3, .high = 3, .scale = 1 / std::sqrt(double(hidden))}));
}
BENCHMARK(flow_realnvp_2)
    ->Name("flow_step/realnvp_2")
    ->Apply(support::one_and_two)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(flow_realnvp_32)
    ->Name("flow_step/realnvp_32")
    ->Apply(support::one_and_two)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(flow_nsf_8)->Name("flow_step/nsf_8")->Apply(support::one_and_two)->Unit(benchmark::kMillisecond);

}
