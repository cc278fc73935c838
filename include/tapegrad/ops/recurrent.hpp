// Recurrence over time: one matrix product a step, one operation on the tape for the whole sequence.
#pragma once

#include "../simd/recurrent.hpp"
#include "elementwise.hpp"
#include "join.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The cells with their definitions in operations: the states after a step.
struct Lstm : simd::LstmCell {
    template <class T>
    static std::array<Tensor<T>, 2> step(const Tensor<T>& gx, const Tensor<T>& gh, const Tensor<T>&,
                                         const Tensor<T>& c) {
        const auto g = chunk<4>(gx + gh, -1);
        const Tensor<T> next = sigmoid(g[1]) * c + sigmoid(g[0]) * tanh(g[2]);
        return {sigmoid(g[3]) * tanh(next), next};
    }
};
struct Gru : simd::GruCell {
    template <class T>
    static std::array<Tensor<T>, 2> step(const Tensor<T>& gx, const Tensor<T>& gh, const Tensor<T>& h,
                                         const Tensor<T>&) {
        const auto x = chunk<3>(gx, -1), s = chunk<3>(gh, -1);
        const Tensor<T> n = tanh(x[2] + sigmoid(x[0] + s[0]) * s[2]);
        return {n + sigmoid(x[1] + s[1]) * (h - n), {}};
    }
};
template <bool Relu>
struct Rnn : simd::RnnCell<Relu> {
    template <class T>
    static std::array<Tensor<T>, 2> step(const Tensor<T>& gx, const Tensor<T>& gh, const Tensor<T>&,
                                         const Tensor<T>&) {
        const Tensor<T> v = gx + gh;
        if constexpr (Relu)
            return {where(v <= 0, 0, v), {}};
        else
            return {tanh(v), {}};
    }
};

struct RecurrenceSizes {
    int64_t time, batch, hidden;
    bool reverse;
    /// The place in time of step i.
    int64_t at(int64_t i) const { return reverse ? time - 1 - i : i; }
    int64_t state() const { return batch * hidden; }
};

template <class Cell, class T>
Tensor<T> composed_recurrence(const Tensor<T>& gx, const Tensor<T>& weight, const Tensor<T>& bias,
                              const Tensor<T>& h0, const Tensor<T>& c0, const RecurrenceSizes& s) {
    std::array<Tensor<T>, 2> state{h0, c0};
    std::vector<Tensor<T>> h(static_cast<std::size_t>(s.time)), c = h;
    for (int64_t i = 0; i < s.time; ++i) {
        const auto t = static_cast<std::size_t>(s.at(i));
        state = Cell::step(select(gx, 0, s.at(i)), linear(state[0], weight, bias), state[0], state[1]);
        h[t] = state[0];
        c[t] = state[1];
    }
    if constexpr (Cell::states == 1) return unsqueeze(stack(h), 0);
    return stack({stack(h), stack(c)});
}

