// What a language model is given beside its tokens.
#pragma once

#include <vector>

#include "../tensor/creation.hpp"
#include "router.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A language model M has a type M::Cache, M::make_cache(), and
///   logits (B, T, V) = model(ids (B, T), LanguageModelInput<M::Cache, T>)
///   logits = model.head(hidden): the last normalisation and the vocabulary's logits of a hidden state
template <class Cache, Floating T>
struct LanguageModelInput {
    Cache* cache = nullptr;  // of the tokens before; it grows by these
    Tensor<bool> mask =
        {};  // (B, S) over all tokens, cached ones too, false: padding; or (B, T, S): what each sees
    Tensor<int64_t> positions = {};  // (B, T) or (T,); undefined: the tokens after the cached ones
    bool last_only = false;          // logits (B, 1, V) of the last token alone
    bool checkpoint = false;         // layers are computed again in backward instead of kept
    std::vector<Tensor<T>>* hidden_states =
        nullptr;  // gets the embeddings and what each layer gives, (B, T, C)
    std::vector<Routing<T>>* routings =
        nullptr;  // gets what each layer of experts decided; not with checkpoint
};

namespace detail {

/// (B, T); the cached tokens and these, when positions are not given, lie behind each other.
template <class Cache, Floating T>
Tensor<int64_t> positions_of(const Tensor<int64_t>& ids, const LanguageModelInput<Cache, T>& input) {
    if (ids.rank() != 2) fail<ShapeError>("language model", "ids ", ids.shape(), " must be (batch, length)");
    const int64_t before = input.cache != nullptr ? input.cache->length() : 0, length = ids.size(1);
    if (input.checkpoint && input.routings != nullptr)
        fail<ValueError>("language model", "routings are not kept of layers that backward computes again");
    const Shape& mask = input.mask.defined() ? input.mask.shape() : Shape{};
    if (input.mask.defined() && mask != Shape{ids.size(0), before + length} &&
        mask != Shape{ids.size(0), length, before + length})
        fail<ShapeError>("language model", "mask ", mask, " must be ", Shape{ids.size(0), before + length},
                         ": the cached tokens and these");
    if (!input.positions.defined()) return arange<int64_t>(before, before + length);
    if (input.positions.shape() != ids.shape() && input.positions.shape() != Shape{length})
        fail<ShapeError>("language model", "positions ", input.positions.shape(), " for ids ", ids.shape());
    return input.positions;
}

}

}
