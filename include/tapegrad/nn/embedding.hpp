// A table of vectors that are looked up by number.
#pragma once

#include "../ops/embedding.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = weight[ids]
/// Shape    ids (...) -> y (..., dim); weight (count, dim)
/// Numeric  begins normal with mean 0 and std 1, as PyTorch's
/// Throws   IndexError: an id outside [0, count)
template <Floating T = float>
struct Embedding {
    Tensor<T> weight;
    TAPEGRAD_FIELDS(weight);

    Embedding() = default;
    /// Throws   ShapeError: a negative size
    Embedding(int64_t count, int64_t dim, Generator& generator) : weight(parameter(empty<T>({count, dim}))) {
        init::normal_(weight, generator);
    }

    Tensor<T> operator()(const Tensor<int64_t>& ids) const { return embedding(weight, ids); }
};
Embedding(int64_t, int64_t, Generator&)->Embedding<float>;

}