/// Gradients by gx, weight, bias, h0 and c0.
template <class Cell, class T>
std::array<Tensor<T>, 5> recurrence_gradients(const Tensor<T>& dy, const Tensor<T>& y, const Tensor<T>& saved,
                                              const Tensor<T>& weight, const Tensor<T>& h0,
                                              const Tensor<T>& c0, const RecurrenceSizes& s, Needs needs) {
    constexpr bool two = Cell::states == 2;
    const int64_t n = s.hidden, width = Cell::gates * n, rows = s.time * s.batch, state = s.state();
    const Tensor<T> slope = contiguous(dy), w = contiguous(weight), first = contiguous(h0);
    const Tensor<T> first_c = two ? contiguous(c0) : c0;
    std::array<Tensor<T>, 5> d;
    d[0] = empty<T>({s.time, s.batch, width});
    d[3] = zeros<T>({s.batch, n});
    if (two) d[4] = zeros<T>({s.batch, n});
    const Tensor<T> through = Cell::same_gates ? d[0] : empty<T>({s.time, s.batch, width});
    Tensor<T> hidden = through;
    T* const dgx = output(d[0]);
    T* const dgh = Cell::same_gates ? dgx : output(hidden);
    T* const carry_c = two ? output(d[4]) : nullptr;
    const simd::MatrixRef<T> by_weight{w.data(), n, 1};
    for (int64_t i = s.time - 1; i >= 0; --i) {
        const int64_t t = s.at(i), at = t * state, before = i > 0 ? s.at(i - 1) * state : 0;
        const T* const h = y.data();
        const T* const c = h + s.time * state;
        simd::cell_step_backward<Cell>(
            simd::CellRowBackward<T>{saved.data() + t * s.batch * Cell::saved * n,
                                     i > 0 ? h + before : first.data(),
                                     !two    ? nullptr
                                     : i > 0 ? c + before
                                             : first_c.data(),
                                     h + at, two ? c + at : nullptr, slope.data() + at,
                                     two ? slope.data() + s.time * state + at : nullptr, output(d[3]),
                                     carry_c, dgx + t * s.batch * width, dgh + t * s.batch * width},
            s.batch, n);
        simd::gemm(s.batch, n, width, simd::MatrixRef<T>{dgh + t * s.batch * width, width, 1}, by_weight,
                   output(d[3]), n, true);
    }
    if (needs[1]) {  // the states before: h0, then all but the last
        d[1] = zeros<T>({width, n});
        const int64_t from = s.reverse ? 0 : s.batch, start = s.at(0) * s.batch;
        const simd::MatrixRef<T> all{dgh + from * width, 1, width}, one{dgh + start * width, 1, width};
        const T* const past = y.data() + (s.reverse ? state : 0);
        simd::gemm(width, n, rows - s.batch, all, simd::MatrixRef<T>{past, n, 1}, output(d[1]), n, true);
        simd::gemm(width, n, s.batch, one, simd::MatrixRef<T>{first.data(), n, 1}, output(d[1]), n, true);
    }
    if (needs[2]) {
        d[2] = empty<T>({width});
        simd::sum(dgh, output(d[2]), 1, rows, width);
    }
    return d;
}

/// The states (1 or 2, T, B, n) of a cell at all times, from the gates' inputs gx (T, B, gates n).
///   weight (gates n, n), bias (gates n,) or undefined; h0, and c0 for a cell of two states, (B, n)
template <class Cell, class T>
Tensor<T> recurrence(const char* name, const Tensor<T>& gx, const Tensor<T>& weight, const Tensor<T>& bias,
                     const Tensor<T>& h0, const Tensor<T>& c0, bool reverse) {
    constexpr bool two = Cell::states == 2;
    const RecurrenceSizes s{gx.size(0), gx.size(1), weight.size(1), reverse};
    const int64_t n = s.hidden, width = Cell::gates * n, state = s.state();
    const Tensor<T> x = contiguous(gx), w = contiguous(weight), first = contiguous(h0);
    const Tensor<T> b = bias.defined() ? contiguous(bias) : bias, first_c = two ? contiguous(c0) : c0;
    Tensor<T> y = empty<T>({Cell::states, s.time, s.batch, n});
    Tensor<T> saved = empty<T>({s.time, s.batch, Cell::saved * n}), gh = empty<T>({s.batch, width});
    T* const h = output(y);
    T* const c = h + s.time * state;
    for (int64_t i = 0; i < s.time; ++i) {
        const int64_t t = s.at(i), at = t * state, before = i > 0 ? s.at(i - 1) * state : 0;
        const T* const past = i > 0 ? h + before : first.data();
        simd::gemm(s.batch, width, n, simd::MatrixRef<T>{past, n, 1}, matrix_of(w).transposed(), output(gh),
                   width);
        simd::cell_step<Cell>(
            simd::CellRow<T>{x.data() + t * s.batch * width, gh.data(), b.defined() ? b.data() : nullptr,
                             past,
                             !two    ? nullptr
                             : i > 0 ? c + before
                                     : first_c.data(),
                             output(saved) + t * s.batch * Cell::saved * n, h + at, two ? c + at : nullptr},
            s.batch, n);
    }
    return record(
        name, y, {gx, weight, bias, h0, c0},
        [saved, weight, h0, c0, s](const Tensor<T>& dy, const Tensor<T>& out, Needs needs) {
            return recurrence_gradients<Cell>(dy, out, saved, weight, h0, c0, s, needs);
        },
        [s](const Tensor<T>& u, const Tensor<T>& v, const Tensor<T>& shift, const Tensor<T>& h_,
            const Tensor<T>& c_) { return composed_recurrence<Cell>(u, v, shift, h_, c_, s); });
}

}

}
