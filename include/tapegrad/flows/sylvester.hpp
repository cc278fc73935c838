// Sylvester flows: planar flows of several hidden units, kept apart by an orthogonal basis.
#pragma once

#include "../ops/qr.hpp"
#include "householder.hpp"
#include "planar.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Orthonormal columns as those of q of the QR factors of a trained matrix.
/// Shape    columns (features, units)
/// Throws   ValueError: more units than features, or none
template <Floating T = float>
struct QrBasis {
    Tensor<T> columns;
    TAPEGRAD_FIELDS(columns);

    QrBasis() = default;
    QrBasis(int64_t features, int64_t units, Generator& generator) {
        if (units < 1 || units > features)
            detail::fail<ValueError>("QrBasis", units, " orthogonal columns of ", features,
                                     " numbers: they must be 1 to ", features);
        columns = empty<T>({features, units});
        init::normal_(columns, generator);
        columns.requires_grad_();
    }
    Tensor<T> matrix() const { return qr(columns).q; }
};
/// Orthonormal columns as a product of reflections; as many as features.
template <Floating T = float>
struct HouseholderBasis {
    Householder<T> reflections;
    TAPEGRAD_FIELDS(reflections);

    HouseholderBasis() = default;
    HouseholderBasis(int64_t features, int64_t count, Generator& generator)
        : reflections(features, count, generator) {}
    Tensor<T> matrix() const {
        return transpose(reflections.forward(eye<T>(reflections.q_vectors.size(1))).value);
    }
};

/// y = x + q r1 tanh(r2 q^T x + bias), q with orthonormal columns, r1 and r2 upper triangles whose diagonals are tanh of
/// what is trained: their products are above -1, which makes it invertible.
///   log |det| = sum_i log(1 + (1 - tanh_i^2) r1_ii r2_ii)
///   Sylvester(QrBasis(8, 4, generator), generator), Sylvester(HouseholderBasis(8, 4, generator), generator)
/// Shape    x (n, features) -> y, same shape; q (features, units), bias (units,)
/// Numeric  begins with entries even over [-b, b), b = 1 / sqrt(units), and bias 0; the inverse finds one unit after
///          the other, from the last, each to the last digits by Newton's method
/// Throws   ShapeError: x is not (n, features)
/// Source   van den Berg et al., Sylvester Normalizing Flows for Variational Inference, 2018
template <Floating T, class Basis = QrBasis<T>>
struct Sylvester {
    Basis basis;
    Tensor<T> entries1, diagonal1, entries2, diagonal2, bias;
    TAPEGRAD_FIELDS(basis, entries1, diagonal1, entries2, diagonal2, bias);

    Sylvester() = default;
    Sylvester(Basis b, Generator& generator) : basis(std::move(b)) {
        const no_grad values;
        const int64_t units = basis.matrix().size(1), beside = detail::entries_beside_diagonal(units);
        const double bound = 1 / std::sqrt(static_cast<double>(units));
        const auto even = [&](int64_t n) {
            Tensor<T> x = empty<T>({n});
            init::uniform_(x, generator, -bound, bound);
            return parameter(x);
        };
        entries1 = even(beside);
        diagonal1 = even(units);
        entries2 = even(beside);
        diagonal2 = even(units);
        bias = parameter(zeros<T>({units}));
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        const Parts p = parts(x);
        const Tensor<T> bend = tanh(matmul(matmul(x, p.q), transpose(p.r2)) + bias);
        return {x + push(bend, p), log_det(bend)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        const Parts p = parts(y);
        const int64_t units = bias.size(0);
        const Tensor<T> goal = matmul(y, p.q), on1 = tanh(diagonal1), on2 = tanh(diagonal2);
        // What the units found so far, (n, units - i - 1), and their bends.
        Tensor<T> found = zeros<T>({y.size(0), 0}), bends = found;
        for (int64_t i = units - 1; i >= 0; --i) {
            const auto behind = [&](const Tensor<T>& r) {
                return transpose(narrow(narrow(r, 0, i, 1), 1, i + 1, units - i - 1));
            };
            const auto of = [i](const Tensor<T>& v) { return narrow(v, -1, i, 1); };
            const Tensor<T> offset = of(bias) + matmul(found, behind(p.r2));
            const Tensor<T> to = of(goal) - matmul(bends, behind(p.r1));
            const Tensor<T> a = detail::tanh_root(to, of(on1), of(on2), offset);
            found = cat({a, found}, 1);
            bends = cat({tanh(of(on2) * a + offset), bends}, 1);
        }
        return {y - push(bends, p), -log_det(bends)};
    }

private:
    struct Parts {
        Tensor<T> q, r1, r2;
    };
    Parts parts(const Tensor<T>& x) const {
        const Tensor<T> q = basis.matrix();
        detail::check_features("Sylvester", x, q.size(0));
        return {q, detail::upper_triangle(entries1, tanh(diagonal1)),
                detail::upper_triangle(entries2, tanh(diagonal2))};
    }
    static Tensor<T> push(const Tensor<T>& bend, const Parts& p) {
        return matmul(matmul(bend, transpose(p.r1)), transpose(p.q));
    }
    Tensor<T> log_det(const Tensor<T>& bend) const {
        return sum(log1p((T(1) - bend * bend) * (tanh(diagonal1) * tanh(diagonal2))), {1});
    }
};
template <template <class> class Basis, class T>
Sylvester(Basis<T>, Generator&) -> Sylvester<T, Basis<T>>;

}
