// Distances between rows, and what is made of them: unit vectors and cosines.
#pragma once

#include "../simd/distance.hpp"
#include "matmul.hpp"
#include "norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The gradient of cdist by x, without a tape.
template <class T>
Tensor<T> cdist_gradient(const Tensor<T>& x, const Tensor<T>& z, const Tensor<T>& y, const Tensor<T>& dy,
                         double p) {
    const Tensor<T> a = detail::contiguous(x), b = detail::contiguous(z), d = detail::contiguous(y),
                    g = detail::contiguous(dy);
    Tensor<T> dx = empty<T>(x.shape());
    const simd::DistanceShape s{numel_of(leading(x.shape())), x.size(-2), z.size(-2), x.size(-1)};
    simd::with_norm<T>(p, [&](const auto& norm) {
        simd::distances_backward(s, a.data(), b.data(), d.data(), g.data(), output(dx), norm);
    });
    return dx;
}

template <class T>
Tensor<T> flipped(const Tensor<T>& x) {
    const no_grad values;
    return transpose(x);
}

}

/// Distance of every row of x from every row of z, in a p-norm.
///   y_ij = (sum_k |x_ik - z_jk|^p)^(1/p);  inf: the largest difference, 0: how many differ
/// Shape    x (..., n, k), z (..., m, k) with leading axes that broadcast -> y (..., n, m)
/// Grad     dx_i = sum_j dy_ij (x_i - z_j) / y_ij for p = 2; 0 where the distance is 0;  saves x, z, y. p =
/// inf: dy to
///          every largest difference, as in PyTorch
/// Numeric  of differences, never as |x|^2 + |z|^2 - 2 x z: no cancellation
/// Throws   ShapeError: a rank below 2, last sizes that differ, leading axes that do not broadcast;
/// ValueError: p < 0
/// See      pairwise_distance
template <Floating T>
Tensor<T> cdist(const Tensor<T>& x, const Tensor<T>& z, double p = 2) {
    if (!(p >= 0)) detail::fail<ValueError>("cdist", "p is ", p, "; a distance has p from 0 to infinity");
    if (x.rank() < 2 || z.rank() < 2 || x.size(-1) != z.size(-1))
        detail::fail<ShapeError>("cdist", "x ", x.shape(), " and z ", z.shape(),
                                 " hold no rows of one length: they are (..., n, k) and (..., m, k)");
    const Shape batch = broadcast_shapes("cdist", detail::leading(x.shape()), detail::leading(z.shape()));
    const auto spread = [&batch](const Tensor<T>& t) {
        Shape shape = batch;
        shape.push_back(t.size(-2));
        shape.push_back(t.size(-1));
        return shape == t.shape() ? t : expand(t, shape);
    };
    const Tensor<T> a = spread(x), b = spread(z);
    Shape shape = batch;
    shape.push_back(x.size(-2));
    shape.push_back(z.size(-2));
    Tensor<T> y = empty<T>(shape);
    if (y.numel() > 0) {
        const Tensor<T> from = detail::contiguous(a), to = detail::contiguous(b);
        const simd::DistanceShape s{numel_of(batch), x.size(-2), z.size(-2), x.size(-1)};
        simd::with_norm<T>(p, [&](const auto& norm) {
            simd::distances(s, from.data(), to.data(), detail::output(y), norm);
        });
    }
    return record(
        "cdist", y, {a, b},
        [a, b, p](const Tensor<T>& dy, const Tensor<T>& d, Needs needs) {
            std::array<Tensor<T>, 2> g;
            if (needs[0]) g[0] = detail::cdist_gradient(a, b, d, dy, p);
            if (needs[1]) g[1] = detail::cdist_gradient(b, a, detail::flipped(d), detail::flipped(dy), p);
            return g;
        },
        [p](const Tensor<T>& u, const Tensor<T>& v) {
            return norm(unsqueeze(u, -2) - unsqueeze(v, -3), p, -1);
        });
}

struct PairwiseDistanceOptions {
    double p = 2;
    double eps = 1e-6;  // added to every difference, as in PyTorch
    bool keepdims = false;
};

/// Distance of each row of x from the row of z at the same place, in a p-norm.
///   y_i = |x_i - z_i + eps|_p
/// Shape    x, z (..., n) broadcast together -> y (...), or (..., 1) with keepdims
/// Grad     by x and z; 0 where the distance is 0
/// Throws   ShapeError: rank 0, or shapes that do not broadcast; ValueError: p is NaN
/// See      cdist, cosine_similarity
template <Floating T>
Tensor<T> pairwise_distance(const Tensor<T>& x, const Tensor<T>& z, PairwiseDistanceOptions options = {}) {
    return norm(x - z + options.eps, options.p, -1, options.keepdims);
}

struct NormalizeOptions {
    double p = 2;
    int64_t axis = 1;
    double eps = 1e-12;  // smallest divisor
};

/// x divided by its norm along an axis.
///   y = x / max(|x|_p, eps)
/// Shape    x (..., n, ...) -> y, same shape
/// Grad     dx = (dy - y sum(dy y)) / |x| for p = 2; dy / eps where the norm is below eps
/// Throws   ShapeError: axis outside [-rank, rank); ValueError: p is NaN
/// See      norm
template <Floating T>
Tensor<T> normalize(const Tensor<T>& x, NormalizeOptions options = {}) {
    return x / clamp(norm(x, options.p, options.axis, true), options.eps, std::numeric_limits<T>::infinity());
}

struct CosineSimilarityOptions {
    int64_t axis = 1;
    double eps = 1e-8;  // smallest norm that is divided by
};

/// Cosine of the angle between x and z along an axis.
///   y = sum(x z) / (max(|x|, eps) max(|z|, eps))
/// Shape    x, z broadcast together -> y without the axis
/// Grad     by x and z; finite at a zero vector
/// Numeric  each is divided by its norm before they are multiplied: no overflow of the product of norms
/// Throws   ShapeError: axis outside [-rank, rank), or shapes that do not broadcast
template <Floating T>
Tensor<T> cosine_similarity(const Tensor<T>& x, const Tensor<T>& z, CosineSimilarityOptions options = {}) {
    const Shape shape = broadcast_shapes("cosine_similarity", x.shape(), z.shape());
    const int from_end = normalize_axis("cosine_similarity", options.axis, shape.rank()) - shape.rank();
    const Tensor<T> a = x.shape() == shape ? x : expand(x, shape),
                    b = z.shape() == shape ? z : expand(z, shape);
    const NormalizeOptions unit{.axis = from_end, .eps = options.eps};
    return sum(normalize(a, unit) * normalize(b, unit), from_end);
}

}
