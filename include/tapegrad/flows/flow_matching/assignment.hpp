// The cheapest way to pair the points of two clouds.
#pragma once

#include "../../simd/assignment.hpp"
#include "../../tensor/copy.hpp"
#include "../../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The column of each row, such that each column has one row and the sum of the costs is least.
///   const auto columns = assignment(square(cdist(x, y)));
/// Shape    costs (n, n) -> (n,)
/// Numeric  sums in double; O(n^3) at worst
/// Throws   ShapeError: costs are no square; ValueError: a cost that is not finite
/// Source   Jonker and Volgenant 1987, A shortest augmenting path algorithm for dense and sparse linear assignment problems
template <Floating T>
Tensor<int64_t> assignment(const Tensor<T>& costs) {
    if (costs.rank() != 2 || costs.size(0) != costs.size(1))
        detail::fail<ShapeError>("assignment", "costs ", costs.shape(), " are no square");
    const Tensor<T> packed = detail::contiguous(costs);
    const T* const c = packed.data();
    for (int64_t i = 0; i < packed.numel(); ++i)
        if (c[i] - c[i] != 0) detail::fail<ValueError>("assignment", "a cost is ", c[i]);
    Tensor<int64_t> y = empty<int64_t>({costs.size(0)});
    simd::AssignmentSolver(c, costs.size(0)).solve(detail::output(y));
    return y;
}

}
