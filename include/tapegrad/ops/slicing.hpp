// Parts of a tensor as views, as NumPy's basic indexing makes them. The gradient of a part is zeros of the
// shape of the source with the gradient in its place.
//
//   Python                      here
//   x[0, :, 1:5, ::2]           at(x, 0, all, Slice{1, 5}, Slice{.step = 2})
//   x[..., None, -1]            at(x, ellipsis, newaxis, -1)
#pragma once

#include <limits>

#include "window.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The places start, start + step, ... below stop. Negative bounds count from the end; bounds past the ends
/// are moved to them. `Slice{1, 5}`, `Slice{.start = -3}`, `Slice{.step = 2}`, `Slice{}` for everything.
struct Slice {
    int64_t start = 0;
    int64_t stop = std::numeric_limits<int64_t>::max();
    int64_t step = 1;
};
class ReduceAxes;

/// In `at`: everything along the axis, Python's `:`. As a function, whether no element is 0: ops/count.hpp.
inline constexpr struct All {
    template <class T>
    Tensor<bool> operator()(const Tensor<T>& x) const;
    template <class T>
    Tensor<bool> operator()(const Tensor<T>& x, const ReduceAxes& axes, bool keepdims = false) const;
} all{};
/// In `at`: a new axis of size 1, Python's `None`.
inline constexpr struct NewAxis {
} newaxis{};
/// In `at`: `all` for every axis that no other index names, Python's `...`.
inline constexpr struct Ellipsis {
} ellipsis{};

namespace detail {

/// Walks over the axes of a tensor and takes a part of each.
class WindowBuilder {
public:
    WindowBuilder(const char* op, const TensorBase& x) : op_(op), x_(x), rows_(row_major(x.shape())) {}

    int axis() const { return axis_; }
    const Window& packed() const { return packed_; }
    void take(int64_t index) {
        const int64_t n = x_.shape()[axis_], i = index < 0 ? index + n : index;
        if (i < 0 || i >= n)
            fail<IndexError>(op_, "index ", index, " is outside axis ", axis_, " of size ", n);
        move(i);
        ++axis_;
    }
    void take(const Slice& s) {
        if (s.step < 1)
            fail<ValueError>(op_, "step ", s.step, " at axis ", axis_,
                             " is not positive; to turn an axis round use flip");
        const int64_t n = x_.shape()[axis_];
        const auto inside = [n](int64_t i) { return i < -n ? 0 : i < 0 ? i + n : i < n ? i : n; };
        const int64_t start = inside(s.start), stop = inside(s.stop);
        const int64_t count = stop > start ? (stop - start - 1) / s.step + 1 : 0;
        if (count > 0) move(start);
        push(count, count > 1 ? s.step : 1);
        ++axis_;
    }
    void take(All) { take(Slice{}); }
    void take(NewAxis) {
        in_x_.shape.push_back(1);
        in_x_.strides.push_back(1);
        packed_.shape.push_back(1);
        packed_.strides.push_back(1);
    }
    /// The rest of the axes but the last `kept`.
    void rest(int kept) {
        while (axis_ < x_.rank() - kept) take(Slice{});
    }
    template <class T>
    Tensor<T> done(const Tensor<T>& x) const {
        return part(op_, x, in_x_, packed_);
    }

protected:
    const char* op_;
    const TensorBase& x_;

private:
    void move(int64_t i) {
        in_x_.offset += i * x_.strides()[axis_];
        packed_.offset += i * rows_[axis_];
    }
    void push(int64_t count, int64_t step) {
        in_x_.shape.push_back(count);
        in_x_.strides.push_back(step * x_.strides()[axis_]);
        packed_.shape.push_back(count);
        packed_.strides.push_back(step * rows_[axis_]);
    }

