// Elements picked along an axis by a tensor of places, and elements combined into such places.
//
// Places lie in (outer, n, inner), row-major. An element of the source lies at outer_offset[o] + place * step
// + inner_offset[i], so that the other axes of the source may be longer than those of the places.
#pragma once

#include "../core/parallel.hpp"
#include "../core/shape.hpp"
#include "combine.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The first index of an id outside [low, bound), or -1; low is 0 or less.
inline int64_t find_outside(const int64_t* ids, int64_t n, int64_t bound, int64_t low = 0) {
    constexpr int64_t block = 256;
    const auto span = static_cast<std::uint64_t>(bound) - static_cast<std::uint64_t>(low);
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = begin + block < n ? begin + block : n;
        bool outside = false;
        for (int64_t i = begin; i < end; ++i)
            outside |= static_cast<std::uint64_t>(ids[i]) - static_cast<std::uint64_t>(low) >= span;
        if (!outside) continue;
        for (int64_t i = begin; i < end; ++i)
            if (ids[i] < low || ids[i] >= bound) return i;
    }
    return -1;
}

/// out[i] = out[i] * size + ids[i], with an id below 0 counted from `size`: one more digit of each place.
inline void append_ids(const int64_t* ids, int64_t n, int64_t size, int64_t* out) {
    for (int64_t i = 0; i < n; ++i) out[i] = out[i] * size + ids[i] + (ids[i] < 0 ? size : 0);
}

/// Where the elements of a source lie for the places (outer, n, inner) into it.
struct GatherLayout {
    int64_t outer = 1, n = 1, inner = 1;
    int64_t size = 1, step = 1;  // of the axis, in the row-major source
    Scratch<int64_t> outer_offset, inner_offset;

    /// Places of the shape `ids` along `axis` of a row-major source of the shape `source`.
    GatherLayout(const Shape& source, const Shape& ids, int axis)
        : n(ids[axis]), size(source[axis]), step(row_major(source)[axis]) {
        for (int i = 0; i < axis; ++i) outer *= ids[i];
        for (int i = axis + 1; i < ids.rank(); ++i) inner *= ids[i];
        outer_offset = offsets(source, ids, 0, axis, outer);
        inner_offset = offsets(source, ids, axis + 1, ids.rank(), inner);
    }

    /// f(place, offset of its element but for the place): blocks of the columns (o, :, i) in parallel, each
    /// from its first place to its last, so that what meets in one element has an order. Where the order does
    /// not matter, the columns are cut as well.
    template <class F>
    void for_each(bool ordered, const F& f) const {
        // Narrower blocks would be more tasks, but read the same lines of cache in more passes: 16 columns took
        // twice the time of 64.
        constexpr int64_t columns = 256, grain = int64_t{1} << 14;
        const int64_t blocks = (inner + columns - 1) / columns;
        const int64_t width = inner < columns ? inner : columns;
        const int64_t length = ordered || n * width <= grain ? n : grain / width;
        const int64_t cuts = n > 0 ? (n - 1) / length + 1 : 0;
        parallel_for(outer * blocks * cuts, grain / (length * width + 1) + 1,
                     [&](int64_t begin, int64_t end) {
                         for (int64_t t = begin; t < end; ++t) {
                             const int64_t o = t / (blocks * cuts), i0 = t / cuts % blocks * columns,
                                           i1 = i0 + columns < inner ? i0 + columns : inner;
                             const int64_t j0 = t % cuts * length, j1 = n - j0 < length ? n : j0 + length;
                             if (inner == 1) {  // the common last axis, without a loop around each element
                                 const int64_t offset = outer_offset[o] + inner_offset[0];
                                 for (int64_t j = j0; j < j1; ++j) f(o * n + j, offset);
                                 continue;
                             }
                             for (int64_t j = j0; j < j1; ++j)
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
    at.for_each(false, [=, step = at.step](int64_t k, int64_t offset) { y[k] = x[offset + ids[k] * step]; });
}

/// out[k] = the place in the source of the k-th place.
template <std::same_as<int64_t> I>
void flat_places(const I* ids, I* out, const GatherLayout& at) {
    at.for_each(false, [=, step = at.step](int64_t k, int64_t offset) { out[k] = offset + ids[k] * step; });
}

namespace detail {

/// x[ids[k] step] += y[k]: parts of the places are summed apart, and their sums then added in order. There are
/// more places than elements, so that the sums are small beside them.
template <class T>
void scatter_add_parts(const T* y, const int64_t* ids, T* x, int64_t n, int64_t size, int64_t step,
                       int64_t part) {
    const int64_t parts = (n - 1) / part + 1;
    Scratch<T> sums(parts * size);
    T* const all = sums.data();
    parallel_for(n, part, [=](int64_t begin, int64_t end) {
        T* const own = all + begin / part * size;
        for (int64_t i = 0; i < size; ++i) own[i] = T(0);
        for (int64_t k = begin; k < end; ++k) own[ids[k]] = Add()(own[ids[k]], y[k]);
    });
    parallel_for(size, (int64_t{1} << 15) / parts + 1, [=](int64_t begin, int64_t end) {
        for (int64_t p = 0; p < parts; ++p)
            for (int64_t i = begin; i < end; ++i) x[i * step] = Add()(x[i * step], all[p * size + i]);
    });
}

}

/// to = how(to, y[o, j, i]) for to = x[o, ids[o, j, i], i], in the order of j, but for long sums into a single
/// column, which are made of parts: the same bits for any number of threads.
template <class How, class T>
void scatter(const How& how, const T* y, const int64_t* ids, T* x, const GatherLayout& at) {
    if constexpr (std::is_same_v<How, Add>) {
        constexpr int64_t least = int64_t{1} << 16;
        const int64_t part = 4 * at.size > least ? 4 * at.size : least;
        if (at.outer * at.inner == 1 && at.n > part)
            return detail::scatter_add_parts(y, ids, x, at.n, at.size, at.step, part);
    }
    at.for_each(true, [=, step = at.step](int64_t k, int64_t offset) {
        T& to = x[offset + ids[k] * step];
        to = how(to, y[k]);
    });
}

}
