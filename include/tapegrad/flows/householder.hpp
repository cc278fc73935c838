// An orthogonal matrix as a product of reflections, and a linear map with one.
#pragma once

#include "../nn/init.hpp"
#include "../ops/solve_triangular.hpp"
#include "channels.hpp"
#include "triangles.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = q x with q = h_k ... h_2 h_1, h_i = 1 - 2 v_i v_i^T / |v_i|^2: orthogonal, of volume 1.
/// Shape    x (n, features) -> y, same shape; q_vectors (count, features)
/// Numeric  begins with normal vectors; one of zeros gives NaN
/// Throws   ShapeError: x is not (n, features), a negative size
/// Source   Tomczak and Welling, Improving Variational Auto-Encoders using Householder Flow, 2016
template <Floating T = float>
struct Householder {
    Tensor<T> q_vectors;
    TAPEGRAD_FIELDS(q_vectors);

    Householder() = default;
    Householder(int64_t features, int64_t count, Generator& generator)
        : q_vectors(empty<T>({count, features})) {
        init::normal_(q_vectors, generator);
        q_vectors.requires_grad_();
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const { return reflect(x, false); }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const { return reflect(y, true); }

private:
    Mapped<T> reflect(const Tensor<T>& x, bool back) const {
        const int64_t count = q_vectors.size(0), features = q_vectors.size(1);
        if (x.rank() != 2 || x.size(1) != features)
            detail::fail<ShapeError>("Householder", "x ", x.shape(), " is not (n, ", features, ')');
        Tensor<T> y = x;
        for (int64_t k = 0; k < count; ++k) {
            const Tensor<T> v = narrow(q_vectors, 0, back ? count - 1 - k : k, 1);  // (1, features)
            y = y - matmul(y, transpose(v)) * (v * (T(2) / sum(v * v)));
        }
        return {y, zeros<T>({x.size(0)})};
    }
};
Householder(int64_t, int64_t, Generator&)->Householder<float>;

/// y = q r x + bias, q a product of reflections, r an upper triangle whose diagonal is e^log_upper_diag.
/// Shape    x (n, features) -> y, same shape
/// Numeric  begins as Householder, with r even over [-b, b), b = 1 / sqrt(features), entries and log_upper_diag, and a
///          bias 0
/// Throws   ShapeError: x is not (n, features), a negative size
/// Source   Hoogeboom et al., Emerging Convolutions for Generative Normalizing Flows, 2019; the keys are nflows'
template <Floating T = float>
struct LinearQR {
    Tensor<T> bias, upper_entries, log_upper_diag;
    Householder<T> orthogonal;
    TAPEGRAD_FIELDS(bias, upper_entries, log_upper_diag, orthogonal);

    LinearQR() = default;
    LinearQR(int64_t features, int64_t reflections, Generator& generator)
        : bias(parameter(zeros<T>({features}))),
          upper_entries(parameter(zeros<T>({detail::entries_beside_diagonal(features)}))),
          log_upper_diag(parameter(zeros<T>({features}))),
          orthogonal(features, reflections, generator) {
        const no_grad values;
        const double bound = features > 0 ? 1 / std::sqrt(static_cast<double>(features)) : 0;
        for (Tensor<T>* x : {&upper_entries, &log_upper_diag}) init::uniform_(*x, generator, -bound, bound);
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        check(x);
        const Tensor<T> y = matmul(x, transpose(upper()));
        return {orthogonal.forward(y).value + bias, detail::for_each_event(sum(log_upper_diag), x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        check(y);
        const Tensor<T> x = orthogonal.inverse(y - bias).value;
        return {solve_triangular(upper(), x, {.upper = true, .left = false, .transposed = true}),
                detail::for_each_event(-sum(log_upper_diag), y)};
    }

private:
    Tensor<T> upper() const { return detail::upper_triangle(upper_entries, exp(log_upper_diag)); }
    void check(const Tensor<T>& x) const {
        if (x.rank() != 2 || x.size(1) != bias.size(0))
            detail::fail<ShapeError>("LinearQR", "x ", x.shape(), " is not (n, ", bias.size(0), ')');
    }
};
LinearQR(int64_t, int64_t, Generator&)->LinearQR<float>;

}