    Strides rows_;
    int axis_ = 0;
    Window in_x_, packed_;
};

template <class I>
concept AxisIndex =
    (std::integral<I> && !std::same_as<I, bool>) || std::same_as<I, Slice> || std::same_as<I, All>;
template <class I>
concept ViewIndex = AxisIndex<I> || std::same_as<I, NewAxis> || std::same_as<I, Ellipsis>;

/// The number of axes that an index takes; a mask takes its own (see index_tensors.hpp).
template <ViewIndex I>
constexpr int axes_taken(const I&) {
    return AxisIndex<I> ? 1 : 0;
}
inline int axes_taken(const Tensor<int64_t>&) { return 1; }
inline int axes_taken(const Tensor<bool>& mask) { return mask.rank(); }

/// Walks over all axes with the indices of a call.
/// Throws   IndexError: more indices than axes
template <class Builder, class... Indices>
void take_all(const char* op, Builder& window, const Shape& shape, const Indices&... indices) {
    static_assert((0 + ... + (std::same_as<Indices, Ellipsis> ? 1 : 0)) <= 1, "at: one ellipsis at most");
    const int taken = (0 + ... + axes_taken(indices));
    if (taken > shape.rank()) fail<IndexError>(op, taken, " indices for x ", shape);
    int named = 0;
    [[maybe_unused]] const auto take = [&](const auto& index) {
        using I = std::remove_cvref_t<decltype(index)>;
        if constexpr (std::same_as<I, Ellipsis>)
            window.rest(taken - named);
        else if constexpr (std::integral<I>)
            window.take(static_cast<int64_t>(index));
        else
            window.take(index);
        named += axes_taken(index);
    };
    (take(indices), ...);
    window.rest(0);
}

}

/// Every step-th place of an axis from `start` up to, without, `stop`; a view.
/// Shape    x (..., n, ...) -> y (..., m, ...); bounds as in `Slice`
/// Grad     dx = zeros with dy in the places taken
/// Throws   ShapeError: axis outside [-rank, rank); ValueError: step below 1
/// See      narrow, select, at
template <class T>
Tensor<T> slice(const Tensor<T>& x, int64_t axis, int64_t start = 0, int64_t stop = Slice{}.stop,
                int64_t step = 1) {
    const int at = normalize_axis("slice", axis, x.rank());
    detail::WindowBuilder window("slice", x);
    window.rest(x.rank() - at);
    window.take(Slice{start, stop, step});
    window.rest(0);
    return window.done(x);
}

/// `length` places of an axis from `start`; a view.
/// Shape    x (..., n, ...) -> y (..., length, ...)
/// Grad     dx = zeros with dy in the places taken
/// Throws   ShapeError: axis outside [-rank, rank); IndexError: start or start + length outside [0, n]
template <class T>
Tensor<T> narrow(const Tensor<T>& x, int64_t axis, int64_t start, int64_t length) {
    const int at = normalize_axis("narrow", axis, x.rank());
    const int64_t n = x.shape()[at], first = start < 0 ? start + n : start;
    if (first < 0 || first > n || length < 0 || length > n - first)
        detail::fail<IndexError>("narrow", length, " places from ", start, " are outside axis ", at,
                                 " of size ", n);
    detail::WindowBuilder window("narrow", x);
    window.rest(x.rank() - at);
    window.take(Slice{first, first + length});
    window.rest(0);
    return window.done(x);
}

/// One place of an axis, which goes; a view.
/// Shape    x (..., n, ...) -> y without that axis
/// Grad     dx = zeros with dy in the place taken
/// Throws   ShapeError: axis outside [-rank, rank); IndexError: index outside [-n, n)
template <class T>
Tensor<T> select(const Tensor<T>& x, int64_t axis, int64_t index) {
    const int at = normalize_axis("select", axis, x.rank());
    detail::WindowBuilder window("select", x);
    window.rest(x.rank() - at);
    window.take(index);
    window.rest(0);
    return window.done(x);
}

/// NumPy's basic indexing: an integer takes one place of an axis, a `Slice` several, `all` every one;
/// `newaxis` makes an axis, `ellipsis` stands for the axes that are not named, which are otherwise the last
/// ones. A view.
///   at(x, 0, all, Slice{1, 5}, newaxis, ellipsis, -1)
/// Grad     dx = zeros with dy in the places taken
/// Throws   IndexError: too many indices, two ellipses, or an integer outside its axis; ValueError: a step
/// below 1
template <class T, detail::ViewIndex... Indices>
Tensor<T> at(const Tensor<T>& x, const Indices&... indices) {
    detail::WindowBuilder window("at", x);
    detail::take_all("at", window, x.shape(), indices...);
    return window.done(x);
}

}
