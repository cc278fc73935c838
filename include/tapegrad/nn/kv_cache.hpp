// What a model keeps of the tokens before, layer by layer, so that a further token costs one token's work.
#pragma once

#include <array>
#include <vector>

#include "cache_buffer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Buffers of all layers, `Parts` of them a layer. A copy goes on alone: it shares what is there (see CacheBuffer).
template <Floating T, std::size_t Parts>
class LayerCaches {
public:
    using Layer = std::array<CacheBuffer<T>, Parts>;

    LayerCaches() = default;
    /// One layer for each window; 0: the layer keeps all tokens.
    explicit LayerCaches(const std::vector<int64_t>& windows) {
        for (const int64_t window : windows) {
            layers_.emplace_back();
            layers_.back().fill(CacheBuffer<T>(window));
        }
    }

    std::size_t layers() const { return layers_.size(); }
    Layer& operator[](std::size_t layer) { return layers_[layer]; }
    const Layer& operator[](std::size_t layer) const { return layers_[layer]; }
    /// Tokens so far, those included that windows have dropped.
    int64_t length() const { return layers_.empty() ? 0 : layers_.front().front().length(); }
    /// One more that goes on from here alone, as a copy does.
    LayerCaches fork() const { return *this; }
    /// The members of the batch that go on, in that order; a member may be named several times.
    /// Throws   IndexError: outside the batch
    void select(const Tensor<int64_t>& members) {
        for (Layer& layer : layers_)
            for (CacheBuffer<T>& part : layer) part.select(members);
    }
    /// Elements that all layers keep of one token of one member of the batch.
    int64_t elements_per_token() const {
        int64_t count = 0;
        for (const Layer& layer : layers_)
            for (const CacheBuffer<T>& part : layer)
                if (part.rows().defined()) count += part.rows().size(1) * part.rows().size(3);
        return count;
    }

private:
    std::vector<Layer> layers_;
};

/// Keys and values, (B, groups, T, depth) each. With windows it is bounded: the ring of a sliding window.
template <Floating T>
using KVCache = LayerCaches<T, 2>;

/// Of multi-head latent attention: (B, 1, T, latent + rotated) of which both keys and values are made. No values.
template <Floating T>
using LatentCache = LayerCaches<T, 1>;

}
