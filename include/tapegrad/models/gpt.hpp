// GPT-2's architecture with nanoGPT's names, start and options.
#pragma once

#include "../autograd/checkpoint.hpp"
#include "../loss/linear_cross_entropy.hpp"
#include "../nn/attention.hpp"
#include "../nn/dropout.hpp"
#include "../nn/embedding.hpp"
#include "../nn/grouped_attention.hpp"
#include "../nn/kv_cache.hpp"
#include "../nn/language_model.hpp"
#include "../nn/layer_norm.hpp"
#include "../nn/sequential.hpp"
#include "../ops/activation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GPTConfig {
    int64_t vocab_size = 50304;
    int64_t block_size = 1024;
    int64_t n_layer = 12;
    int64_t n_head = 12;
    int64_t n_embd = 768;
    double dropout = 0;
    bool bias = true;               // of every Linear but the head, and of every LayerNorm
    double init_std = 0.02;         // GPT-2's, made for a width of 768
    int64_t n_inner = 0;            // of the feed-forward parts; 0: 4 n_embd
    GeluForm gelu = GeluForm::erf;  // nanoGPT's; GPT-2 was trained with tanh
    double eps = 1e-5;              // of every LayerNorm
};

/// Causal self-attention with heads side by side.
/// Shape    x (B, T, C) -> y, same shape
template <Floating T = float>
struct GPTAttention {
    Linear<T> c_attn, c_proj;
    Dropout resid_dropout;
    int64_t n_head = 1;
    TAPEGRAD_FIELDS(c_attn, c_proj, resid_dropout, n_head);

    GPTAttention() = default;
    GPTAttention(const GPTConfig& c, Generator& generator)
        : c_attn(c.n_embd, 3 * c.n_embd, generator, {.bias = c.bias}),
          c_proj(c.n_embd, c.n_embd, generator, {.bias = c.bias}),
          resid_dropout{c.dropout},
          n_head(c.n_head) {}

    Tensor<T> operator()(const Tensor<T>& x, const AttentionInput<T>& in, Generator& generator) const {
        const double p = resid_dropout.training ? resid_dropout.p : 0;
        const Tensor<T> qkv = c_attn(x);  // (B, T, 3 C)
        const Tensor<T> y = in.cache == nullptr && !in.mask.defined()
                                ? self_attention(qkv, n_head, {.causal = true, .dropout = p}, generator)
                                : attend(qkv, in);
        return resid_dropout(c_proj(y), generator);
    }

private:
    /// To cached keys and values too, and without dropout.
    Tensor<T> attend(const Tensor<T>& qkv, const AttentionInput<T>& in) const {
        const auto parts = chunk<3>(qkv, -1);
        const auto per_head = [this](const Tensor<T>& x) { return detail::split_heads(x, n_head); };
        return detail::attend_cached(per_head(parts[0]), per_head(parts[1]), per_head(parts[2]), 0, in);
    }
};

/// Two linear layers around a GELU, wider between them.
template <Floating T = float>
struct GPTMlp {
    Linear<T> c_fc, c_proj;
    Dropout dropout;
    GeluForm form = GeluForm::erf;
    TAPEGRAD_FIELDS(c_fc, c_proj, dropout, form);

    GPTMlp() = default;
    GPTMlp(const GPTConfig& c, Generator& generator)
        : c_fc(c.n_embd, inner(c), generator, {.bias = c.bias}),
          c_proj(inner(c), c.n_embd, generator, {.bias = c.bias}),
          dropout{c.dropout},
          form(c.gelu) {}

    Tensor<T> operator()(const Tensor<T>& x, Generator& generator) const {
        return dropout(c_proj(gelu(c_fc(x), {.approximate = form})), generator);
    }

private:
    static int64_t inner(const GPTConfig& c) { return c.n_inner > 0 ? c.n_inner : 4 * c.n_embd; }
};

template <Floating T = float>
struct GPTBlock {
    LayerNorm<T> ln_1;
    GPTAttention<T> attn;
    LayerNorm<T> ln_2;
    GPTMlp<T> mlp;
    TAPEGRAD_FIELDS(ln_1, attn, ln_2, mlp);

    GPTBlock() = default;
    GPTBlock(const GPTConfig& c, Generator& generator)
        : ln_1(c.n_embd, {.eps = c.eps, .bias = c.bias}),
          attn(c, generator),
          ln_2(c.n_embd, {.eps = c.eps, .bias = c.bias}),
          mlp(c, generator) {}

    Tensor<T> operator()(const Tensor<T>& x, const AttentionInput<T>& in, Generator& generator) const {
        const Tensor<T> y = x + attn(ln_1(x), in, generator);
        return y + mlp(ln_2(y), generator);
    }
};

/// A decoder-only Transformer that predicts the next token.
/// Shape    ids (B, T), T up to block_size -> logits (B, T, vocab_size)
/// Numeric  begins normal with std init_std, the projections back into the residual stream with init_std /
/// sqrt(2 n_layer),
///          biases 0; the head shares its matrix with the token embedding
/// Source   Radford et al., Language Models are Unsupervised Multitask Learners, 2019
template <Floating T = float>
struct GPT {
    using Cache = KVCache<T>;
    using Input = LanguageModelInput<Cache, T>;
    struct Trunk {
        Embedding<T> wte, wpe;
        Dropout drop;
        ModuleList<GPTBlock<T>> h;
        LayerNorm<T> ln_f;
        TAPEGRAD_FIELDS(wte, wpe, drop, h, ln_f);
    };

