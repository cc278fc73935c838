// Connectionist temporal classification: the probability of a label sequence over all its alignments, by the
// forward and backward recursions in log space, with the gradient.
//
// The states of an item are its labels with blanks around them, blank l0 blank l1 ... blank. A row of states
// lies between two pads of log 0 on each side, so that a step reads its neighbours without a test.
#pragma once

#include "../core/parallel.hpp"
#include "logsumexp.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Of log-probabilities (time, batch, classes) and targets (batch, width).
struct CtcShape {
    int64_t time, batch, classes, width, blank;
    int64_t states() const { return 2 * width + 1; }
    int64_t row() const { return states() + 4; }
};

namespace detail {

/// The labels of the states; and where a state may be reached from its second neighbour: 0, else -inf.
template <class T>
void ctc_states(const int64_t* targets, int64_t count, int64_t blank, int64_t* labels, T* skip) {
    for (int64_t s = 0; s < 2 * count + 1; ++s) {
        labels[s] = s % 2 == 1 ? targets[s / 2] : blank;
        const bool jumps = s % 2 == 1 && s > 1 && targets[s / 2] != targets[s / 2 - 1];
        skip[s] = jumps ? T(0) : minus_infinity<T>;
    }
}

/// to[s] = log(exp from[s] + exp from[s + toward] + exp(from[s + 2 toward] + skip[s])) + emit[s].
template <class T>
void ctc_step(const T* from, int64_t toward, const T* skip, const T* emit, T* to, int64_t n) {
    for_batches<T>(n, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
        const Batch<T> stay = load_some(from + i, c), next = load_some(from + i + toward, c);
        const Batch<T> jump = load_some(from + i + 2 * toward, c) + load_some(skip + i, c);
        const Batch<T> shift = finite_shift(max(max(stay, next), jump));
        const Batch<T> total = exp(stay - shift) + exp(next - shift) + exp(jump - shift);
        store_some(shift + log(total) + load_some(emit + i, c), to + i, c);
    });
}

/// What an item needs beside its tensors: labels, skips and emissions of its states, and two rows.
template <class T>
struct CtcItem {
    const T* x;  // of the item at time 0
    int64_t step, states, row;
    Scratch<int64_t> labels;
    Scratch<T> numbers;  // skip, emit and two rows, each with its pads

    CtcItem(const T* all, const int64_t* targets, int64_t item, int64_t count, const CtcShape& s)
        : x(all + item * s.classes),
          step(s.batch * s.classes),
          states(2 * count + 1),
          row(s.row()),
          labels(s.row()),
          numbers(4 * s.row()) {
        for (int64_t i = 0; i < numbers.size(); ++i) numbers[i] = minus_infinity<T>;
        ctc_states(targets + item * s.width, count, s.blank, labels.data(), skip());
    }
    T* skip() { return numbers.data() + 2; }
    T* scratch(int64_t i) { return numbers.data() + (2 + i) * row + 2; }
    const T* emit(int64_t t) {
        T* const e = numbers.data() + row + 2;
        for (int64_t s = 0; s < states; ++s) e[s] = x[t * step + labels[s]];
        return e;
    }
};

/// The loss of an item; its forward rows are written to alpha (time, row).
template <class T>
T ctc_forward(CtcItem<T>& item, T* alpha, int64_t length) {
    const int64_t n = item.states, row = item.row;
    if (length == 0) return n == 1 ? T(0) : -minus_infinity<T>;
    for (int64_t i = 0; i < length * row; ++i) alpha[i] = minus_infinity<T>;
    const T* const first = item.emit(0);
    for (int64_t s = 0; s < (n < 2 ? n : 2); ++s) alpha[2 + s] = first[s];
    for (int64_t t = 1; t < length; ++t) {
        T* const at = alpha + t * row + 2;
        ctc_step<T>(at - row, -1, item.skip(), item.emit(t), at, n);
    }
    return -logsumexp_row(alpha + (length - 1) * row + 2 + (n > 1 ? n - 2 : 0), n > 1 ? 2 : 1);
}

/// dx[t, c] -= dloss exp(alpha_t[s] + beta_t[s] - x[t, c] + loss), over the states s of label c.
template <class T>
void ctc_item_backward(CtcItem<T>& item, const T* alpha, int64_t length, T loss, T dloss, T* dx) {
    const int64_t n = item.states, row = item.row;
    for (int64_t t = length - 1; t >= 0; --t) {
        T* const beta = item.scratch(t % 2);
        const T* const emit = item.emit(t);
        if (t == length - 1)
            for (int64_t s = n < 2 ? 0 : n - 2; s < n; ++s) beta[s] = emit[s];
        else
            ctc_step<T>(item.scratch((t + 1) % 2), 1, item.skip() + 2, emit, beta, n);
        T* const share = item.numbers.data() + row + 2;  // over the emissions, which nobody needs again
        const Batch<T> l(loss), d(-dloss);
        for_batches<T>(n, [&](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
            const Batch<T> both = load_some(alpha + t * row + 2 + i, c) + load_some(beta + i, c);
            store_some(d * exp(both - load_some(emit + i, c) + l), share + i, c);
        });
        for (int64_t s = 0; s < n; ++s) dx[t * item.step + item.labels[s]] += share[s];
    }
}

}

/// losses[b] = -log of the probability of targets[b, :target_lengths[b]] in x[:input_lengths[b], b], where x
/// holds log-probabilities; inf when no alignment is long enough. alphas (batch, time, row) is for backward.
template <Vectorized T>
void ctc(const T* x, const int64_t* targets, const int64_t* input_lengths, const int64_t* target_lengths,
         T* losses, T* alphas, const CtcShape& s) {
    parallel_for(s.batch, 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            detail::CtcItem<T> item(x, targets, b, target_lengths[b], s);
            losses[b] = detail::ctc_forward(item, alphas + b * s.time * s.row(), input_lengths[b]);
        }
    });
}

/// dx = the gradient by x itself, not by logits behind it. Items with dlosses[b] = 0 get zeros.
template <Vectorized T>
void ctc_backward(const T* x, const int64_t* targets, const int64_t* input_lengths,
                  const int64_t* target_lengths, const T* losses, const T* alphas, const T* dlosses, T* dx,
                  const CtcShape& s) {
    for (int64_t i = 0; i < s.time * s.batch * s.classes; ++i) dx[i] = T(0);
    parallel_for(s.batch, 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            if (dlosses[b] == T(0)) continue;
            detail::CtcItem<T> item(x, targets, b, target_lengths[b], s);
            detail::ctc_item_backward(item, alphas + b * s.time * s.row(), input_lengths[b], losses[b],
                                      dlosses[b], dx + b * s.classes);
        }
    });
}

/// The label of every state (batch, states); and as numbers to add, 0 or `never`: where a state is reached
/// from its second neighbour, and where an alignment ends.
template <Vectorized T>
void ctc_tables(const int64_t* targets, const int64_t* target_lengths, int64_t* labels, T* skip, T* ends,
                T never, const CtcShape& s) {
    for (int64_t b = 0; b < s.batch; ++b) {
        const int64_t at = b * s.states(), last = 2 * target_lengths[b];
        detail::ctc_states(targets + b * s.width, s.width, s.blank, labels + at, skip + at);
        for (int64_t i = 0; i < s.states(); ++i) {
            skip[at + i] = skip[at + i] == T(0) ? T(0) : never;
            ends[at + i] = i == last || i == last - 1 ? T(0) : never;
        }
    }
}

}
