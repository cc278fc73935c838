// Which noise goes to which data: pairs of a batch.
#pragma once

#include <utility>

#include "../../ops/distance.hpp"
#include "../../ops/index_rows.hpp"
#include "../../tensor/random.hpp"
#include "assignment.hpp"
#include "sinkhorn.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class Pairing {
    independent,  // as they come
    exact,        // the pairs of least squared distance in all: each event once
    sinkhorn,     // pairs drawn from the entropic plan
};

namespace detail {
/// Squared distances of the events of two batches.
template <class T>
Tensor<T> squared_distances(const Tensor<T>& x0, const Tensor<T>& x1) {
    const auto flat = [](const Tensor<T>& x) {
        return reshape(x.detach(), {x.size(0), x.size(0) == 0 ? 0 : x.numel() / x.size(0)});
    };
    return square(cdist(flat(x0), flat(x1)));
}
}

/// Two batches put into pairs.
/// Shape    x0, x1 (n, ...) -> both of the same shape
/// Grad     each event that was drawn gets its part
/// Numeric  sinkhorn draws with replacement; torchcfm draws from the exact plan too, here it is used as it is
/// Throws   ShapeError: x0 and x1 have other shapes; as sinkhorn
/// Source   Tong et al. 2024; Pooladian et al. 2023, Multisample flow matching
template <Floating T>
std::pair<Tensor<T>, Tensor<T>> make_pairs(const Tensor<T>& x0, const Tensor<T>& x1, Pairing how,
                                           Generator& generator = default_generator(),
                                           SinkhornOptions options = {}) {
    if (x0.rank() < 1 || x0.shape() != x1.shape())
        detail::fail<ShapeError>("make_pairs", "x0 ", x0.shape(), " and x1 ", x1.shape(),
                                 " are no pairs of events");
    if (how == Pairing::independent || x0.size(0) == 0) return {x0, x1};
    const no_grad constant;
    const Tensor<T> costs = detail::squared_distances(x0, x1);
    if (how == Pairing::exact) return {x0, index_select(x1, 0, assignment(costs))};
    const int64_t n = x0.size(0);
    const Tensor<int64_t> drawn = multinomial(reshape(sinkhorn(costs, options), {n * n}), n, true, generator);
    Tensor<int64_t> row = empty<int64_t>({n}), column = empty<int64_t>({n});
    for (int64_t i = 0; i < n; ++i) {
        detail::output(row)[i] = drawn.data()[i] / n;
        detail::output(column)[i] = drawn.data()[i] % n;
    }
    return {index_select(x0, 0, row), index_select(x1, 0, column)};
}

}
