// A training step of a recurrent language model: forward, backward, AdamW; and the sequence alone.
#include <benchmark/benchmark.h>

#include <tapegrad/loss/cross_entropy.hpp>
#include <tapegrad/nn/embedding.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/nn/recurrent.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

constexpr int64_t vocabulary = 65, batch = 32, time = 64, width = 128;

struct Model {
    Embedding<float> embedding;
    LSTM<float> lstm;
    Linear<float> head;
    TAPEGRAD_FIELDS(embedding, lstm, head);

    explicit Model(Generator& generator)
        : embedding(vocabulary, width, generator),
          lstm(width, width, generator, {.num_layers = 2}),
          head(width, vocabulary, generator) {}
    Tensor<float> operator()(const Tensor<int64_t>& ids) const { return head(lstm(embedding(ids)).y); }
};

void lstm_step(benchmark::State& state) {
    const support::Threads threads(state.range(0));
    Generator generator(1);
    const Model model(generator);
    AdamW<> optimizer(parameters(model), {.lr = 1e-3});
    const Tensor<int64_t> ids = randint(0, vocabulary, {time, batch}, generator);
    for (auto _ : state) {
        const Tensor<float> loss = cross_entropy(model(ids), ids);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
    state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(time * batch * state.iterations()),
                                                    benchmark::Counter::kIsRate);
}
BENCHMARK(lstm_step)->Apply(support::one_and_two)->Unit(benchmark::kMillisecond);

/// Forward and backward of one layer of the shape (time 64, batch, 256).
template <class Net>
void sequence(benchmark::State& state) {
    const support::Threads threads(state.range(0));
    Generator generator(1);
    const Net net(256, 256, generator);
    const Tensor<float> x = randn<float>({64, state.range(1), 256}, generator).requires_grad_();
    double steps = 0;
    for (auto _ : state) {
        const Tensor<float> y = net(x).y;
        backward(y, ones<float>(y.shape()));
        steps += 64;
    }
    const auto gates = static_cast<double>(net.layers[0].weight_ih.size(0));
    state.counters["GFLOP/s"] = benchmark::Counter(
        steps * 12 * gates * 256 * static_cast<double>(state.range(1)) / 1e9, benchmark::Counter::kIsRate);
}
BENCHMARK(sequence<LSTM<float>>)
    ->ArgNames({"threads", "batch"})
    ->ArgsProduct({{1, 2}, {8, 64}})
    ->UseRealTime();
BENCHMARK(sequence<GRU<float>>)
    ->ArgNames({"threads", "batch"})
    ->ArgsProduct({{1, 2}, {8, 64}})
    ->UseRealTime();

}
