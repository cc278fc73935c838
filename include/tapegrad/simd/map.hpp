// The driver of every elementwise operation: broadcasting, strides, mixed contiguity, tails and threads, once
// for each element type. An operation is a `MapKernel`, a loop over whole batches; the driver brings its
// inputs into that form:
//
//   contiguous run       read in place, `width` apart
//   one value for all    a batch of copies, 0 apart
//   anything else        packed into a tile of the first level of cache
//   tail                 padded to a batch, and only its elements written back
//
// So a lambda is compiled into one loop, and the bits of an element depend neither on its position nor on the
// layout.
#pragma once

#include <span>

#include "../core/parallel.hpp"
#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

inline constexpr std::size_t max_map_sources = 9;       // eight inputs, and dy in a backward
inline constexpr int64_t map_grain = int64_t{1} << 15;  // elements that are worth a thread
inline constexpr int64_t map_tile = 512;  // elements of a tile; nine of doubles fit the first level of cache
inline constexpr int64_t map_row = 64;    // shorter rows are packed together

/// Applies f to `batches` batches: input k starts at in[k] and moves by in_step[k] elements, so does output
/// k.
template <class T>
using MapKernel = void (*)(const void* f, const T* const* in, const int64_t* in_step, T* const* out,
                           const int64_t* out_step, int64_t batches);

/// An input: its elements (bool ones become 0 and 1) and its strides along the axes of the result.
template <class T>
struct MapSource {
    const void* data = nullptr;
    Strides strides;
    bool boolean = false;
};
/// An output, contiguous; null when nobody wants it.
template <class T>
struct MapTarget {
    T* data = nullptr;
    bool* boolean = nullptr;  // instead of data, for a comparison
    int64_t origin = 0;       // the element of the result that lies at the start
};

/// Applies the kernel to n elements: whole batches in place, the tail padded to a batch.
template <class T>
void map_run(MapKernel<T> kernel, const void* f, std::size_t ins, const T** in, const int64_t* in_step,
             std::size_t outs, T** out, const int64_t* out_step, int64_t n) {
    constexpr int64_t W = width<T>;
    const int64_t whole = n / W, rest = n % W;
    if (whole > 0) kernel(f, in, in_step, out, out_step, whole);
    if (rest == 0) return;
    alignas(64) T padded_in[max_map_sources][static_cast<std::size_t>(W)];
    alignas(64) T padded_out[max_map_sources][static_cast<std::size_t>(W)];
    const T* from[max_map_sources];
    T* to[max_map_sources];
    for (std::size_t k = 0; k < ins; ++k) {
        from[k] = in[k];
        if (in_step[k] == 0) continue;
        // Padded with an element of its own, which cannot be slower or louder than its neighbours.
        const T* p = in[k] + whole * W;
        load_partial(p, rest, p[0]).store(padded_in[k]);
        from[k] = padded_in[k];
    }
    for (std::size_t k = 0; k < outs; ++k) to[k] = padded_out[k];
    kernel(f, from, in_step, to, out_step, 1);
    for (std::size_t k = 0; k < outs; ++k)
        if (out_step[k] != 0) store_partial(Batch<T>::load(padded_out[k]), out[k] + whole * W, rest);
}

template <class T>
class MapDriver {
public:
    MapDriver(MapKernel<T> kernel, const void* f, const Shape& shape, std::span<const MapSource<T>> in)
        : kernel_(kernel), f_(f), shape_(shape), count_(in.size()) {
        for (std::size_t k = 0; k < count_; ++k) in_[k] = in[k];
        numel_ = numel_of(shape);
        coalesce();
    }

    void run(std::span<const MapTarget<T>> out) const {
        parallel_for(numel_, map_grain, [&](int64_t begin, int64_t end) { range(begin, end, out); });
    }

    /// Sum of the only output, in chunks and tiles whose bounds depend on the number of elements alone.
    double sum() const {
        return parallel_reduce(
            numel_, map_grain, 0.0,
            [&](int64_t begin, int64_t end) {
                double total = 0;
                alignas(64) T tile[map_tile];
                for (int64_t i = begin; i < end; i += map_tile) {
                    const int64_t stop = i + map_tile < end ? i + map_tile : end;
                    const MapTarget<T> target{tile, nullptr, i};
                    range(i, stop, std::span(&target, 1));
                    total += sum_of(tile, stop - i);
                }
                return total;
            },
            [](double a, double b) { return a + b; });
    }

private:
    static constexpr int64_t W = width<T>;

    static double sum_of(const T* p, int64_t n) {
        Batch<T> lanes(T(0));
        int64_t i = 0;
        for (; i + W <= n; i += W) lanes += Batch<T>::load(p + i);
        auto total = static_cast<double>(reduce_add(lanes));
        for (; i < n; ++i) total += static_cast<double>(p[i]);
        return total;
    }

