// A training step of a LLaMA with 27 M parameters, grouped keys and a tied head.
#include <benchmark/benchmark.h>

#include <tapegrad/models/llama.hpp>

#include "../support/training_step.hpp"

namespace {

using namespace tapegrad;

constexpr LlamaConfig small{.vocab_size = 4096,
                            .hidden_size = 512,
                            .intermediate_size = 1376,
                            .num_hidden_layers = 8,
                            .num_attention_heads = 8,
                            .num_key_value_heads = 4,
                            .rms_norm_eps = 1e-5,
                            .tie_word_embeddings = true};

void step(benchmark::State& state, int64_t batch, int64_t length) {
    support::training_step<Llama<float>>(state, small, small.vocab_size, batch, length, 0,
                                         small.num_hidden_layers * small.hidden_size);
}

const bool registered = [] {
    benchmark::RegisterBenchmark("llama_step/4x256", step, 4, 256)
        ->Apply(support::one_and_two)
        ->Unit(benchmark::kMillisecond);
    return true;
}();

}
