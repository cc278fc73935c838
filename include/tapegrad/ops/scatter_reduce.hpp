// Elements combined at places along an axis: sums, products, means and extremes of what meets there.
#pragma once

#include "../simd/nonzero.hpp"
#include "scatter.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How elements that meet become one.
enum class Reduce { sum, prod, mean, amax, amin };

struct ScatterReduceOptions {
    bool include_self = true;  // false: an element that others meet at gives way to them
};

namespace detail {

/// How often each element of `shape` is a place.
template <class T>
Tensor<T> visits(const Shape& shape, int axis, const Tensor<int64_t>& ids) {
    return combine_places(simd::Add(), expand(Tensor<T>(T(0)), shape), axis, ids,
                          expand(Tensor<T>(T(1)), ids.shape()));
}

template <class T>
Tensor<T> scatter_extreme(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids,
                          const Tensor<T>& source, bool largest) {
    const Tensor<T> y = largest ? combine_places(simd::Larger(), x, axis, ids, source)
                                : combine_places(simd::Smaller(), x, axis, ids, source);
    return record(name, y, {x, source},
                  [axis, ids, x, source](const Tensor<T>& dy, const Tensor<T>& out, Needs needs) {
                      const Tensor<T> zero(T(0));
                      Tensor<T> own, others, count;
                      {
                          const no_grad constant;  // the places of the extremes do not move with x
                          own = where(x == out, T(1), zero);
                          others = where(source == gather(out, axis, ids), T(1), zero);
                          count = combine_places(simd::Add(), own, axis, ids, others);
                      }
                      const Tensor<T> share = dy / count;
                      std::array<Tensor<T>, 2> d;
                      if (needs[0]) d[0] = own * share;
                      if (needs[1]) d[1] = others * gather(share, axis, ids);
                      return d;
                  });
}

template <class T>
Tensor<T> scatter_product(const Tensor<T>& x, int axis, const Tensor<int64_t>& ids, const Tensor<T>& source) {
    return record(
        "scatter_reduce", combine_places(simd::Multiply(), x, axis, ids, source), {x, source},
        [axis, ids, x, source](const Tensor<T>& dy, const Tensor<T>& y, Needs needs) {
            const Tensor<T> zero(T(0)), one(T(1));
            std::array<Tensor<T>, 2> d;
            if (needs[0]) d[0] = dy * scatter_product(expand(one, x.shape()), axis, ids, source);
            if (!needs[1]) return d;
            // A product without one of its factors: the product over the factor, and where the factor is the
            // only 0, the product of the others.
            const Tensor<bool> none = source == zero;
            const Tensor<T> others = where(none, one, source);
            const Tensor<T> meeting = gather(
                combine_places(simd::Add(), expand(zero, x.shape()), axis, ids, where(none, one, zero)), axis,
                ids);
            const Tensor<bool> several = meeting > one;
            if (grad_enabled() && simd::count_nonzero(several.data(), several.numel()) > 0)
                fail<AutogradError>("scatter_reduce",
                                    "a product of several zeros has no gradient of a gradient here");
            const Tensor<T> without =
                where(several, zero, gather(dy * scatter_product(x, axis, ids, others), axis, ids));
            d[1] = where(none, without, gather(dy * y, axis, ids) / others);
            return d;
        });
}

}

/// x with the elements of `source` combined into it at places along an axis.
///   y[i, ids[i, j, k], k] = that and source[i, j, k], reduced,  for axis 1
/// Shape    x (a, n, b), ids (a', m, b') with a' <= a and b' <= b, source no smaller than ids -> y, same
/// shape
///          as x; any rank from 1
/// Grad     of sum and mean: dy, over the count for a mean; of prod: dy times the other factors; of amax and
///          amin: dy to what equals y, shared evenly at a tie. 0 to an element that gave way
/// Numeric  combined in the order of the places: the same bits for any number of threads; NaN is any extreme
/// Throws   ShapeError: axis outside [-rank, rank), ids or source that do not fit; IndexError: an id outside
///          [0, n); AutogradError: a second gradient of a product of several zeros
/// See      scatter_add, index_add
template <Floating T>
Tensor<T> scatter_reduce(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                         const std::type_identity_t<Tensor<T>>& source, Reduce how,
                         const ScatterReduceOptions& options = {}) {
    const detail::Scattering<T> s("scatter_reduce", x, axis, ids, source);
    constexpr T infinity = std::numeric_limits<T>::infinity();
    Tensor<T> start = x;
    if (!options.include_self) {
        const T nothing = how == Reduce::prod   ? T(1)
                          : how == Reduce::amax ? -infinity
                          : how == Reduce::amin ? infinity
                                                : T(0);
        start = scatter(x, s.axis, s.ids, nothing);
    }
    switch (how) {
        case Reduce::sum:
            return scatter_add(start, s.axis, s.ids, s.source);
        case Reduce::mean: {
            const Tensor<T> visits = detail::visits<T>(x.shape(), s.axis, s.ids);
            const Tensor<T> count = options.include_self ? visits + T(1) : maximum(visits, T(1));
            return scatter_add(start, s.axis, s.ids, s.source) / count;
        }
        case Reduce::prod:
            return detail::scatter_product(start, s.axis, s.ids, s.source);
        default:
            return detail::scatter_extreme("scatter_reduce", start, s.axis, s.ids, s.source,
                                           how == Reduce::amax);
    }
}

}
