// BERT, an encoder of texts, with the names of Hugging Face's files; and vectors of whole sentences.
#pragma once

#include "../nn/attention.hpp"
#include "../nn/embedding.hpp"
#include "../nn/grouped_attention.hpp"
#include "../nn/layer_norm.hpp"
#include "../nn/sequential.hpp"
#include "../ops/activation.hpp"
#include "../ops/norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Names and defaults are those of Hugging Face's config.json.
struct BertConfig {
    int64_t vocab_size = 30522;
    int64_t hidden_size = 768;
    int64_t num_hidden_layers = 12;
    int64_t num_attention_heads = 12;
    int64_t intermediate_size = 3072;
    int64_t max_position_embeddings = 512;
    int64_t type_vocab_size = 2;
    double layer_norm_eps = 1e-12;
    double initializer_range = 0.02;
    GeluForm gelu = GeluForm::erf;
};

struct BertInput {
    Tensor<bool> mask = {};            // (B, T); false: padding
    Tensor<int64_t> token_types = {};  // (B, T), 0 in the first sentence and 1 in the second; undefined: 0
};

template <Floating T = float>
struct BertEmbeddings {
    Embedding<T> word_embeddings, position_embeddings, token_type_embeddings;
    tapegrad::LayerNorm<T> LayerNorm;
    TAPEGRAD_FIELDS(word_embeddings, position_embeddings, token_type_embeddings, LayerNorm);
};

/// A linear layer, and the normalisation of what it adds to.
template <Floating T = float>
struct BertOutput {
    Linear<T> dense;
    tapegrad::LayerNorm<T> LayerNorm;
    TAPEGRAD_FIELDS(dense, LayerNorm);

    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& before) const {
        return LayerNorm(before + dense(x));
    }
};

/// norm(x + attention(x)), then norm(x + mlp(x)).
/// Shape    x (B, T, width) -> y, same shape
template <Floating T = float>
struct BertLayer {
    struct Projections {
        Linear<T> query, key, value;
        TAPEGRAD_FIELDS(query, key, value);
    };
    struct Attention {
        Projections self;
        BertOutput<T> output;
        TAPEGRAD_FIELDS(self, output);
    };
    struct Intermediate {
        Linear<T> dense;
        TAPEGRAD_FIELDS(dense);
    };
    Attention attention;
    Intermediate intermediate;
    BertOutput<T> output;
    int64_t heads = 1;
    GeluForm form = GeluForm::erf;
    TAPEGRAD_FIELDS(attention, intermediate, output, heads, form);

    BertLayer() = default;
    BertLayer(const BertConfig& c, Generator& generator) : heads(c.num_attention_heads), form(c.gelu) {
        const auto square = [&] { return Linear<T>(c.hidden_size, c.hidden_size, generator); };
        const auto norm = [&] { return tapegrad::LayerNorm<T>(c.hidden_size, {.eps = c.layer_norm_eps}); };
        attention = {{square(), square(), square()}, {square(), norm()}};
        intermediate.dense = Linear<T>(c.hidden_size, c.intermediate_size, generator);
        output = {Linear<T>(c.intermediate_size, c.hidden_size, generator), norm()};
    }

    /// `mask` broadcasts to (B, heads, T, T).
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<bool>& mask) const {
        const auto per_head = [&](const Linear<T>& f) { return detail::split_heads(f(x), heads); };
        const Tensor<T> seen =
            scaled_dot_product_attention(per_head(attention.self.query), per_head(attention.self.key),
                                         per_head(attention.self.value), {.mask = mask});
        const Tensor<T> y = attention.output(detail::join_heads(seen), x);  // (B, T, width)
        return output(gelu(intermediate.dense(y), {.approximate = form}), y);
    }
};

/// A bidirectional encoder. There is no dropout: it is for what is trained already.
/// Shape    ids (B, T), T up to max_position_embeddings -> (B, T, hidden_size)
/// Numeric  begins normal with mean 0 and std initializer_range, biases 0, scales 1
/// Source   Devlin et al., BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding, 2018
template <Floating T = float>
struct Bert {
    struct Encoder {
        ModuleList<BertLayer<T>> layer;
        TAPEGRAD_FIELDS(layer);
    };
    struct Pooler {
        Linear<T> dense;
        TAPEGRAD_FIELDS(dense);
    };
    BertConfig config;
    BertEmbeddings<T> embeddings;
    Encoder encoder;
    Pooler pooler;
    TAPEGRAD_FIELDS(config, embeddings, encoder, pooler);

