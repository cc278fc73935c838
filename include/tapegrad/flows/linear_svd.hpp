// A linear map of features by its singular values.
#pragma once

#include "../ops/activation.hpp"
#include "householder.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = q1 s q2 x + bias, q1 and q2 products of reflections, s the diagonal of softplus(unconstrained_diagonal) + eps: the
/// singular values, so that neither the map nor its inverse needs more than products.
///   log |det| = sum log s
/// Shape    x (n, features) -> y, same shape
/// Numeric  begins as Householder, with s = 1 and bias 0: a rotation
/// Throws   ShapeError: x is not (n, features), a negative size
/// Source   Zhang et al., Stabilizing Gradients for Deep Neural Networks via Efficient SVD Parameterization, 2018; the
///          keys are nflows'
template <Floating T = float>
struct LinearSVD {
    double eps = 1e-3;
    Tensor<T> bias, unconstrained_diagonal;
    Householder<T> orthogonal_1, orthogonal_2;
    TAPEGRAD_FIELDS(eps, bias, unconstrained_diagonal, orthogonal_1, orthogonal_2);

    LinearSVD() = default;
    LinearSVD(int64_t features, int64_t reflections, Generator& generator)
        : bias(parameter(zeros<T>({features}))),
          unconstrained_diagonal(
              parameter(full<T>({features}, static_cast<T>(std::log(std::expm1(1 - eps)))))),
          orthogonal_1(features, reflections, generator),
          orthogonal_2(features, reflections, generator) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        const Tensor<T> s = diagonal();
        const Tensor<T> y = orthogonal_1.forward(orthogonal_2.forward(x).value * s).value;
        return {y + bias, detail::for_each_event(sum(log(s)), x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        const Tensor<T> s = diagonal();
        const Tensor<T> x = orthogonal_1.inverse(y - bias).value / s;
        return {orthogonal_2.inverse(x).value, detail::for_each_event(-sum(log(s)), y)};
    }

private:
    Tensor<T> diagonal() const { return softplus(unconstrained_diagonal) + eps; }
};
LinearSVD(int64_t, int64_t, Generator&)->LinearSVD<float>;

}
