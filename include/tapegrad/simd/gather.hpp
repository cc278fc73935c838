// Elements picked along an axis by a tensor of places, and their gradients added back.
//
// Places lie in (outer, n, inner), row-major. An element of the source lies at outer_offset[o] + place * step
// + inner_offset[i], so that the other axes of the source may be longer than those of the places.
#pragma once

#include "../core/parallel.hpp"
#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The first index of an id outside [0, bound), or -1.
inline int64_t find_outside(const int64_t* ids, int64_t n, int64_t bound) {
    constexpr int64_t block = 256;
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = begin + block < n ? begin + block : n;
        bool outside = false;
        for (int64_t i = begin; i < end; ++i)
            outside |= static_cast<std::uint64_t>(ids[i]) >= static_cast<std::uint64_t>(bound);
        if (!outside) continue;
        for (int64_t i = begin; i < end; ++i)
            if (ids[i] < 0 || ids[i] >= bound) return i;
    }
    return -1;
}

/// Where the elements of a source lie for the places (outer, n, inner) into it.
struct GatherLayout {
    int64_t outer = 1, n = 1, inner = 1;
    int64_t step = 1;  // of a place, in the row-major source
    Scratch<int64_t> outer_offset, inner_offset;

    /// Places of the shape `ids` along `axis` of a row-major source of the shape `source`.
    GatherLayout(const Shape& source, const Shape& ids, int axis)
        : n(ids[axis]), step(row_major(source)[axis]) {
        for (int i = 0; i < axis; ++i) outer *= ids[i];
        for (int i = axis + 1; i < ids.rank(); ++i) inner *= ids[i];
        outer_offset = offsets(source, ids, 0, axis, outer);
        inner_offset = offsets(source, ids, axis + 1, ids.rank(), inner);
    }

    /// f(place, offset of its element but for the place): the columns (o, :, i) in parallel, each from its
    /// first place to its last, so that sums into one element have an order.
    template <class F>
    void for_each(const F& f) const {
        constexpr int64_t columns = 256, grain = int64_t{1} << 14;
        const int64_t blocks = (inner + columns - 1) / columns;
        const int64_t work = n * (inner < columns ? inner : columns) + 1;
        parallel_for(outer * blocks, grain / work + 1, [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) {
                const int64_t o = t / blocks, i0 = t % blocks * columns,
                              i1 = i0 + columns < inner ? i0 + columns : inner;
                for (int64_t j = 0; j < n; ++j)
                    for (int64_t i = i0; i < i1; ++i)
                        f((o * n + j) * inner + i, outer_offset[o] + inner_offset[i]);
            }
        });
    }

private:
    static Scratch<int64_t> offsets(const Shape& source, const Shape& ids, int from, int to, int64_t count) {
        const Strides strides = row_major(source);
        Scratch<int64_t> out(count);
        for (int64_t k = 0; k < count; ++k) {
            int64_t rest = k, offset = 0;
            for (int axis = to - 1; axis >= from; --axis) {
                offset += rest % ids[axis] * strides[axis];
                rest /= ids[axis];
            }
            out[k] = offset;
        }
        return out;
    }
};

/// y[o, j, i] = x[o, ids[o, j, i], i]
template <class T>
void gather(const T* x, const int64_t* ids, T* y, const GatherLayout& at) {
    at.for_each([=, step = at.step](int64_t k, int64_t offset) { y[k] = x[offset + ids[k] * step]; });
}

/// x[o, ids[o, j, i], i] += y[o, j, i], in the order of j: the same bits for any number of threads.
template <class T>
void scatter_add(const T* y, const int64_t* ids, T* x, const GatherLayout& at) {
    at.for_each([=, step = at.step](int64_t k, int64_t offset) {
        T& to = x[offset + ids[k] * step];
        to = static_cast<T>(to + y[k]);
    });
}

}
