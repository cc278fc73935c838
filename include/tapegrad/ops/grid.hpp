// Tensors made of all pairs of places or values, and matrices of blocks.
#pragma once

#include "axes.hpp"
#include "indexing.hpp"
#include "join.hpp"
#include "nonzero.hpp"
#include "pad.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Which vector the first axis of a grid follows: the first one (as matrices are indexed), or the second one
/// (as pictures are, with x to the right).
enum class GridOrder { ij, xy };

/// The coordinates of a grid, one tensor for each vector, as views.
///   ij: y_0[i, j] = a[i], y_1[i, j] = b[j];  xy: y_0[i, j] = a[j], y_1[i, j] = b[i]
/// Shape    (n,), (m,), ... -> each (n, m, ...), or (m, n, ...) for xy
/// Grad     of each: dy summed over the other axes
/// Throws   ShapeError: no vectors, more than 8, or one of rank above 1
template <class T>
std::vector<Tensor<T>> meshgrid(std::span<const Tensor<T>> vectors, GridOrder order = GridOrder::ij) {
    if (vectors.empty()) detail::fail<ShapeError>("meshgrid", "no vectors");
    Shape shape;
    for (const Tensor<T>& v : vectors) {
        if (v.rank() > 1)
            detail::fail<ShapeError>("meshgrid", "vector ", shape.rank(), " ", v.shape(),
                                     " has several axes");
        shape.push_back(v.numel());
    }
    const auto axis_of = [order](int k) { return order == GridOrder::xy && k < 2 ? 1 - k : k; };
    if (order == GridOrder::xy && shape.rank() > 1) std::swap(shape[0], shape[1]);
    std::vector<Tensor<T>> out;
    out.reserve(vectors.size());
    for (int k = 0; k < shape.rank(); ++k) {
        const int axis = shape.rank() > 1 ? axis_of(k) : k;
        Shape along = Dims::filled(shape.rank(), 1);
        along[axis] = shape[axis];
        out.push_back(expand(reshape(vectors[static_cast<std::size_t>(k)], along), shape));
    }
    return out;
}
template <class T>
std::vector<Tensor<T>> meshgrid(std::initializer_list<Tensor<T>> vectors, GridOrder order = GridOrder::ij) {
    return meshgrid(std::span<const Tensor<T>>(vectors.begin(), vectors.size()), order);
}

/// Every combination of one value of each vector, the last one changing fastest.
/// Shape    k vectors (n,), (m,), ... -> y (n m ..., k); one vector -> itself
/// Grad     of each: the sum of dy over the combinations
/// Throws   ShapeError: no vectors, more than 8, or one of another rank than 1
template <class T>
Tensor<T> cartesian_prod(std::initializer_list<Tensor<T>> vectors) {
    for (const Tensor<T>& v : vectors)
        if (v.rank() != 1)
            detail::fail<ShapeError>("cartesian_prod", "vector ", v.shape(), " is not of rank 1");
    if (vectors.size() == 1) return *vectors.begin();
    std::vector<Tensor<T>> columns;
    for (const Tensor<T>& grid : meshgrid(vectors)) columns.push_back(flatten(grid));
    return stack(columns, 1);
}

/// A matrix with the given ones along its diagonal, zeros elsewhere.
/// Shape    (n, m), (k, l), ... -> y (n + k + ..., m + l + ...); a vector is a row, a number is (1, 1)
/// Grad     each gets its block of dy
/// Throws   ShapeError: no matrices, or one of rank above 2
/// See      diag, cat
template <class T>
Tensor<T> block_diag(std::span<const Tensor<T>> matrices) {
    if (matrices.empty()) detail::fail<ShapeError>("block_diag", "no matrices");
    std::vector<Tensor<T>> blocks;
    int64_t width = 0;
    for (const Tensor<T>& m : matrices) {
        if (m.rank() > 2)
            detail::fail<ShapeError>("block_diag", "matrix ", blocks.size(), " ", m.shape(),
                                     " has more than two axes");
        blocks.push_back(m.rank() == 2 ? m : reshape(m, {1, m.numel()}));
        width += blocks.back().size(1);
    }
    int64_t left = 0;
    for (Tensor<T>& block : blocks) {
        const int64_t n = block.size(1);
        block = pad(block, {left, width - left - n});
        left += n;
    }
    return cat(blocks);
}
template <class T>
Tensor<T> block_diag(std::initializer_list<Tensor<T>> matrices) {
    return block_diag(std::span<const Tensor<T>>(matrices.begin(), matrices.size()));
}

/// The places of the lower triangle of a (rows, cols) matrix, row by row: those of `tril`.
/// Shape    y (2, k): rows above columns
/// Throws   ShapeError: a negative size
/// See      tril, triu_indices
template <std::same_as<bool> B = bool>
Tensor<int64_t> tril_indices(int64_t rows, int64_t cols, int64_t offset = 0) {
    return contiguous(transpose(nonzero(tril(full<B>({rows, cols}, true), offset))));
}
/// The places of the upper triangle of a (rows, cols) matrix, row by row: those of `triu`.
/// Shape    y (2, k): rows above columns
/// Throws   ShapeError: a negative size
/// See      triu, tril_indices
template <std::same_as<bool> B = bool>
Tensor<int64_t> triu_indices(int64_t rows, int64_t cols, int64_t offset = 0) {
    return contiguous(transpose(nonzero(triu(full<B>({rows, cols}, true), offset))));
}

}
