// A training step of nanoGPT's configuration for a CPU: forward, backward, clipping, AdamW.
#include <benchmark/benchmark.h>

#include <tapegrad/core/parallel.hpp>
#include <tapegrad/data/windows.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/tensor/random.hpp>

namespace {

using namespace tapegrad;

void gpt_step(benchmark::State& state) {
    const int before = num_threads();
    set_num_threads(static_cast<int>(state.range(0)));
    constexpr GPTConfig config{.vocab_size = 65, .block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128};
    constexpr int64_t batch = 12, tokens = batch * 64;
    Generator generator(1);
    GPT<> model(config, generator);
    const std::vector<Tensor<float>> all = parameters(model);
    AdamW<> optimizer(all, {.lr = 1e-3});
    const Tensor<int64_t> text = randint(0, config.vocab_size, {100000}, generator);
    for (auto _ : state) {
        const TokenBatch some = random_windows(text, batch, config.block_size, generator);
        const Tensor<float> loss = model(some.x, some.y).loss;
        optimizer.zero_grad();
        loss.backward();
        clip_grad_norm(all, 1.0);
        optimizer.step();
    }
    set_num_threads(before);
    // As train_gpt counts: 6 a weight and token, and the two products of attention.
    const auto weights = static_cast<double>(count_parameters(model) - 64 * 128);
    const double flop = (6 * weights + 12.0 * 4 * 128 * 64) * static_cast<double>(tokens);
    const auto rate = [&](double each) {
        return benchmark::Counter(each * static_cast<double>(state.iterations()),
                                  benchmark::Counter::kIsRate);
    };
    state.counters["tokens/s"] = rate(static_cast<double>(tokens));
    state.counters["GFLOP/s"] = rate(flop / 1e9);
}
BENCHMARK(gpt_step)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}
