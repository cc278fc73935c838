// A table of vectors that are looked up by number.
#pragma once

#include "../ops/embedding.hpp"
#include "../ops/movement.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct EmbeddingOptions {
    std::optional<int64_t> padding_idx = {};  // an id whose vector begins as 0 and is not trained
};

/// y = weight[ids]
/// Shape    ids (...) -> y (..., dim); weight (count, dim)
/// Numeric  begins normal with mean 0 and std 1, as PyTorch's
/// Throws   IndexError: an id outside [0, count)
template <Floating T = float>
struct Embedding {
    Tensor<T> weight;
    int64_t padding_idx = -1;  // -1: none
    TAPEGRAD_FIELDS(weight, padding_idx);

    Embedding() = default;
    /// Throws   ShapeError: a negative size; IndexError: padding_idx outside [-count, count)
    Embedding(int64_t count, int64_t dim, Generator& generator, EmbeddingOptions options = {})
        : weight(parameter(empty<T>({count, dim}))) {
        init::normal_(weight, generator);
        if (!options.padding_idx) return;
        const int64_t id = *options.padding_idx;
        if (id < -count || id >= count)
            detail::fail<IndexError>("Embedding", "padding_idx ", id, " is outside [", -count, ", ", count,
                                     ")");
        padding_idx = id < 0 ? id + count : id;
        T* const row = weight.mutable_data() + padding_idx * dim;
        std::fill(row, row + dim, T(0));
    }

    Tensor<T> operator()(const Tensor<int64_t>& ids) const {
        const Tensor<T> y = embedding(weight, ids);
        return padding_idx < 0 ? y : where(unsqueeze(ids == padding_idx, -1), y.detach(), y);
    }
};
Embedding(int64_t, int64_t, Generator&, EmbeddingOptions)->Embedding<float>;
Embedding(int64_t, int64_t, Generator&)->Embedding<float>;

}
