// What LLaMA and its relatives have in common: a stack of layers, normalised in front of what they do, under a head.
#pragma once

#include "../autograd/checkpoint.hpp"
#include "../loss/linear_cross_entropy.hpp"
#include "../nn/embedding.hpp"
#include "../nn/grouped_attention.hpp"
#include "../nn/kv_cache.hpp"
#include "../nn/language_model.hpp"
#include "../nn/rms_norm.hpp"
#include "../nn/sequential.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a layer is given beside its input.
template <Floating T, std::size_t CacheParts>
struct LayerInput : AttentionInput<T, CacheParts> {
    std::vector<Routing<T>>* routings = nullptr;  // for an mlp of experts
};

/// x + attention(norm(x)), then x + mlp(norm(x)).
/// Shape    x (B, T, width) -> y, same shape
template <Floating T, Module Attention, Module Mlp>
struct DecoderLayer {
    RMSNorm<T> input_layernorm;
    Attention self_attn;
    RMSNorm<T> post_attention_layernorm;
    Mlp mlp;
    TAPEGRAD_FIELDS(input_layernorm, self_attn, post_attention_layernorm, mlp);

    template <class Input>
    Tensor<T> operator()(const Tensor<T>& x, const Input& in) const {
        const Tensor<T> y = x + self_attn(input_layernorm(x), in);
        const Tensor<T> z = post_attention_layernorm(y);
        if constexpr (requires { mlp(z, in.routings); })
            return y + mlp(z, in.routings);
        else
            return y + mlp(z);
    }
};

/// Tokens, layers and the last normalisation.
template <Floating T, Module Layer>
struct DecoderTrunk {
    Embedding<T> embed_tokens;
    ModuleList<Layer> layers;
    RMSNorm<T> norm;
    TAPEGRAD_FIELDS(embed_tokens, layers, norm);

    /// Before the last normalisation. `rotary`: of the heads, `rotary_width` elements wide.
    /// Shape    ids (B, T) -> (B, T, width)
    template <std::size_t Parts>
    Tensor<T> operator()(const Tensor<int64_t>& ids,
                         const LanguageModelInput<LayerCaches<T, Parts>, T>& input,
                         const RotaryOptions& rotary, int64_t rotary_width) const {
        const Tensor<int64_t> positions = detail::positions_of(ids, input);
        const int64_t before = input.cache != nullptr ? input.cache->length() : 0;
        LayerInput<T, Parts> in;
        in.rotary = rotary_table<T>(rotary, rotary_width, positions, before + ids.size(1));
        in.mask = input.mask;
        in.routings = input.routings;
        Tensor<T> x = embed_tokens(ids);  // (B, T, width)
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (input.hidden_states != nullptr) input.hidden_states->push_back(x);
            if (input.cache != nullptr) in.cache = &(*input.cache)[i];
            const auto layer = [&each = layers[i], in](const Tensor<T>& y) { return each(y, in); };
            x = input.checkpoint && input.cache == nullptr ? checkpoint(layer, x) : layer(x);
        }
        if (input.hidden_states != nullptr) input.hidden_states->push_back(x);
        return x;
    }
};

/// A decoder under a head that names the next token.
///
/// `Config` says what it is made of: vocab_size, hidden_size, num_hidden_layers, rms_norm_eps, tie_word_embeddings,
/// initializer_range; rotary and rotary_width(); window(i) of layer i; layer<T>(i, generator); and cache_parts, the
/// buffers that a layer keeps.
/// Shape    ids (B, T) -> logits (B, T, vocab_size)
/// Numeric  begins normal with mean 0 and std initializer_range, biases 0, scales 1
template <Floating T, class Config>
struct DecoderModel {
    using Layer = decltype(std::declval<const Config&>().template layer<T>(0, std::declval<Generator&>()));
    using Cache = LayerCaches<T, Config::cache_parts>;
    using Input = LanguageModelInput<Cache, T>;
    Config config;
    DecoderTrunk<T, Layer> model;
    Linear<T> lm_head;
    TAPEGRAD_FIELDS(config, model, lm_head);

    DecoderModel() = default;
    /// Throws   ShapeError: sizes that do not divide
    DecoderModel(const Config& c, Generator& generator) : config(c) {
        model.embed_tokens = Embedding<T>(c.vocab_size, c.hidden_size, generator);
        for (int64_t i = 0; i < c.num_hidden_layers; ++i)
            model.layers.push_back(c.template layer<T>(i, generator));
        model.norm = RMSNorm<T>(c.hidden_size, {.eps = c.rms_norm_eps});
        if (c.tie_word_embeddings)
            lm_head.weight = model.embed_tokens.weight;
        else
            lm_head = Linear<T>(c.hidden_size, c.vocab_size, generator, {.bias = false});
        for_each_parameter(*this, [&](std::string_view name, Tensor<T>& p) {
            if (p.rank() >= 2)
                init::normal_(p, generator, 0, c.initializer_range);
            else if (name.ends_with("bias"))
                init::constant_(p, 0);
        });
    }

    Cache make_cache() const {
        std::vector<int64_t> windows;
        for (int64_t i = 0; i < config.num_hidden_layers; ++i) windows.push_back(config.window(i));
        return Cache(windows);
    }

    /// The logits of the next token at every place, or at the last one alone.
    /// Throws   ShapeError: ids not (B, T), or a mask or positions that do not fit; IndexError: an id outside the
    ///          vocabulary
    Tensor<T> operator()(const Tensor<int64_t>& ids, const Input& input = {}) const {
        const Tensor<T> x = model(ids, input, config.rotary, config.rotary_width());
        return head(input.last_only ? narrow(x, 1, x.size(1) - 1, 1) : x);
    }
    /// The mean cross entropy of the logits with `targets`, in nats; a target of -100 does not count. All logits of a
    /// large batch never exist at once.
    /// Shape    ids, targets (B, T) -> ()
    Tensor<T> loss(const Tensor<int64_t>& ids, const Tensor<int64_t>& targets,
                   const Input& input = {}) const {
        if (lm_head.stored != nullptr) return cross_entropy((*this)(ids, input), targets);
        const Tensor<T> x = model.norm(model(ids, input, config.rotary, config.rotary_width()));
        return linear_cross_entropy(x, lm_head.weight, targets);
    }
    /// The logits of hidden states, which a caller may have from any layer.
    /// Shape    hidden (..., hidden_size) -> (..., vocab_size)
    Tensor<T> head(const Tensor<T>& hidden) const { return lm_head(model.norm(hidden)); }
};

}
