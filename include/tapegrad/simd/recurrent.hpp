// One time step of recurrent cells, element by element, forward and backward. The matrix products of a step are
// the caller's.
//
// A row is one item of a batch. gx are the gates' inputs from x and gh those from the state before, each
// `gates` blocks of n; what backward reads is saved.
#pragma once

#include "../core/parallel.hpp"
#include "functions.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

template <class T>
struct CellRow {
    const T *gx, *gh, *bias;  // bias (gates n) of gh, or null
    const T *h, *c;           // the state before
    T *saved, *h_new, *c_new;
};
template <class T>
struct CellRowBackward {
    const T *saved, *h, *c, *h_new, *c_new;
    const T *dh, *dc;  // by the states of this step, beside the carries
    T *carry_h,
        *carry_c;  // in: gradients by the states that the next step sent back; out: by those before, but
                   // for what goes through gh
    T *dgx, *dgh;
};

namespace detail {

/// Reads and writes blocks of n elements in batches.
template <class T>
struct Blocks {
    int64_t n, i, count;
    TAPEGRAD_INLINE Batch<T> load(const T* p, int64_t block = 0) const {
        return load_some(p + block * n + i, count);
    }
    TAPEGRAD_INLINE void store(const Batch<T>& v, T* p, int64_t block = 0) const {
        store_some(v, p + block * n + i, count);
    }
};

}

/// i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of gx + gh;  c' = f c + i g;  h' = o tanh(c').
/// Source   Hochreiter and Schmidhuber, Long Short-Term Memory, 1997
struct LstmCell {
    static constexpr int64_t gates = 4, saved = 4, states = 2;
    static constexpr bool same_gates = true;  // dgx is dgh

    template <class T>
    TAPEGRAD_INLINE static void forward(const CellRow<T>& r, const detail::Blocks<T>& at) {
        const auto in = [&](int64_t gate)
                            TAPEGRAD_LAMBDA { return at.load(r.gx, gate) + at.load(r.gh, gate); };
        const Batch<T> i = sigmoid(in(0)), f = sigmoid(in(1)), g = tanh(in(2)), o = sigmoid(in(3));
        const Batch<T> c = fma(f, at.load(r.c), i * g);
        at.store(i, r.saved, 0);
        at.store(f, r.saved, 1);
        at.store(g, r.saved, 2);
        at.store(o, r.saved, 3);
        at.store(c, r.c_new);
        at.store(o * tanh(c), r.h_new);
    }
    template <class T>
    TAPEGRAD_INLINE static void backward(const CellRowBackward<T>& r, const detail::Blocks<T>& at) {
        const Batch<T> one(T(1)), i = at.load(r.saved, 0), f = at.load(r.saved, 1), g = at.load(r.saved, 2),
                                  o = at.load(r.saved, 3), squashed = tanh(at.load(r.c_new));
        const Batch<T> dh = at.load(r.dh) + at.load(r.carry_h);
        const Batch<T> dc = at.load(r.dc) + at.load(r.carry_c) + dh * o * (one - squashed * squashed);
        at.store(dc * g * i * (one - i), r.dgh, 0);
        at.store(dc * at.load(r.c) * f * (one - f), r.dgh, 1);
        at.store(dc * i * (one - g * g), r.dgh, 2);
        at.store(dh * squashed * o * (one - o), r.dgh, 3);
        at.store(dc * f, r.carry_c);
        at.store(Batch<T>(T(0)), r.carry_h);
    }
};

/// r, z = sigmoid of gx + gh;  n = tanh(gx + r gh);  h' = (1 - z) n + z h.
/// Source   Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014
struct GruCell {
    static constexpr int64_t gates = 3, saved = 4, states = 1;
    static constexpr bool same_gates = false;