    // Joins neighbouring axes that every input walks as one.
    void coalesce() {
        Shape joined;
        for (int axis = 0; axis < shape_.rank(); ++axis) {
            if (shape_[axis] == 1) continue;
            bool joins = joined.rank() > 0;
            for (std::size_t k = 0; k < count_ && joins; ++k)
                joins = in_[k].strides[kept(joined)] == in_[k].strides[axis] * shape_[axis];
            if (joins)
                joined[joined.rank() - 1] *= shape_[axis];
            else
                joined.push_back(shape_[axis]);
            for (std::size_t k = 0; k < count_; ++k) in_[k].strides[kept(joined)] = in_[k].strides[axis];
        }
        if (joined.rank() == 0) {
            joined.push_back(1);
            for (std::size_t k = 0; k < count_; ++k) in_[k].strides = Strides{1};
        }
        shape_ = joined;
        row_ = joined.back();
    }
    static int kept(const Shape& joined) { return joined.rank() - 1; }

    void range(int64_t begin, int64_t end, std::span<const MapTarget<T>> out) const {
        const bool rows = shape_.rank() == 1 || row_ >= map_row;
        bool packs = !rows;
        for (std::size_t k = 0; k < count_; ++k) packs |= in_[k].boolean || stride(k) > 1 || stride(k) < 0;
        for (const MapTarget<T>& o : out) packs |= o.boolean != nullptr;
        for (int64_t i = begin; i < end;) {
            int64_t n = end - i;
            if (rows && row_ - i % row_ < n) n = row_ - i % row_;
            if (packs && n > map_tile) n = map_tile;
            segment(i, n, rows, out);
            i += n;
        }
    }

    int64_t stride(std::size_t k) const { return in_[k].strides[shape_.rank() - 1]; }

    // Elements [first, first + n) of the result: within one row, or, with short rows, over several.
    void segment(int64_t first, int64_t n, bool rows, std::span<const MapTarget<T>> out) const {
        alignas(64) T tiles[max_map_sources][map_tile];
        alignas(64) T result[map_tile];
        alignas(64) T nowhere[static_cast<std::size_t>(W)];
        const T* in[max_map_sources];
        int64_t in_step[max_map_sources]{};
        for (std::size_t k = 0; k < count_; ++k) {
            const MapSource<T>& s = in_[k];
            const int64_t offset = offset_of(k, first);
            in_step[k] = W;
            if (rows && stride(k) == 0 && !s.boolean) {
                Batch<T>(static_cast<const T*>(s.data)[offset]).store(tiles[k]);
                in[k] = tiles[k];
                in_step[k] = 0;
            } else if (rows && stride(k) == 1 && !s.boolean) {
                in[k] = static_cast<const T*>(s.data) + offset;
            } else {
                if (s.boolean)
                    pack(k, static_cast<const bool*>(s.data), first, n, tiles[k]);
                else
                    pack(k, static_cast<const T*>(s.data), first, n, tiles[k]);
                in[k] = tiles[k];
            }
        }
        T* to[max_map_sources];
        int64_t out_step[max_map_sources]{};
        for (std::size_t k = 0; k < out.size(); ++k) {
            out_step[k] = W;
            if (out[k].boolean != nullptr) {
                to[k] = result;
            } else if (out[k].data != nullptr) {
                to[k] = out[k].data + (first - out[k].origin);
            } else {
                to[k] = nowhere;
                out_step[k] = 0;
            }
        }
        map_run(kernel_, f_, count_, in, in_step, out.size(), to, out_step, n);
        for (std::size_t k = 0; k < out.size(); ++k)
            if (out[k].boolean != nullptr)
                for (int64_t i = 0; i < n; ++i) out[k].boolean[first - out[k].origin + i] = result[i] != T(0);
    }

    int64_t offset_of(std::size_t k, int64_t index) const {
        int64_t offset = 0;
        for (int axis = shape_.rank() - 1; axis > 0; --axis) {
            offset += index % shape_[axis] * in_[k].strides[axis];
            index /= shape_[axis];
        }
        return offset + index * in_[k].strides[0];
    }

    template <class From>
    void pack(std::size_t k, const From* from, int64_t first, int64_t n, T* tile) const {
        const int64_t step = stride(k);
        for (int64_t i = 0; i < n;) {
            const int64_t left = row_ - (first + i) % row_;
            const int64_t run = left < n - i ? left : n - i;
            const From* p = from + offset_of(k, first + i);
            for (int64_t j = 0; j < run; ++j) tile[i + j] = static_cast<T>(p[j * step]);
            i += run;
        }
    }

    MapKernel<T> kernel_;
    const void* f_;
    Shape shape_;
    int64_t numel_;
    int64_t row_ = 1;
    std::size_t count_;
    MapSource<T> in_[max_map_sources];
};

}
