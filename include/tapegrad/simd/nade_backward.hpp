// Backward of the recurrence of NADE. What the units held is computed anew, a stretch of variables at a time from the last
// to the first, from sums that were kept where stretches begin.
#pragma once

#include "nade.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Where gradients go; dx may be null.
template <class T>
struct NadeGradients {
    T *dx, *dw, *dv, *dc;
};

namespace detail {

inline constexpr int64_t nade_stretch =
    64;  // variables whose units of a block of samples lie in the second cache

/// A block of samples on its way back over one slice of the units.
template <class T>
class NadeReverse {
    static constexpr int64_t slice = nade_slice<T>;

public:
    NadeReverse(const NadeSizes& n, const T* w, const T* v, const T* c, int64_t first)
        : n_(n),
          ws_(n.variables * slice),
          vs_(n.variables * n.outputs * slice),
          start_(slice),
          a_(nade_block * slice),
          later_(nade_block * slice),
          open_(nade_block * slice),
          sums_((n.variables + nade_stretch - 1) / nade_stretch * nade_block * slice),
          units_((nade_stretch + 1) * nade_block * slice),
          place_((nade_stretch + 1) * nade_block),
          dw_(n.variables * slice),
          dv_(n.variables * n.outputs * slice),
          dc_(slice) {
        nade_pack(w, n.variables, n.hidden, first, ws_.data());
        nade_pack(v, n.variables * n.outputs, n.hidden, first, vs_.data());
        nade_pack(c, 1, n.hidden, first, start_.data());
        for (Scratch<T>* const gradient : {&dw_, &dv_, &dc_})
            for (T& g : gradient->span()) g = T(0);
    }

    /// Adds what `count` samples give: x (count, D), dy (count, D, K), dx (count, D) or null.
    void block(const T* x, const T* dy, T* dx, int64_t count) {
        keep_sums(x, count);
        for (T& g : later_.span()) g = T(0);
        for (T& g : open_.span()) g = T(0);
        const int64_t stretches = (n_.variables + nade_stretch - 1) / nade_stretch;
        for (int64_t s = stretches - 1; s >= 0; --s) {
            const int64_t from = s * nade_stretch,
                          to = from + nade_stretch < n_.variables ? from + nade_stretch : n_.variables;
            compute_units(x, count, s, from, to);
            for (int64_t d = to - 1; d >= from; --d) {
                through_input(x, dx, count, d, d + 1 < to ? d + 1 - from : -1);
                through_outputs(dy, count, d, d - from);
            }
            for (int64_t b = 0; b < count; ++b) close(b, 0);
        }
        auto total = NadeUnits<T>::at(dc_.data());
        for (int64_t b = 0; b < count; ++b) total.add(Batch<T>(T(1)), later_.data() + b * slice);
        total.store(dc_.data());
    }

    /// Writes the gradients of the slice into those of all units.
    void store(int64_t first, const NadeGradients<T>& to) const {
        const auto part = [&](const Scratch<T>& from, int64_t rows, T* out) {
            const int64_t there = n_.hidden - first < slice ? n_.hidden - first : slice;
            for (int64_t r = 0; r < rows; ++r)
                std::memcpy(out + r * n_.hidden + first, from.data() + r * slice,
                            static_cast<std::size_t>(there) * sizeof(T));
        };
        part(dw_, n_.variables, to.dw);
        part(dv_, n_.variables * n_.outputs, to.dv);
        part(dc_, 1, to.dc);
    }

private:
    const T* unit(int64_t b, int64_t step) const {
        return units_.data() + place_[step * nade_block + b] * slice;
    }

