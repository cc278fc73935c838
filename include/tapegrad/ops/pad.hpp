// Margins around a tensor: of one value, or of its own elements.
#pragma once

#include <span>
#include <vector>

#include "index_rows.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a margin holds: one value; the elements mirrored at the first and last one, which are not doubled;
/// the first or last one; the elements from the other end.
enum class PadMode { constant, reflect, replicate, circular };

struct PadOptions {
    PadMode mode = PadMode::constant;
    double value = 0;  // of PadMode::constant
};

namespace detail {

/// The places before and behind an axis.
struct Margin {
    int axis;
    int64_t before, behind, size;  // size with both
};

/// Margin k of the argument of `pad`, which names the axes from the last one.
inline Margin margin_of(std::span<const int64_t> margins, std::size_t k, const Shape& shape) {
    Margin m{shape.rank() - 1 - static_cast<int>(k), margins[2 * k], margins[2 * k + 1], 0};
    const int64_t n = shape[m.axis];
    if (__builtin_add_overflow(n, m.before, &m.size) || __builtin_add_overflow(m.size, m.behind, &m.size) ||
        m.size < 0 || m.before < -n || m.behind < -n)
        fail<ShapeError>("pad", "margins ", m.before, " and ", m.behind, " do not fit axis ", m.axis,
                         " of x ", shape);
    return m;
}

/// For each place of the padded axis the place that it shows.
template <std::same_as<Margin> M>
Tensor<int64_t> shown_places(const Shape& shape, const M& m, PadMode mode) {
    const int64_t n = shape[m.axis], limit = mode == PadMode::reflect ? n - 1 : n;
    const int64_t margin = m.before > m.behind ? m.before : m.behind;
    if (margin > 0 && (mode == PadMode::replicate ? n == 0 : margin > limit))
        fail<ShapeError>("pad", "margins ", m.before, " and ", m.behind, " need more than axis ", m.axis,
                         " of x ", shape, " has");
    std::vector<int64_t> places;
    places.reserve(static_cast<std::size_t>(m.size));
    for (int64_t i = -m.before; i < n + m.behind; ++i) {
        const bool before = i < 0, inside = i >= 0 && i < n;
        if (inside)
            places.push_back(i);
        else if (mode == PadMode::reflect)
            places.push_back(before ? -i : 2 * (n - 1) - i);
        else if (mode == PadMode::circular)
            places.push_back(before ? i + n : i - n);
        else
            places.push_back(before ? 0 : n - 1);
    }
    return from_vector(places);
}

template <class T>
Tensor<T> pad_constant(const Tensor<T>& x, std::span<const int64_t> margins, T value) {
    Shape shape = x.shape();
    Window window;
    Tensor<T> inner = x;
    for (std::size_t k = 0; k < margins.size() / 2; ++k) {
        const Margin m = margin_of(margins, k, x.shape());
        shape[m.axis] = m.size;
        // A negative margin cuts.
        const int64_t first = m.before < 0 ? -m.before : 0, cut = m.behind < 0 ? -m.behind : 0;
        if (first + cut > 0) inner = slice(inner, m.axis, first, x.shape()[m.axis] - cut);
    }
    const Strides strides = row_major(shape);
    for (std::size_t k = 0; k < margins.size() / 2; ++k) {
        const Margin m = margin_of(margins, k, x.shape());
        if (m.before > 0 && inner.shape()[m.axis] > 0) window.offset += m.before * strides[m.axis];
    }
    window.shape = inner.shape();
    window.strides = strides;
    return place("pad", inner, shape, window, value);
}

}

/// x with margins: {left, right} of the last axis, then {top, bottom} of the one before, and so on, as in
/// torch.nn.functional.pad. A negative margin cuts.
///   pad(x, {1, 2, 0, 3}, {.mode = PadMode::reflect})
/// Shape    x (..., n, m), margins {a, b, c, d} -> y (..., c + n + d, a + m + b)
/// Grad     dx = dy without the margins, to which the margins that show x are added
/// Throws   ShapeError: an odd number of margins, more than two for each axis, a cut of more than there is,
/// or
///          a margin that shows more than there is: reflect n - 1 places, circular n, replicate any of n > 0
template <class T>
Tensor<T> pad(const Tensor<T>& x, std::span<const int64_t> margins, const PadOptions& options = {}) {
    if (margins.size() % 2 != 0 || margins.size() / 2 > static_cast<std::size_t>(x.rank()))
        detail::fail<ShapeError>("pad", margins.size(), " margins are not two for each of some axes of x ",
                                 x.shape());
    if (options.mode == PadMode::constant)
        return detail::pad_constant(x, margins, static_cast<T>(options.value));
    Tensor<T> y = x;
    for (std::size_t k = 0; k < margins.size() / 2; ++k) {
        const detail::Margin m = detail::margin_of(margins, k, x.shape());
        if (m.before != 0 || m.behind != 0)
            y = detail::take_rows("pad", y, m.axis, detail::shown_places(x.shape(), m, options.mode));
    }
    return y;
}
template <class T>
Tensor<T> pad(const Tensor<T>& x, std::initializer_list<int64_t> margins, const PadOptions& options = {}) {
    return pad(x, std::span<const int64_t>(margins.begin(), margins.size()), options);
}

}
