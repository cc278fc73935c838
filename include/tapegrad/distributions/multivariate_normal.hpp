// The normal distribution of vectors.
#pragma once

#include "../ops/cholesky.hpp"
#include "../ops/flip.hpp"
#include "../tensor/random.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How the coordinates of a normal distribution vary together; one of the three.
template <Floating T>
struct NormalSpread {
    Tensor<T> scale_tril =
        {};  // lower triangular, with a positive diagonal: the Cholesky factor of the covariance
    Tensor<T> covariance = {}, precision = {};  // positive definite, inverse to each other
};

namespace detail {

/// The Cholesky factor of the inverse of a positive definite matrix.
template <class T>
Tensor<T> inverse_factor(const Tensor<T>& precision) {
    // The factor of the flipped matrix, flipped back, is an upper triangle u with precision = u u^T.
    const Tensor<T> u = flip(cholesky(flip(precision, Axes{-2, -1})), Axes{-2, -1});
    return solve_triangular(transpose(u), expand(eye<T>(u.size(-1)), u.shape()));
}

/// |l^-1 x|^2 for each vector of x (..., n), l (batch..., n, n).
template <class T>
Tensor<T> squared_length_in(const Tensor<T>& l, const Tensor<T>& x) {
    if (l.rank() > 2) return sum(square(solve_triangular(l, unsqueeze(x, -1))), {-2, -1});
    // One matrix for all vectors: they are its right-hand sides together.
    const int64_t n = l.size(-1);
    const Tensor<T> columns = transpose(reshape(x, {n > 0 ? x.numel() / n : 0, n}));
    return reshape(sum(square(solve_triangular(l, columns)), {-2}), without_last(x.shape(), 1));
}
template <class T>
Tensor<T> half_log_det(const Tensor<T>& l) {
    return sum(log(diagonal(l, 0, -2, -1)), {-1});
}

}

/// The normal distribution of vectors.
///   p(x) = exp(-(x - loc)^T covariance^-1 (x - loc) / 2) / sqrt(det(2 pi covariance))
///   MultivariateNormal<float> d(loc, {.covariance = c});
/// Shape    loc (..., n) and a matrix (..., n, n), whose leading axes broadcast to the batch; events (n,)
/// Grad     of all functions and of rsample, by parameters and values
/// Throws   ShapeError: sizes that do not fit; ValueError: not one matrix, loc NaN, a diagonal of scale_tril not above
///          0, something above it; what cholesky throws
template <Floating T>
struct MultivariateNormal : detail::Reparameterized<MultivariateNormal<T>> {
    using Value = Tensor<T>;
    Tensor<T> loc, scale_tril;

    MultivariateNormal(const Tensor<T>& loc_, const NormalSpread<T>& spread) {
        constexpr const char* name = "MultivariateNormal";
        const int given = (spread.scale_tril.defined() ? 1 : 0) + (spread.covariance.defined() ? 1 : 0) +
                          (spread.precision.defined() ? 1 : 0);
        if (given != 1)
            detail::fail<ValueError>(name, "give scale_tril, covariance or precision, one of them");
        const Tensor<T>& matrix = spread.scale_tril.defined()   ? spread.scale_tril
                                  : spread.covariance.defined() ? spread.covariance
                                                                : spread.precision;
        const int64_t n = detail::check_square(name, "the matrix", matrix.shape());
        if (loc_.rank() == 0 || loc_.size(-1) != n)
            detail::fail<ShapeError>(name, "loc ", loc_.shape(), " and a matrix ", matrix.shape(),
                                     " do not fit: loc must be (..., ", n, ')');
        detail::check_parameter(name, "loc", loc_, detail::Domain::real);
        if (spread.covariance.defined())
            scale_tril = cholesky(matrix);
        else
            scale_tril = spread.precision.defined() ? detail::inverse_factor(matrix) : matrix;
        if (spread.scale_tril.defined()) check_triangle();
        const Shape batch =
            broadcast_shapes(name, detail::without_last(loc_.shape(), 1), detail::leading(matrix.shape()));
        loc = detail::in_batch(loc_, detail::appended(batch, {n}));
    }

    Shape batch_shape() const { return detail::without_last(loc.shape(), 1); }
    Shape event_shape() const { return {loc.size(-1)}; }
    Tensor<T> mean() const { return loc; }
    /// Of each coordinate.
    Tensor<T> variance() const { return detail::in_batch(sum(square(scale_tril), {-1}), loc.shape()); }
    Tensor<T> covariance() const { return matmul(scale_tril, transpose(scale_tril)); }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        const Tensor<T> normal = randn<T>(detail::appended(shape, loc.shape()), generator);
        if (scale_tril.rank() == 2) return loc + matmul(normal, transpose(scale_tril));
        return loc + squeeze(matmul(scale_tril, unsqueeze(normal, -1)), -1);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        const Tensor<T> length = detail::squared_length_in(scale_tril, value - loc);
        return length * T(-0.5) - detail::half_log_det(scale_tril) - normalizer();
    }
    /// In nats.
    Tensor<T> entropy() const {
        const Tensor<T> one =
            detail::half_log_det(scale_tril) + (normalizer() + static_cast<T>(loc.size(-1)) / 2);
        return detail::in_batch(one, batch_shape());
    }

private:
    T normalizer() const {
        return static_cast<T>(loc.size(-1)) * T(0.91893853320467274178);
    }  // n log(2 pi) / 2

    void check_triangle() const {
        const Tensor<T> packed = detail::contiguous(scale_tril);
        const int64_t n = packed.size(-1);
        for (int64_t i = 0; i < packed.numel(); ++i) {
            const int64_t row = i / n % n, column = i % n;
            const T v = packed.data()[i];
            if (column > row ? v != T(0) : row == column && !(v > T(0)))
                detail::fail<ValueError>("MultivariateNormal", "scale_tril holds ", v, " at (", row, ", ",
                                         column, "); it must be lower triangular, with a positive diagonal");
        }
    }
};

/// Divergence of q from p, in nats.
/// Throws   ShapeError: events of different sizes
template <class T>
Tensor<T> kl_divergence(const MultivariateNormal<T>& p, const MultivariateNormal<T>& q) {
    const int64_t n = p.loc.size(-1);
    if (q.loc.size(-1) != n)
        detail::fail<ShapeError>("kl_divergence", "events ", p.event_shape(), " and ", q.event_shape(),
                                 " differ");
    const Tensor<T> spread = sum(square(solve_triangular(q.scale_tril, p.scale_tril)), {-2, -1});
    const Tensor<T> length = detail::squared_length_in(q.scale_tril, q.loc - p.loc);
    return detail::half_log_det(q.scale_tril) - detail::half_log_det(p.scale_tril) +
           (spread + length - static_cast<T>(n)) * T(0.5);
}

}
