// The encoder-decoder Transformer, as torch.nn has it: keys, order of operations, start.
//
// A mask says with true who takes part, as everywhere here; PyTorch's bool masks say the opposite. One over
// pairs broadcasts to (B, H, T, S), one over keys (B, S) hides padding.
#pragma once

#include "../ops/activation.hpp"
#include "attention.hpp"
#include "dropout.hpp"
#include "layer_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct TransformerOptions {
    int64_t hidden = 2048;    // width of the feed-forward parts
    double dropout = 0.1;     // of the attention weights, the hidden units and all branches
    bool gelu = false;        // of the hidden units; else relu
    bool norm_first = false;  // normalise in front of a branch, not behind its sum
    double eps = 1e-5;
    bool bias = true;
};

/// The pairs (query, key) of a sequence in which the key is not behind the query: (n, n).
template <std::same_as<int64_t> I = int64_t>
Tensor<bool> causal_mask(int64_t n) {
    return unsqueeze(arange<I>(n), 1) >= arange<I>(n);
}

namespace detail {

/// Both masks as one over pairs; undefined when neither says anything.
template <std::same_as<bool> B>
Tensor<B> with_keys(const Tensor<B>& pairs, const Tensor<B>& keys) {
    if (!keys.defined()) return pairs;
    if (keys.rank() != 2)
        fail<ShapeError>("Transformer", "a mask over keys ", keys.shape(), " must be (batch, length)");
    const Tensor<B> all = reshape(keys, {keys.size(0), 1, 1, keys.size(1)});
    return pairs.defined() ? all & pairs : all;
}

/// x + branch(x), with a normalisation in front of the branch or behind the sum.
template <class T, class Branch>
Tensor<T> residual(const Tensor<T>& x, const LayerNorm<T>& norm, bool norm_first, const Branch& branch) {
    return norm_first ? x + branch(norm(x)) : norm(x + branch(x));
}

}

/// Self-attention, then two linear layers, each with a residual and a normalisation.
/// Shape    x (B, T, width) -> y, same shape
/// Source   Vaswani et al., Attention Is All You Need, 2017
template <Floating T = float>
struct TransformerEncoderLayer {
    MultiHeadAttention<T> self_attn;
    Linear<T> linear1, linear2;
    LayerNorm<T> norm1, norm2;
    Dropout drop;
    bool gelu_units = false;
    bool norm_first = false;
    TAPEGRAD_FIELDS(self_attn, linear1, linear2, norm1, norm2, drop, gelu_units, norm_first);

    TransformerEncoderLayer() = default;
    /// Throws   ShapeError: width is no multiple of heads
    TransformerEncoderLayer(int64_t width, int64_t heads, Generator& generator,
                            const TransformerOptions& o = {})
        : self_attn(width, heads, generator, {.dropout = o.dropout, .bias = o.bias}),
          linear1(width, o.hidden, generator, {.bias = o.bias}),
          linear2(o.hidden, width, generator, {.bias = o.bias}),
          norm1(width, {.eps = o.eps, .bias = o.bias}),
          norm2(width, {.eps = o.eps, .bias = o.bias}),
          drop{o.dropout},
          gelu_units(o.gelu),
          norm_first(o.norm_first) {}

    Tensor<T> operator()(const Tensor<T>& x, const Tensor<bool>& mask = {}, const Tensor<bool>& keys = {},
                         Generator& generator = default_generator()) const {
        const Tensor<bool> seen = detail::with_keys(mask, keys);
        const Tensor<T> y = detail::residual(x, norm1, norm_first, [&](const Tensor<T>& v) {
            return drop(self_attn(v, seen, generator), generator);
        });
        return detail::residual(y, norm2, norm_first,
                                [&](const Tensor<T>& v) { return feed_forward(v, generator); });
    }

private:
    Tensor<T> feed_forward(const Tensor<T>& x, Generator& generator) const {
        const Tensor<T> h = linear1(x);
        return drop(linear2(drop(gelu_units ? gelu(h) : relu(h), generator)), generator);
    }
};

/// Self-attention, attention over the encoder's result, then two linear layers.
/// Shape    x (B, T, width), memory (B, S, width) -> y, same shape as x
/// Source   Vaswani et al., Attention Is All You Need, 2017
template <Floating T = float>
struct TransformerDecoderLayer {
    MultiHeadAttention<T> self_attn, multihead_attn;
    Linear<T> linear1, linear2;
    LayerNorm<T> norm1, norm2, norm3;
    Dropout drop;
    bool gelu_units = false;
    bool norm_first = false;
    TAPEGRAD_FIELDS(self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3, drop, gelu_units,
                    norm_first);

