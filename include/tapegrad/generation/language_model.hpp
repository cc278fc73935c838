// What generation and scoring want of a model; nn/language_model.hpp says what a model is given.
#pragma once

#include "../nn/language_model.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class M, class T>
concept GivesLogits = requires(const M& model, const Tensor<int64_t>& ids,
                               const LanguageModelInput<typename M::Cache, T>& input) {
    { model(ids, input) } -> std::convertible_to<Tensor<T>>;
};

}

/// A model with a cache that can go on twice (`fork`) and with some members of a batch (`select`).
template <class M>
concept LanguageModel = requires(const M& model, typename M::Cache& cache, const Tensor<int64_t>& members) {
    { model.make_cache() } -> std::convertible_to<typename M::Cache>;
    { cache.fork() } -> std::convertible_to<typename M::Cache>;
    cache.select(members);
}
&&(detail::GivesLogits<M, float> || detail::GivesLogits<M, double>);

/// The element type of a model's logits.
template <LanguageModel M>
using LogitOf = std::conditional_t<detail::GivesLogits<M, float>, float, double>;

namespace detail {

/// The logits of a model, checked.
/// Throws   ShapeError: not (B, T, V), or (B, 1, V) of the last token alone
template <class M, class T>
Tensor<T> logits_of(std::string_view op, const M& model, const Tensor<int64_t>& ids,
                    const LanguageModelInput<typename M::Cache, T>& input) {
    const Tensor<T> logits = contiguous(Tensor<T>(model(ids, input)));
    const int64_t length = input.last_only ? 1 : ids.size(1);
    if (logits.rank() != 3 || logits.size(0) != ids.size(0) || logits.size(1) != length)
        fail<ShapeError>(op, "the model gave logits ", logits.shape(), " for ids ", ids.shape(),
                         input.last_only ? ", of the last token alone" : "");
    return logits;
}

}

}
