// Shapes and strides: at most eight sizes, kept in place, with every product checked for overflow.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

using std::int64_t;

inline constexpr int max_rank = 8;

/// A short list of int64: the sizes of a tensor, its strides, or a list of axes. Copying one copies 72 bytes.
class Dims {
public:
    constexpr Dims() = default;
    constexpr Dims(std::initializer_list<int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
    constexpr explicit Dims(std::span<const int64_t> values) {
        if (values.size() > max_rank)
            detail::fail<ShapeError>("shape", values.size(), " axes; at most 8 are supported");
        for (const int64_t v : values) values_[static_cast<std::size_t>(rank_++)] = v;
    }
    /// `rank` copies of `value`.
    static constexpr Dims filled(int rank, int64_t value) {
        if (rank > max_rank) detail::fail<ShapeError>("shape", rank, " axes; at most 8 are supported");
        Dims d;
        d.rank_ = rank;
        for (int i = 0; i < rank; ++i) d[i] = value;
        return d;
    }

    constexpr int rank() const { return rank_; }
    constexpr std::size_t size() const { return static_cast<std::size_t>(rank_); }
    constexpr bool empty() const { return rank_ == 0; }
    constexpr int64_t operator[](int i) const { return values_[static_cast<std::size_t>(i)]; }
    constexpr int64_t& operator[](int i) { return values_[static_cast<std::size_t>(i)]; }
    constexpr const int64_t* begin() const { return values_.data(); }
    constexpr const int64_t* end() const { return values_.data() + rank_; }
    constexpr int64_t* begin() { return values_.data(); }
    constexpr int64_t* end() { return values_.data() + rank_; }
    constexpr int64_t back() const { return (*this)[rank_ - 1]; }
    constexpr operator std::span<const int64_t>() const { return {values_.data(), size()}; }

    constexpr void push_back(int64_t value) {
        if (rank_ == max_rank) detail::fail<ShapeError>("shape", "9 axes; at most 8 are supported");
        values_[static_cast<std::size_t>(rank_++)] = value;
    }
    constexpr void insert(int axis, int64_t value) {
        push_back(value);
        for (int i = rank_ - 1; i > axis; --i) (*this)[i] = (*this)[i - 1];
        (*this)[axis] = value;
    }
    constexpr void erase(int axis) {
        for (int i = axis; i + 1 < rank_; ++i) (*this)[i] = (*this)[i + 1];
        --rank_;
    }
    constexpr bool contains(int64_t value) const {
        for (const int64_t v : *this)
            if (v == value) return true;
        return false;
    }

    friend constexpr bool operator==(const Dims& a, const Dims& b) {
        if (a.rank_ != b.rank_) return false;
        for (int i = 0; i < a.rank_; ++i)
            if (a[i] != b[i]) return false;
        return true;
    }

    /// "(2, 3)", "(4,)" for one axis, "()" for none.
    std::string to_string() const {
        std::string out = "(";
        for (int i = 0; i < rank_; ++i) {
            if (i > 0) out += ", ";
            out += std::to_string((*this)[i]);
        }
        if (rank_ == 1) out += ',';
        return out + ')';
    }

private:
    std::array<int64_t, max_rank> values_{};
    int rank_ = 0;
};

using Shape = Dims;
using Strides = Dims;
using Axes = Dims;

/// The number of elements of a shape.
/// Throws   ShapeError: a negative size, or a product above 2^63 - 1
constexpr int64_t numel_of(const Shape& shape, std::string_view op = "shape") {
    int64_t n = 1;
    bool zero = false, overflow = false;
    for (const int64_t size : shape) {
        if (size < 0) detail::fail<ShapeError>(op, "negative size ", size, " in ", shape);
        zero |= size == 0;
        overflow |= __builtin_mul_overflow(n, size == 0 ? 1 : size, &n);
    }
    if (zero) return 0;
    if (overflow) detail::fail<ShapeError>(op, "shape ", shape, " has more than 2^63 - 1 elements");
    return n;
}

/// Row-major strides of a shape, in elements.
constexpr Strides row_major(const Shape& shape) {
    Strides strides = Dims::filled(shape.rank(), 1);
    for (int i = shape.rank() - 2; i >= 0; --i)
        strides[i] = strides[i + 1] * (shape[i + 1] > 1 ? shape[i + 1] : 1);
    return strides;
}

/// Axis in [-rank, rank) as an axis in [0, rank).
/// Throws   ShapeError: axis outside [-rank, rank)
constexpr int normalize_axis(std::string_view op, int64_t axis, int rank) {
    if (axis < -rank || axis >= rank)
        detail::fail<ShapeError>(op, "axis ", axis, " is outside [", -rank, ", ", rank,
                                 ") of a tensor of rank ", rank);
    return static_cast<int>(axis < 0 ? axis + rank : axis);
}

/// The shape that a and b broadcast to: aligned at the last axis, sizes equal or 1.
/// Throws   ShapeError: sizes that differ and are not 1
constexpr Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b) {
    if (a == b) return a;
    const bool a_longer = a.rank() >= b.rank();
    Shape out = a_longer ? a : b;
    const Shape& other = a_longer ? b : a;
    const int shift = out.rank() - other.rank();
    for (int i = 0; i < other.rank(); ++i) {
        int64_t& size = out[i + shift];
        if (other[i] == size || other[i] == 1) continue;
        if (size != 1)
            detail::fail<ShapeError>(op, "shapes ", a, " and ", b, " do not broadcast: sizes ",
                                     a_longer ? size : other[i], " and ", a_longer ? other[i] : size,
                                     " differ at axis ", i + shift - out.rank());
        size = other[i];
    }
    return out;
}

}