    Bert() = default;
    /// Throws   ShapeError: hidden_size is no multiple of num_attention_heads
    Bert(const BertConfig& c, Generator& generator) : config(c) {
        if (c.num_attention_heads < 1 || c.hidden_size % c.num_attention_heads != 0)
            detail::fail<ShapeError>("Bert", "hidden_size ", c.hidden_size, " is no multiple of ",
                                     c.num_attention_heads, " heads");
        embeddings.word_embeddings = Embedding<T>(c.vocab_size, c.hidden_size, generator);
        embeddings.position_embeddings = Embedding<T>(c.max_position_embeddings, c.hidden_size, generator);
        embeddings.token_type_embeddings = Embedding<T>(c.type_vocab_size, c.hidden_size, generator);
        embeddings.LayerNorm = LayerNorm<T>(c.hidden_size, {.eps = c.layer_norm_eps});
        for (int64_t i = 0; i < c.num_hidden_layers; ++i) encoder.layer.emplace_back(c, generator);
        pooler.dense = Linear<T>(c.hidden_size, c.hidden_size, generator);
        for_each_parameter(*this, [&](std::string_view name, Tensor<T>& p) {
            if (p.rank() >= 2)
                init::normal_(p, generator, 0, c.initializer_range);
            else if (name.ends_with("bias"))
                init::constant_(p, 0);
        });
    }

    /// Throws   ShapeError: ids not (B, T), too long, or a mask or token types of another shape; IndexError: an id or a
    ///          type outside its table
    Tensor<T> operator()(const Tensor<int64_t>& ids, const BertInput& input = {}) const {
        if (ids.rank() != 2 || ids.size(1) > config.max_position_embeddings)
            detail::fail<ShapeError>("Bert", "ids ", ids.shape(), " must be (batch, length), length up to ",
                                     config.max_position_embeddings);
        check(ids, "mask", input.mask);
        check(ids, "token_types", input.token_types);
        const int64_t length = ids.size(1);
        const Tensor<T> types = input.token_types.defined()
                                    ? embeddings.token_type_embeddings(input.token_types)
                                    : narrow(embeddings.token_type_embeddings.weight, 0, 0, 1);
        Tensor<T> x = embeddings.LayerNorm(embeddings.word_embeddings(ids) + types +
                                           narrow(embeddings.position_embeddings.weight, 0, 0, length));
        const Tensor<bool> mask =
            input.mask.defined() ? reshape(input.mask, {ids.size(0), 1, 1, length}) : input.mask;
        for (const BertLayer<T>& layer : encoder.layer) x = layer(x, mask);
        return x;
    }
    /// What the pooler makes of the first token.
    /// Shape    hidden (B, T, width) -> (B, width)
    Tensor<T> pooled(const Tensor<T>& hidden) const { return tanh(pooler.dense(select(hidden, 1, 0))); }

private:
    template <class X>
    static void check(const Tensor<int64_t>& ids, const char* what, const Tensor<X>& x) {
        if (x.defined() && x.shape() != ids.shape())
            detail::fail<ShapeError>("Bert", what, " ", x.shape(), " for ids ", ids.shape());
    }
};
Bert(const BertConfig&, Generator&)->Bert<float>;

/// The vector of a sentence: the mean of its tokens' vectors, of length 1.
/// Shape    hidden (B, T, width), mask (B, T) or undefined -> (B, width)
/// Numeric  a sentence without a token gives zeros
/// Source   Reimers and Gurevych, Sentence-BERT, 2019
template <Floating T>
Tensor<T> sentence_embedding(const Tensor<T>& hidden, const Tensor<bool>& mask = {}) {
    if (hidden.rank() != 3 || (mask.defined() && mask.shape() != Shape{hidden.size(0), hidden.size(1)}))
        detail::fail<ShapeError>("sentence_embedding", "hidden ", hidden.shape(),
                                 " must be (batch, length, width), and the mask (batch, length)");
    // A mean and a sum have one direction.
    const Tensor<T> total = sum(mask.defined() ? where(unsqueeze(mask, -1), hidden, T(0)) : hidden, 1);
    return total / maximum(norm(total, 2, -1, true), T(1e-12));
}

}
