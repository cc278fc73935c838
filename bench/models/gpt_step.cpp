// Training steps of nanoGPT's configuration for a CPU and of GPT-2 with 124 M parameters: forward, backward,
// clipping, AdamW.
#include <benchmark/benchmark.h>

#include <tapegrad/data/windows.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

void step(benchmark::State& state, const GPTConfig& config, int64_t batch, int64_t length) {
    const support::Threads threads(state.range(0));
    const int64_t tokens = batch * length;
    Generator generator(1);
    GPT<> model(config, generator);
    const std::vector<Tensor<float>> all = parameters(model);
    AdamW<> optimizer(all, {.lr = 1e-3});
    const Tensor<int64_t> text = randint(0, config.vocab_size, {100000}, generator);
    for (auto _ : state) {
        const TokenBatch some = random_windows(text, batch, length, generator);
        const Tensor<float> loss = model.loss(some.x, some.y);
        optimizer.zero_grad();
        loss.backward();
        clip_grad_norm(all, 1.0);
        optimizer.step();
    }
    // As train_gpt counts: 6 a weight and token, and the two products of attention.
    const auto weights = static_cast<double>(count_parameters(model) - config.block_size * config.n_embd);
    const double flop = (6 * weights + 12.0 * static_cast<double>(config.n_layer * config.n_embd * length)) *
                        static_cast<double>(tokens);
    const auto rate = [&](double each) {
        return benchmark::Counter(each * static_cast<double>(state.iterations()),
                                  benchmark::Counter::kIsRate);
    };
    state.counters["tokens/s"] = rate(static_cast<double>(tokens));
    state.counters["GFLOP/s"] = rate(flop / 1e9);
}

const bool registered = [] {
    const auto add = [](const char* name, const GPTConfig& config, int64_t batch, int64_t length) {
        benchmark::RegisterBenchmark(name, step, config, batch, length)
            ->Apply(support::one_and_two)
            ->Unit(benchmark::kMillisecond);
    };
    add("gpt_step", {.vocab_size = 65, .block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128}, 12, 64);
    const GPTConfig gpt2{.vocab_size = 50257, .block_size = 1024, .n_layer = 12, .n_head = 12, .n_embd = 768};
    add("gpt2_step/4x64", gpt2, 4, 64);
    add("gpt2_step/2x512", gpt2, 2, 512);
    return true;
}();

}