    TransformerDecoderLayer() = default;
    /// Throws   ShapeError: width is no multiple of heads
    TransformerDecoderLayer(int64_t width, int64_t heads, Generator& generator,
                            const TransformerOptions& o = {})
        : self_attn(width, heads, generator, {.dropout = o.dropout, .bias = o.bias}),
          multihead_attn(width, heads, generator, {.dropout = o.dropout, .bias = o.bias}),
          linear1(width, o.hidden, generator, {.bias = o.bias}),
          linear2(o.hidden, width, generator, {.bias = o.bias}),
          norm1(width, {.eps = o.eps, .bias = o.bias}),
          norm2(width, {.eps = o.eps, .bias = o.bias}),
          norm3(width, {.eps = o.eps, .bias = o.bias}),
          drop{o.dropout},
          gelu_units(o.gelu),
          norm_first(o.norm_first) {}

    /// Masks over the pairs of x with itself and of x with memory, and over their keys.
    struct Masks {
        Tensor<bool> self = {}, memory = {}, self_keys = {}, memory_keys = {};
    };
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& memory, const Masks& masks = {},
                         Generator& generator = default_generator()) const {
        const Tensor<bool> own = detail::with_keys(masks.self, masks.self_keys),
                           other = detail::with_keys(masks.memory, masks.memory_keys);
        Tensor<T> y = detail::residual(x, norm1, norm_first, [&](const Tensor<T>& v) {
            return drop(self_attn(v, own, generator), generator);
        });
        y = detail::residual(y, norm2, norm_first, [&](const Tensor<T>& v) {
            return drop(multihead_attn(v, memory, memory, other, generator), generator);
        });
        return detail::residual(y, norm3, norm_first, [&](const Tensor<T>& v) {
            const Tensor<T> h = linear1(v);
            return drop(linear2(drop(gelu_units ? gelu(h) : relu(h), generator)), generator);
        });
    }
};

/// Layers behind each other, and a normalisation if there is one.
template <Floating T = float>
struct TransformerEncoder {
    std::vector<TransformerEncoderLayer<T>> layers;
    std::optional<LayerNorm<T>> norm;
    TAPEGRAD_FIELDS(layers, norm);

    Tensor<T> operator()(Tensor<T> x, const Tensor<bool>& mask = {}, const Tensor<bool>& keys = {},
                         Generator& generator = default_generator()) const {
        for (const auto& layer : layers) x = layer(x, mask, keys, generator);
        return norm ? (*norm)(x) : x;
    }
};
template <Floating T = float>
struct TransformerDecoder {
    std::vector<TransformerDecoderLayer<T>> layers;
    std::optional<LayerNorm<T>> norm;
    TAPEGRAD_FIELDS(layers, norm);

    Tensor<T> operator()(Tensor<T> x, const Tensor<T>& memory,
                         const typename TransformerDecoderLayer<T>::Masks& masks = {},
                         Generator& generator = default_generator()) const {
        for (const auto& layer : layers) x = layer(x, memory, masks, generator);
        return norm ? (*norm)(x) : x;
    }
};

/// An encoder that reads a source and a decoder that continues a target while it looks at what was read.
/// Shape    source (B, S, width), target (B, T, width) -> (B, T, width)
/// Numeric  begins with every matrix even over Glorot's bounds, as PyTorch's, whose keys it has
/// Source   Vaswani et al., Attention Is All You Need, 2017
/// See      causal_mask, sinusoidal_positions
template <Floating T = float>
struct Transformer {
    TransformerEncoder<T> encoder;
    TransformerDecoder<T> decoder;
    TAPEGRAD_FIELDS(encoder, decoder);

    Transformer() = default;
    /// Throws   ShapeError: width is no multiple of heads
    Transformer(int64_t width, int64_t heads, int64_t encoder_layers, int64_t decoder_layers,
                Generator& generator, const TransformerOptions& o = {}) {
        for (int64_t i = 0; i < encoder_layers; ++i) encoder.layers.emplace_back(width, heads, generator, o);
        for (int64_t i = 0; i < decoder_layers; ++i) decoder.layers.emplace_back(width, heads, generator, o);
        encoder.norm.emplace(width, LayerNormOptions{.eps = o.eps, .bias = o.bias});
        decoder.norm.emplace(width, LayerNormOptions{.eps = o.eps, .bias = o.bias});
        for_each_parameter(*this, [&](std::string_view, Tensor<T>& p) {
            if (p.rank() > 1) init::xavier_uniform_(p, generator);
        });
    }

    struct Masks {
        Tensor<bool> source = {}, target = {}, memory = {};                 // over pairs
        Tensor<bool> source_keys = {}, target_keys = {}, memory_keys = {};  // over keys
    };
    Tensor<T> operator()(const Tensor<T>& source, const Tensor<T>& target, const Masks& masks = {},
                         Generator& generator = default_generator()) const {
        const Tensor<T> memory = encoder(source, masks.source, masks.source_keys, generator);
        return decoder(target, memory, {masks.target, masks.memory, masks.target_keys, masks.memory_keys},
                       generator);
    }
};

}