    GPTConfig config;
    Trunk transformer;
    Linear<T> lm_head;
    TAPEGRAD_FIELDS(config, transformer, lm_head);

    GPT() = default;
    /// Throws   ShapeError: a negative size; ValueError: n_embd is no multiple of n_head
    GPT(const GPTConfig& c, Generator& generator) : config(c) {
        if (c.n_head < 1 || c.n_embd % c.n_head != 0)
            detail::fail<ValueError>("GPT", "n_embd ", c.n_embd, " is no multiple of n_head ", c.n_head);
        transformer.wte = Embedding<T>(c.vocab_size, c.n_embd, generator);
        transformer.wpe = Embedding<T>(c.block_size, c.n_embd, generator);
        transformer.drop.p = c.dropout;
        for (int64_t i = 0; i < c.n_layer; ++i) transformer.h.emplace_back(c, generator);
        transformer.ln_f = LayerNorm<T>(c.n_embd, {.eps = c.eps, .bias = c.bias});
        lm_head.weight = transformer.wte.weight;
        for_each_parameter(*this, [&](std::string_view name, Tensor<T>& p) {
            const bool residual = name.ends_with("c_proj.weight");
            const double std =
                residual ? c.init_std / std::sqrt(2 * static_cast<double>(c.n_layer)) : c.init_std;
            if (p.rank() >= 2)
                init::normal_(p, generator, 0, std);
            else if (name.ends_with("bias"))
                init::constant_(p, 0);
        });
    }

    /// The logits of the next token at every place.
    /// Throws   ShapeError: ids not (B, T), or T above block_size; IndexError: an id outside the vocabulary
    Tensor<T> operator()(const Tensor<int64_t>& ids, Generator& generator = default_generator()) const {
        return head(hidden(ids, {}, generator));
    }
    /// The same against cached tokens, or of texts of different lengths. Attention then has no dropout.
    /// Shape    ids (B, T), cached and new tokens up to block_size -> logits (B, T, vocab_size)
    /// Throws   as above; ShapeError: a mask or positions that do not fit; IndexError: a position outside block_size
    Tensor<T> operator()(const Tensor<int64_t>& ids, const Input& input,
                         Generator& generator = default_generator()) const {
        const Tensor<T> x = hidden(ids, input, generator);
        return head(input.last_only ? narrow(x, 1, x.size(1) - 1, 1) : x);
    }
    /// The logits of hidden states.
    Tensor<T> head(const Tensor<T>& x) const { return lm_head(transformer.ln_f(x)); }
    Cache make_cache() const { return Cache(std::vector<int64_t>(transformer.h.size(), 0)); }

    /// The mean cross entropy of the logits with `targets`, in nats; a target of -100 does not count. All logits of a
    /// large batch never exist at once.
    /// Shape    ids, targets (B, T) -> ()
    Tensor<T> loss(const Tensor<int64_t>& ids, const Tensor<int64_t>& targets,
                   Generator& generator = default_generator()) const {
        return loss(ids, targets, {}, generator);
    }
    Tensor<T> loss(const Tensor<int64_t>& ids, const Tensor<int64_t>& targets, const Input& input,
                   Generator& generator = default_generator()) const {
        if (lm_head.stored != nullptr) return cross_entropy((*this)(ids, input, generator), targets);
        const Tensor<T> x = transformer.ln_f(hidden(ids, input, generator));
        return linear_cross_entropy(x, lm_head.weight, targets);
    }

private:
    /// Before the last normalisation: (B, T, C).
    Tensor<T> hidden(const Tensor<int64_t>& ids, const Input& input, Generator& generator) const {
        const int64_t before = input.cache != nullptr ? input.cache->length() : 0;
        if (ids.rank() != 2 || ids.size(1) > config.block_size - before)
            detail::fail<ShapeError>("GPT", "ids ", ids.shape(),
                                     " must be (batch, length), length up to block_size ", config.block_size,
                                     before > 0 ? detail::text(" less ", before, " cached tokens") : "");
        const Tensor<int64_t> places = detail::positions_of(ids, input);
        const Tensor<T> positions = input.positions.defined()
                                        ? transformer.wpe(places)
                                        : narrow(transformer.wpe.weight, 0, before, ids.size(1));  // (T, C)
        Tensor<T> x = transformer.drop(transformer.wte(ids) + positions, generator);
        AttentionInput<T> in{.mask = input.mask};
        for (std::size_t i = 0; i < transformer.h.size(); ++i) {
            if (input.hidden_states != nullptr) input.hidden_states->push_back(x);
            if (input.cache != nullptr) in.cache = &(*input.cache)[i];
            x = block(i, x, in, input, generator);
        }
        if (input.hidden_states != nullptr) input.hidden_states->push_back(x);
        return x;
    }
    Tensor<T> block(std::size_t i, const Tensor<T>& x, const AttentionInput<T>& in, const Input& input,
                    Generator& generator) const {
        const GPTBlock<T>& layer = transformer.h[i];
        if (!input.checkpoint || input.cache != nullptr) return layer(x, in, generator);
        // The generator is an input: backward draws the same numbers again.
        return checkpoint([&layer, in](const Tensor<T>& y, Generator& draws) { return layer(y, in, draws); },
                          x, generator);
    }
};
GPT(const GPTConfig&, Generator&)->GPT<float>;

}
