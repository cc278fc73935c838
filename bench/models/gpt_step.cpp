// Training steps of nanoGPT's configuration for a CPU and of GPT-2 with 124 M parameters.
#include <benchmark/benchmark.h>

#include <tapegrad/models/gpt.hpp>

#include "../support/training_step.hpp"

namespace {

using namespace tapegrad;

void step(benchmark::State& state, const GPTConfig& c, int64_t batch, int64_t length) {
    support::training_step<GPT<float>>(state, c, c.vocab_size, batch, length, c.block_size * c.n_embd,
                                       c.n_layer * c.n_embd);
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