    template <class T>
    TAPEGRAD_INLINE static void forward(const CellRow<T>& row, const detail::Blocks<T>& at) {
        const auto hidden = [&](int64_t gate) TAPEGRAD_LAMBDA {
            const Batch<T> v = at.load(row.gh, gate);
            return row.bias != nullptr ? v + at.load(row.bias, gate) : v;
        };
        const Batch<T> r = sigmoid(at.load(row.gx, 0) + hidden(0)),
                       z = sigmoid(at.load(row.gx, 1) + hidden(1));
        const Batch<T> own = hidden(2), n = tanh(fma(r, own, at.load(row.gx, 2)));
        at.store(r, row.saved, 0);
        at.store(z, row.saved, 1);
        at.store(n, row.saved, 2);
        at.store(own, row.saved, 3);
        at.store(fma(z, at.load(row.h) - n, n), row.h_new);
    }
    template <class T>
    TAPEGRAD_INLINE static void backward(const CellRowBackward<T>& row, const detail::Blocks<T>& at) {
        const Batch<T> one(T(1)), r = at.load(row.saved, 0), z = at.load(row.saved, 1),
                                  n = at.load(row.saved, 2), own = at.load(row.saved, 3);
        const Batch<T> dh = at.load(row.dh) + at.load(row.carry_h);
        const Batch<T> dn = dh * (one - z) * (one - n * n);
        const Batch<T> dr = dn * own * r * (one - r), dz = dh * (at.load(row.h) - n) * z * (one - z);
        at.store(dr, row.dgx, 0);
        at.store(dz, row.dgx, 1);
        at.store(dn, row.dgx, 2);
        at.store(dr, row.dgh, 0);
        at.store(dz, row.dgh, 1);
        at.store(dn * r, row.dgh, 2);
        at.store(dh * z, row.carry_h);
    }
};

/// h' = tanh(gx + gh), or relu.
/// Source   Elman, Finding Structure in Time, 1990
template <bool Relu>
struct RnnCell {
    static constexpr int64_t gates = 1, saved = 0, states = 1;
    static constexpr bool same_gates = true;

    template <class T>
    TAPEGRAD_INLINE static void forward(const CellRow<T>& r, const detail::Blocks<T>& at) {
        const Batch<T> v = at.load(r.gx) + at.load(r.gh), zero(T(0));
        if constexpr (Relu)
            at.store(where(v <= zero, zero, v), r.h_new);
        else
            at.store(tanh(v), r.h_new);
    }
    template <class T>
    TAPEGRAD_INLINE static void backward(const CellRowBackward<T>& r, const detail::Blocks<T>& at) {
        const Batch<T> h = at.load(r.h_new), zero(T(0)), dh = at.load(r.dh) + at.load(r.carry_h);
        if constexpr (Relu)
            at.store(where(h <= zero, zero, dh), r.dgh);
        else
            at.store(dh * (Batch<T>(T(1)) - h * h), r.dgh);
        at.store(zero, r.carry_h);
    }
};

namespace detail {

/// Calls f(row, blocks) for the batches of each of `rows` rows of n.
template <class T, class F>
void for_cell_rows(int64_t rows, int64_t n, const F& f) {
    if (n == 0) return;
    parallel_for(rows, (int64_t{1} << 13) / n, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b)
            for_batches<T>(n, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
                f(b, Blocks<T>{n, i, count});
            });
    });
}
/// Row b of rows of n, or null.
template <class T>
TAPEGRAD_INLINE T* row_at(T* p, int64_t b, int64_t n) {
    return p != nullptr ? p + b * n : nullptr;
}

}

/// A step of a cell for `rows` rows of a state of n; the pointers are those of row 0.
template <class Cell, Vectorized T>
void cell_step(const CellRow<T>& all, int64_t rows, int64_t n) {
    detail::for_cell_rows<T>(rows, n, [=](int64_t b, const detail::Blocks<T>& at) TAPEGRAD_LAMBDA {
        using detail::row_at;
        const int64_t g = Cell::gates * n;
        Cell::forward(CellRow<T>{row_at(all.gx, b, g), row_at(all.gh, b, g), all.bias, row_at(all.h, b, n),
                                 row_at(all.c, b, n), row_at(all.saved, b, Cell::saved * n),
                                 row_at(all.h_new, b, n), row_at(all.c_new, b, n)},
                      at);
    });
}
template <class Cell, Vectorized T>
void cell_step_backward(const CellRowBackward<T>& all, int64_t rows, int64_t n) {
    detail::for_cell_rows<T>(rows, n, [=](int64_t b, const detail::Blocks<T>& at) TAPEGRAD_LAMBDA {
        using detail::row_at;
        const int64_t g = Cell::gates * n;
        Cell::backward(
            CellRowBackward<T>{row_at(all.saved, b, Cell::saved * n), row_at(all.h, b, n),
                               row_at(all.c, b, n), row_at(all.h_new, b, n), row_at(all.c_new, b, n),
                               row_at(all.dh, b, n), row_at(all.dc, b, n), row_at(all.carry_h, b, n),
                               row_at(all.carry_c, b, n), row_at(all.dgx, b, g), row_at(all.dgh, b, g)},
            at);
    });
}

}
