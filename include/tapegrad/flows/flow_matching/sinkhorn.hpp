// Entropic optimal transport: a plan between two clouds that is spread out a little.
#pragma once

#include "../../ops/movement.hpp"
#include "../../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SinkhornOptions {
    double regularization = 0.05;
    int64_t iterations = 1000;
    double tolerance = 1e-9;  // stops where the sums of the rows are as close to 1 / n, in Euclidean norm
};

/// The plan between two even distributions that is least in cost minus entropy.
///   argmin sum P C + regularization sum P log P,  rows sum to 1 / n, columns to 1 / m
/// Shape    costs (n, m) -> P (n, m)
/// Grad     none
/// Numeric  by logarithms, so that a small regularization does not underflow; columns are exact, rows to the tolerance
/// Throws   ShapeError: costs are no matrix or empty; ValueError: a regularization that is not positive
/// Source   Cuturi 2013, Sinkhorn distances
template <Floating T>
Tensor<T> sinkhorn(const Tensor<T>& costs, SinkhornOptions options = {}) {
    if (costs.rank() != 2 || costs.numel() == 0)
        detail::fail<ShapeError>("sinkhorn", "costs ", costs.shape(), " are not (n, m)");
    if (!(options.regularization > 0))
        detail::fail<ValueError>("sinkhorn", "the regularization is ", options.regularization);
    const no_grad constant;
    const Tensor<T> scores = costs.detach() * static_cast<T>(-1 / options.regularization);
    const T rows = -std::log(static_cast<T>(costs.size(0))),
            columns = -std::log(static_cast<T>(costs.size(1)));
    Tensor<T> u = zeros<T>({costs.size(0), 1}), v = zeros<T>({1, costs.size(1)});
    for (int64_t i = 0; i < options.iterations; ++i) {
        u = rows - logsumexp(scores + v, {1}, true);
        v = columns - logsumexp(scores + u, {0}, true);
        if (i % 10 != 9) continue;
        const Tensor<T> off = sum(exp(scores + u + v), {1}) - std::exp(rows);
        if (std::sqrt(static_cast<double>(sum(off * off).item())) < options.tolerance) break;
    }
    return exp(scores + u + v);
}

}
