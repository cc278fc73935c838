// GPT-2: token and position embeddings, pre-norm blocks of causal attention and an MLP, a head that shares its matrix
// with the token embedding. The keys are those of Hugging Face's files, `wte.weight` to `ln_f.bias`; a Linear's weight is
// (out, in).
//
// B: batch, T: length, C: width, V: vocabulary.
#pragma once

#include "../loss/cross_entropy.hpp"
#include "../nn/attention.hpp"
#include "../nn/dropout.hpp"
#include "../nn/embedding.hpp"
#include "../nn/layer_norm.hpp"
#include "../nn/sequential.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GptConfig {
    int64_t vocab_size = 50257;
    int64_t block_size = 1024;  // the longest context
    int64_t n_layer = 12;
    int64_t n_head = 12;
    int64_t n_embd = 768;
    double dropout = 0;
    bool bias = true;  // of linear layers and normalisations

    /// Throws   ValueError: a size below 1, a width that is no multiple of the heads, dropout outside [0, 1)
    void check() const {
        for (const int64_t n : {vocab_size, block_size, n_layer, n_head, n_embd})
            if (n < 1) detail::fail<ValueError>("GptConfig", "a size is ", n, "; all must be at least 1");
        if (n_embd % n_head != 0)
            detail::fail<ValueError>("GptConfig", "n_embd ", n_embd, " is no multiple of n_head ", n_head);
        if (!(dropout >= 0 && dropout < 1)) detail::fail<ValueError>("GptConfig", "dropout ", dropout, " is not in [0, 1)");
    }
};

template <Floating T = float>
struct GptAttention {
    Linear<T> c_attn, c_proj;
    int64_t n_head = 1;
    Dropout drop;
    TAPEGRAD_FIELDS(c_attn, c_proj, n_head, drop);

    Tensor<T> operator()(const Tensor<T>& x, Generator& generator) const {
        const double p = drop.training ? drop.p : 0;
        const Tensor<T> y = self_attention(c_attn(x), n_head, {.causal = true, .dropout = p}, generator);  // (B, T, C)
        return drop(c_proj(y), generator);
    }
};

template <Floating T = float>
struct GptMlp {
    Linear<T> c_fc, c_proj;
    Dropout drop;
    TAPEGRAD_FIELDS(c_fc, c_proj, drop);

    Tensor<T> operator()(const Tensor<T>& x, Generator& generator) const {
        return drop(c_proj(gelu(c_fc(x))), generator);  // (B, T, 4 C) inside
    }
};

template <Floating T = float>
struct GptBlock {
    LayerNorm<T> ln_1;
    GptAttention<T> attn;
    LayerNorm<T> ln_2;
    GptMlp<T> mlp;
    TAPEGRAD_FIELDS(ln_1, attn, ln_2, mlp);

    Tensor<T> operator()(const Tensor<T>& x, Generator& generator) const {
        const Tensor<T> seen = x + attn(ln_1(x), generator);
        return seen + mlp(ln_2(seen), generator);
    }
};


template <Floating T = float>
struct Gpt {
    Embedding<T> wte, wpe;
    Dropout drop;
    ModuleList<GptBlock<T>> h;
    LayerNorm<T> ln_f;
    GptConfig config;
    TAPEGRAD_FIELDS(wte, wpe, drop, h, ln_f, config);

    Gpt() = default;
    /// Initialised as GPT-2: normal with deviation 0.02, that of the layers that end a branch divided by
    /// sqrt(2 n_layer), biases 0.
    /// Throws   ValueError: see GptConfig::check
    Gpt(const GptConfig& c, Generator& generator) : drop{c.dropout}, config(c) {
        c.check();
        wte = Embedding<T>(c.vocab_size, c.n_embd, generator);
        wpe = Embedding<T>(c.block_size, c.n_embd, generator);
        ln_f = LayerNorm<T>(c.n_embd, {.bias = c.bias});
        for (int64_t i = 0; i < c.n_layer; ++i) {
            const auto layer = [&](int64_t in, int64_t out) { return Linear<T>(in, out, generator, {.bias = c.bias}); };
            h.push_back({LayerNorm<T>(c.n_embd, {.bias = c.bias}),
                         {layer(c.n_embd, 3 * c.n_embd), layer(c.n_embd, c.n_embd), c.n_head, {c.dropout}},
                         LayerNorm<T>(c.n_embd, {.bias = c.bias}),
                         {layer(c.n_embd, 4 * c.n_embd), layer(4 * c.n_embd, c.n_embd), {c.dropout}}});
        }
        const double branch = 0.02 / std::sqrt(2.0 * static_cast<double>(c.n_layer));
        for_each_parameter(*this, [&](std::string_view name, Tensor<T>& p) {
            if (name.ends_with(".bias")) init::constant_(p, 0);
            else if (p.rank() == 2) init::normal_(p, generator, 0, name.ends_with("c_proj.weight") ? branch : 0.02);
        });
    }

    /// Logits of the token after each position.
    /// Shape    ids (B, T) with T <= block_size -> (B, T, V)
    /// Throws   ShapeError: another rank, or longer than block_size; IndexError: an id outside [0, V)
    Tensor<T> operator()(const Tensor<int64_t>& ids, Generator& generator = default_generator()) const {
        if (ids.rank() != 2 || ids.size(1) > config.block_size)
            detail::fail<ShapeError>("Gpt", "ids ", ids.shape(), " must be (batch, length), length at most ",
                                     config.block_size);
        Tensor<T> x = drop(wte(ids) + wpe(arange<int64_t>(ids.size(1))), generator);  // (B, T, C)
        for (const GptBlock<T>& block : h) x = block(x, generator);
        return linear(ln_f(x), wte.weight);
    }

    /// Mean cross entropy of the next tokens, in nats.
    /// Shape    ids, targets (B, T) -> (); a target of -100 does not count
    Tensor<T> loss(const Tensor<int64_t>& ids, const Tensor<int64_t>& targets,
                   Generator& generator = default_generator()) const {
        return cross_entropy((*this)(ids, generator), targets);
    }

    /// Multiplications and additions of one forward and backward over `tokens` tokens, of the matrix products.
    double flop(int64_t tokens) const {
        const auto n = static_cast<double>(count_parameters(*this) - wpe.weight.numel());
        const double attention = 2.0 * static_cast<double>(config.n_layer * config.n_embd * config.block_size);
        return (6 * n + 6 * attention) * static_cast<double>(tokens);
    }
};

}
