// Indexing with tensors, alone or mixed with what `at` of slicing.hpp takes, and assignment to what any of it
// names.
//
//   Python                      here
//   x[ids]                      at(x, ids)
//   x[:, rows, columns]         at(x, all, rows, columns)
//   x[mask]                     at(x, mask)
//   x[0, 1:3, ids] = v          y = set_at(x, v, 0, Slice{1, 3}, ids)
//   x[ids] += v, repeats too    y = add_at(x, v, ids)
//
// Integers, slices and new axes are taken first, as a view. The axes that tensors index come together there,
// are flattened into one, and its places are rows, picked or written by a kernel.
#pragma once

#include "nonzero.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class I>
concept TensorIndex = std::same_as<I, Tensor<int64_t>> || std::same_as<I, Tensor<bool>>;
template <class I>
concept AnyIndex = ViewIndex<I> || TensorIndex<I>;

/// Walks over the axes as its base does, and keeps what tensors ask for: axes of the view, and places there.
class IndexBuilder : public WindowBuilder {
public:
    using WindowBuilder::take;
    using WindowBuilder::WindowBuilder;

    template <std::same_as<int64_t> I>
    void take(const Tensor<I>& ids) {
        pick(wrapped_ids(op_, ids, x_.shape(), axis()));
        take(Slice{});
    }
    /// A mask picks the places at which it is true: an index for each of its axes.
    template <std::same_as<bool> B>
    void take(const Tensor<B>& mask) {
        if (mask.rank() == 0) fail<IndexError>(op_, "a mask of rank 0 names no axis");
        for (int i = 0; i < mask.rank(); ++i)
            if (mask.shape()[i] != x_.shape()[axis() + i])
                fail<IndexError>(op_, "a mask ", mask.shape(), " at axis ", axis(), " does not fit x ",
                                 x_.shape());
        const Tensor<int64_t> places = nonzero(mask);
        for (int i = 0; i < mask.rank(); ++i) {
            pick(detail::contiguous(select(places, 1, i)));
            take(Slice{});
        }
    }

    int picks() const { return count_; }
    int pick_axis(int k) const { return axes_[static_cast<std::size_t>(k)]; }
    const Tensor<int64_t>& pick_ids(int k) const { return ids_[static_cast<std::size_t>(k)]; }

private:
    void pick(Tensor<int64_t> ids) {
        axes_[static_cast<std::size_t>(count_)] = packed().shape.rank();
        ids_[static_cast<std::size_t>(count_++)] = std::move(ids);
    }

    int count_ = 0;
    std::array<int, max_rank> axes_{};
    std::array<Tensor<int64_t>, max_rank> ids_;
};

/// How the picks of a view become rows of one axis.
struct PickPlan {
    bool moved = false;      // the axes had to be brought together
    Axes order, back;        // of the axes, and undone
    Shape together;          // of the view with its axes in that order
    Shape flat;              // the same with the picked axes as one
    int axis = 0;            // that one
    Tensor<int64_t> places;  // along it, in row-major order
    Shape rows, picked;      // of the result, with the places as one axis and as they are

    template <std::same_as<IndexBuilder> Index>
    PickPlan(const char* op, const Shape& view, const Index& index) {
        const int count = index.picks();
        uint32_t mask = 0;
        bool neighbours = true;
        for (int k = 0; k < count; ++k) {
            mask |= 1U << index.pick_axis(k);
            neighbours &= k == 0 || index.pick_axis(k) == index.pick_axis(k - 1) + 1;
        }
        // Axes that are apart come to the front, as in NumPy and PyTorch.
        axis = neighbours ? index.pick_axis(0) : 0;
        moved = !neighbours;
        for (int i = 0; i < axis; ++i) order.push_back(i);
        for (int k = 0; k < count; ++k) order.push_back(index.pick_axis(k));
        for (int i = axis; i < view.rank(); ++i)
            if (((mask >> i) & 1) == 0) order.push_back(i);
        back = order;
        for (int i = 0; i < order.rank(); ++i) {
            back[static_cast<int>(order[i])] = i;
            together.push_back(view[static_cast<int>(order[i])]);
        }
        join(op, index);
    }

private:
    template <std::same_as<IndexBuilder> Index>
    void join(const char* op, const Index& index) {
        const int count = index.picks();
        Shape common = index.pick_ids(0).shape(), sizes;
        for (int k = 1; k < count; ++k) common = broadcast_shapes(op, common, index.pick_ids(k).shape());
        for (int k = 0; k < count; ++k) sizes.push_back(together[axis + k]);
        const int64_t length = numel_of(sizes, op);
        places = zeros<int64_t>({numel_of(common, op)});
        for (int k = 0; k < count; ++k) {
            const Tensor<int64_t> ids = detail::contiguous(expand(index.pick_ids(k), common));
            simd::append_ids(ids.data(), ids.numel(), sizes[k], output(places));
        }
        for (int i = 0; i < together.rank(); ++i) {
            if (i > axis && i < axis + count) continue;
            flat.push_back(i == axis ? length : together[i]);
            rows.push_back(i == axis ? places.numel() : together[i]);
            if (i != axis)
                picked.push_back(together[i]);
            else
                for (const int64_t n : common) picked.push_back(n);
        }
    }
};

/// The view of x, with its axes as the plan wants them. Recorded.
template <class T>
Tensor<T> flat_view(const Tensor<T>& view, const PickPlan& plan) {
    return in_shape(plan.moved ? permute(view, plan.order) : view, plan.flat);
}

