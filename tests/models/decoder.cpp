#include <tapegrad/models/decoder.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/gated_mlp.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// As small as a configuration may be.
struct Config {
    int64_t vocab_size = 7, hidden_size = 8, num_hidden_layers = 2;
    double rms_norm_eps = 1e-6, initializer_range = 0.5;
    bool tie_word_embeddings = false;
    RotaryOptions rotary = {};
    static constexpr std::size_t cache_parts = 2;
    int64_t rotary_width() const { return 4; }
    int64_t window(int64_t i) const { return i == 1 ? 3 : 0; }
    template <Floating T>
    DecoderLayer<T, GroupedAttention<T>, GatedMlp<T>> layer(int64_t i, Generator& generator) const {
        return {RMSNorm<T>(8), GroupedAttention<T>(8, generator, {.heads = 2, .window = window(i)}),
                RMSNorm<T>(8), GatedMlp<T>(8, 12, generator)};
    }
};

}

TEST_CASE_TEMPLATE("decoder: names, start, cache", T, float, double) {
    Generator generator(1);
    const DecoderModel<T, Config> model(Config(), generator);
    const StateDict state = state_dict(model);
    CHECK(state.size() == 3 + 2 * 9);
    CHECK(state.contains("model.layers.1.self_attn.o_proj.weight"));
    CHECK(state.contains("model.layers.0.post_attention_layernorm.weight"));
    CHECK(std::fabs(static_cast<double>(mean(model.lm_head.weight).item())) < 0.3);
    const auto cache = model.make_cache();
    CHECK(cache.layers() == 2);
    CHECK(cache[0][0].window() == 0);
    CHECK(cache[1][1].window() == 3);
}

TEST_CASE_TEMPLATE("decoder: the loss is the cross entropy of the logits; the last ones alone", T, float,
                   double) {
    Generator generator(1);
    const DecoderModel<T, Config> model(Config(), generator);
    const Tensor<int64_t> ids{{1, 2, 3}, {4, 5, 6}}, targets{{2, 3, -100}, {5, 6, 0}};
    const Tensor<T> logits = model(ids);
    CHECK(logits.shape() == Shape{2, 3, 7});
    CHECK(support::same_bits(model.loss(ids, targets), cross_entropy(logits, targets)));
    CHECK(support::close(model(ids, {.last_only = true}), narrow(logits, 1, 2, 1), 1e-6));
    CHECK(model(zeros<int64_t>({2, 0})).shape() == Shape{2, 0, 7});
}
