// Losses of vectors by their distances and angles.
#pragma once

#include <limits>

#include "../ops/activation.hpp"
#include "../ops/matmul.hpp"
#include "cross_entropy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The p-norm of a - b + eps along the last axis, as PyTorch's pairwise_distance.
template <class T>
Tensor<T> distance(const Tensor<T>& a, const Tensor<T>& b, double p, double eps) {
    const Tensor<T> d = a - b + eps;
    if (p == 2) return sqrt(sum(square(d), -1));
    if (p == 1) return sum(abs(d), -1);
    if (p == std::numeric_limits<double>::infinity()) return amax(abs(d), -1);
    return pow(sum(pow(abs(d), p), -1), 1 / p);
}
inline void check_vectors(const char* op, const Shape& a, const Shape& b, const char* names) {
    if (a.rank() == 0 || a != b)
        fail<ShapeError>(op, names, " must be vectors of one shape, but are ", a, " and ", b);
}

}

struct TripletMarginOptions {
    double margin = 1;
    double p = 2;
    double eps = 1e-6;
    bool swap = false;  // the nearer of anchor and positive to the negative counts
    Reduction reduction = Reduction::mean;
};

/// The anchor nearer to what is alike than to what is not, by a margin.
///   loss = max(0, |anchor - positive|_p - |anchor - negative|_p + margin)
/// Shape    anchor, positive, negative (..., n) -> () or, without reduction, (...)
/// Grad     by all three
/// Throws   ShapeError: their shapes differ, or rank 0; ValueError: p not positive
/// Source   Balntas et al., Learning Shallow Convolutional Feature Descriptors with Triplet Losses, 2016
template <Floating T>
Tensor<T> triplet_margin_loss(const Tensor<T>& anchor, const Tensor<T>& positive, const Tensor<T>& negative,
                              const TripletMarginOptions& options = {}) {
    detail::check_vectors("triplet_margin_loss", anchor.shape(), positive.shape(), "anchor and positive");
    detail::check_vectors("triplet_margin_loss", anchor.shape(), negative.shape(), "anchor and negative");
    if (!(options.p > 0))
        detail::fail<ValueError>("triplet_margin_loss", "p is ", options.p, "; it must be positive");
    const Tensor<T> near = detail::distance(anchor, positive, options.p, options.eps);
    Tensor<T> far = detail::distance(anchor, negative, options.p, options.eps);
    if (options.swap) far = minimum(far, detail::distance(positive, negative, options.p, options.eps));
    return detail::reduced_map(
        "triplet_margin_loss", options.reduction,
        [](const auto& u, const auto& v, const auto& margin) { return relu(u - v + margin); }, near, far,
        options.margin);
}

struct CosineEmbeddingOptions {
    double margin = 0;
    Reduction reduction = Reduction::mean;
};

/// One direction for what is alike, others for what is not.
///   loss = 1 - cos(a, b) where the target is 1, max(0, cos(a, b) - margin) where it is -1
/// Shape    a, b (..., n), target (...) of 1 and -1 -> () or, without reduction, (...)
/// Grad     by a and b
/// Numeric  1e-12 is added to each squared length, as in PyTorch: no division by zero
/// Throws   ShapeError: the shapes of a and b differ, or that of target does not fit
template <Floating T>
Tensor<T> cosine_embedding_loss(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& target,
                                const CosineEmbeddingOptions& options = {}) {
    detail::check_vectors("cosine_embedding_loss", a.shape(), b.shape(), "a and b");
    if (detail::without_last(a.shape()) != target.shape())
        detail::fail<ShapeError>("cosine_embedding_loss", "target ", target.shape(), " for a ", a.shape(),
                                 "; it has the axes of a without the last");
    return detail::reduced_map(
        "cosine_embedding_loss", options.reduction,
        [](const auto& dot, const auto& aa, const auto& bb, const auto& t, const auto& margin) {
            const auto cosine = dot / sqrt((aa + 1e-12) * (bb + 1e-12));
            return where(t == -1, 0, 1 - cosine) + where(t == 1, 0, relu(cosine - margin));
        },
        sum(a * b, -1), sum(square(a), -1), sum(square(b), -1), target, options.margin);
}

struct InfoNceOptions {
    double temperature = 0.07;
    bool symmetric = false;  // the mean of both directions, as CLIP's
    bool normalize = true;   // by cosines; else by products
    Reduction reduction = Reduction::mean;
};

/// Contrast of pairs within a batch: row i of `queries` belongs to row i of `keys` and to no other.
///   loss_i = -log softmax_j(q_i . k_j / temperature)[i], with q and k of length 1
/// Shape    queries, keys (n, d) -> () or, without reduction, (n,)
/// Grad     by both
/// Numeric  1e-24 is added to each squared length
/// Throws   ShapeError: not two matrices of one shape; ValueError: temperature not positive
/// Source   van den Oord et al., Representation Learning with Contrastive Predictive Coding, 2018; symmetric:
///          Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021
template <Floating T>
Tensor<T> info_nce_loss(const Tensor<T>& queries, const Tensor<T>& keys, const InfoNceOptions& options = {}) {
    if (queries.rank() != 2 || queries.shape() != keys.shape())
        detail::fail<ShapeError>("info_nce_loss", "queries ", queries.shape(), " and keys ", keys.shape(),
                                 " must be (n, d), both the same");
    if (!(options.temperature > 0))
        detail::fail<ValueError>("info_nce_loss", "temperature is ", options.temperature,
                                 "; it must be positive");
    const auto unit = [&](const Tensor<T>& x) {
        return options.normalize ? x / sqrt(sum(square(x), -1, true) + 1e-24) : x;
    };
    const Tensor<T> logits = matmul(unit(queries), transpose(unit(keys))) / options.temperature;  // (n, n)
    const Tensor<int64_t> own = arange<int64_t>(queries.size(0));
    const Tensor<T> loss = cross_entropy(logits, own, {.reduction = options.reduction});
    if (!options.symmetric) return loss;
    return (loss + cross_entropy(transpose(logits), own, {.reduction = options.reduction})) * 0.5;
}

}
