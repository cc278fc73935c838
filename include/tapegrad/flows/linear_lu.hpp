// A linear map of features by the factors of elimination, and the same for the channels of images.
#pragma once

#include "../nn/init.hpp"
#include "../ops/activation.hpp"
#include "../ops/solve_triangular.hpp"
#include "permutation.hpp"
#include "triangles.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = l u x + bias, l a lower triangle with ones on its diagonal, u an upper one whose diagonal is positive.
///   u_ii = softplus(unconstrained_upper_diag_i) + eps,   log |det| = sum_i log u_ii, at every place
/// Shape    x (n, features, ...) -> y, same shape: every place of an image has the same map
/// Numeric  begins as the identity, or with the generator even over [-b, b), b = 1 / sqrt(features), all but the bias
/// Throws   ShapeError: x of other features, a negative size
/// Source   Oliva et al., Transformation Autoregressive Networks, 2018; the keys are those of nflows
template <Floating T = float>
struct LinearLU {
    double eps = 1e-3;
    Tensor<T> lower_entries, upper_entries, unconstrained_upper_diag, bias;
    TAPEGRAD_FIELDS(eps, lower_entries, upper_entries, unconstrained_upper_diag, bias);

    LinearLU() = default;
    explicit LinearLU(int64_t features)
        : lower_entries(parameter(zeros<T>({detail::entries_beside_diagonal(features)}))),
          upper_entries(parameter(zeros<T>({detail::entries_beside_diagonal(features)}))),
          unconstrained_upper_diag(
              parameter(full<T>({features}, static_cast<T>(std::log(std::expm1(1 - eps)))))),
          bias(parameter(zeros<T>({features}))) {}
    LinearLU(int64_t features, Generator& generator) : LinearLU(features) {
        const no_grad values;
        const double bound = features > 0 ? 1 / std::sqrt(static_cast<double>(features)) : 0;
        for (Tensor<T>* x : {&lower_entries, &upper_entries, &unconstrained_upper_diag})
            init::uniform_(*x, generator, -bound, bound);
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_channels("LinearLU", x, bias.size(0));
        const Tensor<T> on = diagonal();
        const Tensor<T> up = matmul(detail::upper_triangle(upper_entries, on), detail::as_columns(x));
        const Tensor<T> y = matmul(lower(), up) + reshape(bias, {-1, 1});
        return {reshape(y, x.shape()), log_det(on, x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_channels("LinearLU", y, bias.size(0));
        const Tensor<T> on = diagonal(), moved = detail::as_columns(y) - reshape(bias, {-1, 1});
        const Tensor<T> up = solve_triangular(lower(), moved, {.unitriangular = true});
        const Tensor<T> x = solve_triangular(detail::upper_triangle(upper_entries, on), up, {.upper = true});
        return {reshape(x, y.shape()), -log_det(on, y)};
    }
    /// The matrix, (features, features).
    Tensor<T> weight() const { return matmul(lower(), detail::upper_triangle(upper_entries, diagonal())); }

private:
    Tensor<T> diagonal() const { return softplus(unconstrained_upper_diag) + eps; }
    Tensor<T> lower() const { return detail::unit_lower_triangle(lower_entries, bias.size(0)); }
    static Tensor<T> log_det(const Tensor<T>& on, const Tensor<T>& x) {
        return detail::for_each_event(sum(log(on)) * static_cast<T>(detail::places_of(x)), x);
    }
};
LinearLU(int64_t)->LinearLU<float>;
LinearLU(int64_t, Generator&)->LinearLU<float>;

/// A fixed random permutation of the channels of an image and a LinearLU: an invertible 1x1 convolution whose volume
/// costs nothing.
/// Shape    x (n, channels, ...) -> y, same shape
/// Source   Kingma and Dhariwal, Glow, 2018; as nflows' OneByOneConvolution
/// See      Conv1x1
template <Floating T = float>
struct Conv1x1LU {
    Permutation permutation;
    LinearLU<T> linear;
    TAPEGRAD_FIELDS(permutation, linear);

    Conv1x1LU() = default;
    Conv1x1LU(int64_t channels, Generator& generator)
        : permutation(Permutation::random(channels, generator)), linear(channels) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        return linear.forward(permutation.forward(x).value);
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        Mapped<T> x = linear.inverse(y);
        x.value = permutation.inverse(x.value).value;
        return x;
    }
};
Conv1x1LU(int64_t, Generator&)->Conv1x1LU<float>;

}
