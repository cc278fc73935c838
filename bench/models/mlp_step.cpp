// A training step of an MLP on images of 28 x 28: forward, backward, AdamW.
#include <benchmark/benchmark.h>

#include <tapegrad/loss/cross_entropy.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/nn/module.hpp>
#include <tapegrad/ops/activation.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

struct Mlp {
    Linear<float> first, second, last;
    TAPEGRAD_FIELDS(first, second, last);

    explicit Mlp(Generator& generator)
        : first(784, 256, generator), second(256, 256, generator), last(256, 10, generator) {}
    Tensor<float> operator()(const Tensor<float>& x) const { return last(relu(second(relu(first(x))))); }
};

void mlp_step(benchmark::State& state) {
    const support::Threads threads(state.range(0));
    const int64_t batch = state.range(1);
    Generator generator(1);
    const Mlp model(generator);
    AdamW<> optimizer(parameters(model), {.lr = 1e-3});
    const Tensor<float> x = randn<float>({batch, 784}, generator);
    const Tensor<int64_t> labels = randint(0, 10, {batch}, generator);
    for (auto _ : state) {
        const Tensor<float> loss = cross_entropy(model(x), labels);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(batch * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(mlp_step)->ArgNames({"threads", "batch"})->ArgsProduct({{1, 2}, {16, 128}})->UseRealTime();

}
