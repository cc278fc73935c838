// Models under generation: texts of several lengths, against their caches.
#include <doctest/doctest.h>

#include <tapegrad/generation/generate.hpp>
#include <tapegrad/generation/truncation.hpp>
#include <tapegrad/models/deepseek_v2.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/models/llama.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <Floating T>
Llama<T> make(const Llama<T>*, Generator& generator) {
    return {LlamaConfig{.vocab_size = 31,
                        .hidden_size = 24,
                        .intermediate_size = 40,
                        .num_hidden_layers = 2,
                        .num_attention_heads = 4,
                        .num_key_value_heads = 2,
                        .initializer_range = 0.5,
                        .sliding_window = 5,
                        .first_window_layer = 1},
            generator};
}
template <Floating T>
DeepseekV2<T> make(const DeepseekV2<T>*, Generator& generator) {
    return {DeepseekV2Config{.vocab_size = 31,
                             .hidden_size = 24,
                             .intermediate_size = 40,
                             .moe_intermediate_size = 10,
                             .num_hidden_layers = 2,
                             .num_attention_heads = 4,
                             .q_lora_rank = 0,
                             .kv_lora_rank = 12,
                             .qk_nope_head_dim = 6,
                             .qk_rope_head_dim = 4,
                             .v_head_dim = 5,
                             .n_routed_experts = 6,
                             .first_k_dense_replace = 1,
                             .initializer_range = 0.5},
            generator};
}
template <Floating T>
GPT<T> make(const GPT<T>*, Generator& generator) {
    return {GPTConfig{
                .vocab_size = 31, .block_size = 40, .n_layer = 2, .n_head = 4, .n_embd = 24, .init_std = 0.5},
            generator};
}

}

TEST_CASE_TEMPLATE("language models: a prompt goes on in a batch as alone, and greedily as without a cache",
                   M, Llama<double>, DeepseekV2<double>, GPT<double>, Llama<float>) {
    static_assert(LanguageModel<M>);
    Generator generator(1);
    const M model = make(static_cast<const M*>(nullptr), generator);
    const std::vector<std::vector<int64_t>> prompts{{1, 2, 3}, {4}, {5, 6, 7, 8, 9, 10, 11}};
    const GenerationOptions options{.max_new_tokens = 12};
    const auto batch = generate(model, prompts, options, TopK(1), generator);
    for (std::size_t b = 0; b < prompts.size(); ++b) {
        const auto alone = generate(model, {prompts[b]}, options, TopK(1), generator);
        CHECK(alone.sequences[0].tokens == batch.sequences[b].tokens);
        std::vector<int64_t> known = prompts[b];
        for (int i = 0; i < 12; ++i) {
            const auto logits = model(from_vector(known, {1, static_cast<int64_t>(known.size())}));
            known.push_back(argmax(select(logits, 1, -1), -1).item());
        }
        known.erase(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(prompts[b].size()));
        CHECK(known == batch.sequences[b].tokens);
    }
}
