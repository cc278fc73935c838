// Windows: parts of a tensor at a regular distance (slices, diagonals, what a margin leaves). Taking one is a
// view; its transpose puts elements into the window of zeros; and a window may be written over.
#pragma once

#include "../simd/strided_add.hpp"
#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A part of a tensor: its shape, and where it lies. No two of its places are one element.
struct Window {
    Shape shape;
    Strides strides;
    int64_t offset = 0;
};

/// Writes y into a window of a fresh row-major tensor.
template <class T>
void write_window(Tensor<T>& x, const Tensor<T>& y, const Window& window) {
    simd::copy_strided(y.data(), y.strides(), output(x) + window.offset, window.strides, window.shape);
}

template <class T>
Tensor<T> part(const char* name, const Tensor<T>& x, const Window& in_x, const Window& packed);

/// A tensor of the shape `from` with y in the window (which is one of a row-major tensor), `around` it.
/// Recorded.
template <class T>
Tensor<T> place(const char* name, const Tensor<T>& y, const Shape& from, const Window& window,
                T around = T(0)) {
    Tensor<T> x = full<T>(from, around);
    write_window(x, y, window);
    return record(name, x, {y}, [window](const Tensor<T>& dx) { return part("part", dx, window); });
}

/// The window `in_x` of x, which is `packed` in a row-major tensor of its shape. Recorded. The gradients of several
/// parts of x gather in one tensor: the second and later ones are added where they belong.
template <class T>
Tensor<T> part(const char* name, const Tensor<T>& x, const Window& in_x, const Window& packed) {
    return record(name, view_of(x, in_x.shape, in_x.strides, in_x.offset), {x},
                  [from = x.shape(), packed](const Tensor<T>& dy, T* total) {
                      if (total == nullptr) return place("place", dy, from, packed);
                      simd::add_strided(dy.data(), dy.strides(), total + packed.offset, packed.strides,
                                        packed.shape);
                      return Tensor<T>();
                  });
}

/// The window that is `packed` in a row-major tensor of the shape of x, which is copied when it is none.
template <class T>
Tensor<T> part(const char* name, const Tensor<T>& x, const Window& packed) {
    return part(name, tapegrad::contiguous(x), packed, packed);
}

/// x with y, of the shape of the window, in it. Recorded.
template <class T>
Tensor<T> overwrite(const char* name, const Tensor<T>& x, const Tensor<T>& y, const Window& window) {
    Tensor<T> out = copy(x);
    write_window(out, y, window);
    return record(name, out, {x, y}, [name, window](const Tensor<T>& d, Needs needs) {
        std::array<Tensor<T>, 2> parts;
        if (needs[0]) parts[0] = overwrite(name, d, expand(Tensor<T>(T(0)), window.shape), window);
        if (needs[1]) parts[1] = part("part", d, window);
        return parts;
    });
}

}
