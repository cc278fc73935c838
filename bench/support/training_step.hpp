// A training step of a language model on random tokens: forward, backward, clipping, AdamW.
#pragma once

#include <tapegrad/data/windows.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/tensor/random.hpp>

#include "threads.hpp"

namespace support {

/// `attention`: the elements of the heads of all layers together. Work is counted as train_gpt counts: 6 a weight and
/// token, and the two products of attention.
template <class M, class Config>
void training_step(benchmark::State& state, const Config& config, int64_t vocabulary, int64_t batch,
                   int64_t length, int64_t uncounted_weights, int64_t attention) {
    using namespace tapegrad;
    const Threads threads(state.range(0));
    const int64_t tokens = batch * length;
    Generator generator(1);
    M model(config, generator);
    const std::vector<Tensor<float>> all = parameters(model);
    AdamW<> optimizer(all, {.lr = 1e-3});
    const Tensor<int64_t> text = randint(0, vocabulary, {100000}, generator);
    for (auto _ : state) {
        const TokenBatch some = random_windows(text, batch, length, generator);
        const Tensor<float> loss = model.loss(some.x, some.y);
        optimizer.zero_grad();
        loss.backward();
        clip_grad_norm(all, 1.0);
        optimizer.step();
    }
    const auto weights = static_cast<double>(count_parameters(model) - uncounted_weights);
    const double flop =
        (6 * weights + 12.0 * static_cast<double>(attention * length)) * static_cast<double>(tokens);
    const auto rate = [&](double each) {
        return benchmark::Counter(each * static_cast<double>(state.iterations()),
                                  benchmark::Counter::kIsRate);
    };
    state.counters["tokens/s"] = rate(static_cast<double>(tokens));
    state.counters["GFLOP/s"] = rate(flop / 1e9);
}

}