    /// The sums in front of the sigmoid, where each stretch begins.
    void keep_sums(const T* x, int64_t count) {
        for (int64_t b = 0; b < count; ++b) NadeUnits<T>::at(start_.data()).store(a_.data() + b * slice);
        for (int64_t d = 0; d < n_.variables; ++d) {
            if (d % nade_stretch == 0)
                std::memcpy(sums_.data() + d / nade_stretch * nade_block * slice, a_.data(),
                            static_cast<std::size_t>(count * slice) * sizeof(T));
            for (int64_t b = 0; b < count; ++b) {
                const T value = x[b * n_.variables + d];
                if (value == T(0)) continue;
                auto a = NadeUnits<T>::at(a_.data() + b * slice);
                a.add(Batch<T>(value), ws_.data() + d * slice);
                a.store(a_.data() + b * slice);
            }
        }
    }
    /// The units before each variable of a stretch; those that a 0 left alone lie once.
    void compute_units(const T* x, int64_t count, int64_t stretch, int64_t from, int64_t to) {
        std::memcpy(a_.data(), sums_.data() + stretch * nade_block * slice,
                    static_cast<std::size_t>(count * slice) * sizeof(T));
        int64_t used = 0;
        for (int64_t d = from; d < to; ++d)
            for (int64_t b = 0; b < count; ++b) {
                const int64_t at = (d - from) * nade_block + b;
                const T value = d > from ? x[b * n_.variables + d - 1] : T(0);
                if (d > from && value == T(0)) {
                    place_[at] = place_[at - nade_block];
                    continue;
                }
                nade_take(value, ws_.data() + (d > from ? d - 1 : d) * slice, a_.data() + b * slice,
                          units_.data() + used * slice);
                place_[at] = used++;
            }
    }
    /// Adds what goes through the sigmoid at the units of a step to what reaches the sums of the variables before.
    TAPEGRAD_INLINE void close(int64_t b, int64_t step) {
        const T* const h = unit(b, step);
        T *const later = later_.data() + b * slice, *const open = open_.data() + b * slice;
        for_parts([&](auto i) TAPEGRAD_LAMBDA {
            const int64_t at = static_cast<int64_t>(i()) * width<T>;
            const auto u = Batch<T>::load(h + at), g = Batch<T>::load(open + at);
            fma(g, u - u * u, Batch<T>::load(later + at)).store(later + at);
            Batch<T>(T(0)).store(open + at);
        });
    }
    /// dw_d = sum over samples of x_d times the gradient of the sums behind; `step` is that of the units behind, or
    /// -1 where they are closed.
    void through_input(const T* x, T* dx, int64_t count, int64_t d, int64_t step) {
        auto dw = NadeUnits<T>::at(dw_.data() + d * slice);
        for (int64_t b = 0; b < count; ++b) {
            const T value = x[b * n_.variables + d];
            if (value == T(0) && dx == nullptr) continue;
            if (step >= 0) close(b, step);
            const T* const later = later_.data() + b * slice;
            if (value != T(0)) dw.add(Batch<T>(value), later);
            if (dx != nullptr) dx[b * n_.variables + d] = NadeUnits<T>::at(ws_.data() + d * slice).dot(later);
        }
        dw.store(dw_.data() + d * slice);
    }
    void through_outputs(const T* dy, int64_t count, int64_t d, int64_t step) {
        for (int64_t k = 0; k < n_.outputs; ++k) {
            const int64_t row = d * n_.outputs + k;
            auto dv = NadeUnits<T>::at(dv_.data() + row * slice);
            const auto v = NadeUnits<T>::at(vs_.data() + row * slice);
            for (int64_t b = 0; b < count; ++b) {
                const Batch<T> slope(dy[b * n_.variables * n_.outputs + row]);
                dv.add(slope, unit(b, step));
                T* const open = open_.data() + b * slice;
                for_parts([&](auto i) TAPEGRAD_LAMBDA {
                    T* const to = open + static_cast<int64_t>(i()) * width<T>;
                    fma(slope, v.part[i], Batch<T>::load(to)).store(to);
                });
            }
            dv.store(dv_.data() + row * slice);
        }
    }

    NadeSizes n_;
    Scratch<T> ws_, vs_, start_, a_, later_, open_, sums_, units_;
    Scratch<int64_t> place_;
    Scratch<T> dw_, dv_, dc_;
};

}

/// Gradients of `nade`, from dy (B, D, K).
/// Shape    dx (B, D), dw (D, H), dv (D, K, H), dc (H,), all packed; dx, if it is not null, is added to
template <class T>
void nade_backward(const NadeSizes& n, const T* x, const T* w, const T* v, const T* c, const T* dy,
                   const NadeGradients<T>& to) {
    constexpr int64_t slice = detail::nade_slice<T>, block = detail::nade_block;
    const int64_t slices = detail::nade_slices(n.hidden, slice), size = n.samples * n.variables;
    Scratch<T> parts(to.dx != nullptr ? slices * size : 0);
    parallel_for(slices, 1, [&](int64_t from, int64_t until) {
        for (int64_t s = from; s < until; ++s) {
            detail::NadeReverse<T> reverse(n, w, v, c, s * slice);
            for (int64_t b = 0; b < n.samples; b += block)
                reverse.block(x + b * n.variables, dy + b * n.variables * n.outputs,
                              to.dx != nullptr ? parts.data() + s * size + b * n.variables : nullptr,
                              b + block < n.samples ? block : n.samples - b);
            reverse.store(s * slice, to);
        }
    });
    if (to.dx != nullptr) detail::nade_add_parts(parts.data(), slices, size, to.dx);
}

}
