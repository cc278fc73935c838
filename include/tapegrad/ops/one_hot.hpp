// Classes as vectors.
#pragma once

#include "reduce.hpp"
#include "scatter.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// For each id a vector with 1 at its place, 0 elsewhere: `one_hot(ids, 10)`, or `one_hot<float>(ids, 10)`.
/// Shape    ids (...) -> y (..., classes); classes = the largest id + 1 when it is not given
/// Grad     none
/// Throws   IndexError: an id outside [0, classes); ValueError: no ids to tell the classes from
/// See      embedding, scatter
template <Element T = int64_t>
Tensor<T> one_hot(const Tensor<int64_t>& ids, int64_t classes = -1) {
    if (classes < 0 && ids.numel() == 0)
        detail::fail<ValueError>("one_hot", "ids ", ids.shape(),
                                 " have no elements to tell the classes from");
    const int64_t n = classes >= 0 ? classes : amax(ids).item() + 1;
    const Tensor<int64_t> flat = detail::reshaped(detail::contiguous(ids), {ids.numel(), 1});
    const int64_t wrong = simd::find_outside(flat.data(), flat.numel(), n);
    if (wrong >= 0)
        detail::fail<IndexError>("one_hot", "ids hold ", flat.data()[wrong], " at ",
                                 detail::position_of(wrong, ids.shape()), ", outside [0, ", n, ")");
    Shape shape = ids.shape();
    shape.push_back(n);
    const Tensor<T> y = detail::combine_places(simd::Replace(), expand(Tensor<T>(T(0)), {ids.numel(), n}), 1,
                                               flat, expand(Tensor<T>(T(1)), flat.shape()));
    return detail::view_of(y, shape, row_major(shape));
}

}