/// x with `value` in the places that the index names, or added there. Recorded.
template <class T>
Tensor<T> write_at(const char* op, const Tensor<T>& x, const Tensor<T>& value, bool add,
                   const IndexBuilder& index) {
    const Window& window = index.packed();
    const bool whole = window.shape == x.shape();
    const Tensor<T> view = whole ? x : index.done(x);
    Tensor<T> written;
    if (index.picks() > 0) {
        const PickPlan plan(op, view.shape(), index);
        const Tensor<T> source = in_shape(expand(value, plan.picked), plan.rows),
                        target = flat_view(view, plan);
        written = add ? add_rows(op, target, target.shape(), plan.axis, plan.places, source)
                      : copy_rows(op, target, plan.axis, plan.places, source);
        written = in_shape(written, plan.together);
        if (plan.moved) written = permute(written, plan.back);
    } else {
        written = expand(value, view.shape());
        if constexpr (!std::same_as<T, bool>) {
            if (add) written = view + written;
        }
    }
    return whole ? written : overwrite(op, x, written, window);
}
template <class T, class... Indices>
requires(AnyIndex<Indices>&&...) Tensor<T> write_at(const char* op, const Tensor<T>& x,
                                                    const Tensor<T>& value, bool add,
                                                    const Indices&... indices) {
    IndexBuilder index(op, x);
    take_all(op, index, x.shape(), indices...);
    return write_at(op, x, value, add, std::as_const(index));
}

}

/// NumPy's advanced indexing. Integer tensors broadcast together and pick a place for each of their elements;
/// a bool tensor of rank r picks, from r axes, the places at which it is true. Mixed with the indices of the
/// `at` that makes views, which is what integers do first, as in PyTorch (NumPy broadcasts an integer with
/// the tensors, which matters where a slice lies between them).
///   at(x, ids), at(x, all, rows, columns), at(x, mask), at(x, ids, Slice{1, 3}, 0)
/// Shape    the axes of the broadcast tensors stand where the indexed axes stood, or first when those are not
///          neighbours
/// Grad     dx = zeros, to which dy is added at the places;  saves the places
/// Throws   IndexError: too many indices, an id outside [-n, n), or a mask of another shape than its axes;
///          ShapeError: tensors that do not broadcast; ValueError: a step below 1
/// See      set_at, add_at, index_select, masked_select
template <class T, detail::AnyIndex... Indices>
requires(detail::TensorIndex<Indices> || ...) Tensor<T> at(const Tensor<T>& x, const Indices&... indices) {
    detail::IndexBuilder index("at", x);
    detail::take_all("at", index, x.shape(), indices...);
    const Tensor<T> view = index.packed().shape == x.shape() ? x : index.done(x);
    const detail::PickPlan plan("at", view.shape(), index);
    return detail::in_shape(detail::take_rows("at", detail::flat_view(view, plan), plan.axis, plan.places),
                            plan.picked);
}

/// x with `value` in the places that `at(x, indices...)` reads; of equal places the last one stays. Python's
/// `x[indices] = value`, as a function.
/// Shape    value a number or a tensor broadcastable to what `at` gives -> y, same shape as x
/// Grad     dx = dy with 0 at the places, dvalue = dy at the places that stayed
/// Throws   as `at`; ShapeError: value does not broadcast to the places
/// See      add_at, index_put, index_copy, masked_fill
template <class T, detail::AnyIndex... Indices>
Tensor<T> set_at(const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& value,
                 const Indices&... indices) {
    return detail::write_at("set_at", x, value, false, indices...);
}
template <class T, detail::AnyIndex... Indices>
Tensor<T> set_at(const Tensor<T>& x, simd::Scalar auto value, const Indices&... indices) {
    return set_at(x, Tensor<T>(static_cast<T>(value)), indices...);
}

/// x with `value` added in the places that `at(x, indices...)` reads, as often as they are named.
/// Shape    value a number or a tensor broadcastable to what `at` gives -> y, same shape as x
/// Grad     dx = dy, dvalue = dy at the places
/// Numeric  added in the order of the places: the same bits for any number of threads
/// Throws   as `at`; ShapeError: value does not broadcast to the places
/// See      set_at, index_put, index_add
template <class T, detail::AnyIndex... Indices>
requires(!std::same_as<T, bool>) Tensor<T> add_at(const Tensor<T>& x,
                                                  const std::type_identity_t<Tensor<T>>& value,
                                                  const Indices&... indices) {
    return detail::write_at("add_at", x, value, true, indices...);
}
template <class T, detail::AnyIndex... Indices>
requires(!std::same_as<T, bool>) Tensor<T> add_at(const Tensor<T>& x, simd::Scalar auto value,
                                                  const Indices&... indices) {
    return add_at(x, Tensor<T>(static_cast<T>(value)), indices...);
}

/// `set_at` and `add_at` by their name in PyTorch: a tensor of places for each of the first axes, an
/// undefined one for all of its axis. Shape    ids broadcast together, values broadcastable to what they pick
/// -> y, same shape as x Throws   IndexError: too many tensors, or an id outside [-n, n); ShapeError: what
/// does not broadcast
template <class T>
Tensor<T> index_put(const Tensor<T>& x, std::initializer_list<Tensor<int64_t>> ids,
                    const std::type_identity_t<Tensor<T>>& values, bool accumulate = false) {
    if (static_cast<int>(ids.size()) > x.rank())
        detail::fail<IndexError>("index_put", ids.size(), " tensors of ids for x ", x.shape());
    detail::IndexBuilder index("index_put", x);
    for (const Tensor<int64_t>& places : ids) {
        if (places.defined())
            index.take(places);
        else
            index.take(all);
    }
    index.rest(0);
    return detail::write_at("index_put", x, values, accumulate, std::as_const(index));
}

}
