// Connectionist temporal classification.
#pragma once

#include "../ops/elementwise.hpp"
#include "../ops/indexing.hpp"
#include "../ops/join.hpp"
#include "../simd/ctc.hpp"
#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CtcOptions {
    int64_t blank = 0;
    bool zero_infinity = false;  // a target that is too long for its input costs nothing, not infinity
    Reduction reduction = Reduction::mean;
};

namespace detail {

/// Who is asked for, in row-major memory.
struct CtcTargets {
    Tensor<int64_t> labels, input_lengths, label_lengths;
};

template <std::same_as<CtcTargets> Targets>
simd::CtcShape check_ctc(const Shape& x, const Targets& targets, int64_t blank) {
    constexpr const char* op = "ctc_loss";
    const Shape& labels = targets.labels.shape();
    const bool rows = labels.rank() == 2;
    if (x.rank() != 3 || labels.rank() < 1 || labels.rank() > 2 || (rows && labels[0] != x[1]))
        fail<ShapeError>(
            op, "log_probs ", x, " and targets ", labels,
            " do not fit: they are (time, batch, classes) and (batch, length) or (sum of lengths,)");
    simd::CtcShape s{x[0], x[1], x[2], labels[rows ? 1 : 0], blank};
    const auto check_lengths = [&](const char* name, const Tensor<int64_t>& lengths, int64_t most) {
        if (lengths.shape() != Shape{s.batch})
            fail<ShapeError>(op, name, " ", lengths.shape(), " must be (", s.batch, ",), one for each item");
        const int64_t wrong = simd::find_outside(lengths.data(), s.batch, most + 1);
        if (wrong >= 0)
            fail<ValueError>(op, name, "[", wrong, "] is ", lengths.data()[wrong], ", outside [0, ", most,
                             "]");
    };
    check_lengths("input_lengths", targets.input_lengths, s.time);
    check_lengths("target_lengths", targets.label_lengths, s.width);
    if (!rows) {
        s.width = 0;
        int64_t total = 0;
        for (int64_t b = 0; b < s.batch; ++b) {
            const int64_t length = targets.label_lengths.data()[b];
            total += length;
            s.width = s.width < length ? length : s.width;
        }
        if (total != labels[0])
            fail<ShapeError>(op, "targets ", labels, " in a row are not the ", total,
                             " that target_lengths add up to");
    }
    if (blank < 0 || blank >= s.classes)
        fail<IndexError>(op, "blank ", blank, " is outside [0, ", s.classes, ")");
    const int64_t wrong = simd::find_outside(targets.labels.data(), targets.labels.numel(), s.classes);
    if (wrong >= 0)
        fail<IndexError>(op, "target ", targets.labels.data()[wrong], " at place ", wrong, " is outside [0, ",
                         s.classes, ")");
    return s;
}

/// Labels that stand in a row, one behind the other, as (batch, width) with zeros behind each target.
template <std::same_as<CtcTargets> Targets>
Tensor<int64_t> padded_labels(const Targets& targets, const simd::CtcShape& s) {
    Tensor<int64_t> y = zeros<int64_t>({s.batch, s.width});
    const int64_t* from = targets.labels.data();
    int64_t* to = output(y);
    for (int64_t b = 0; b < s.batch; ++b, to += s.width)
        for (int64_t i = 0; i < targets.label_lengths.data()[b]; ++i) to[i] = *from++;
    return y;
}

/// The definition, in operations: the forward recursion, with a large finite cost for what cannot be.
template <class T, std::same_as<CtcTargets> Targets>
Tensor<T> composed_ctc(const Tensor<T>& x, const Targets& targets, const simd::CtcShape& s) {
    constexpr T never = T(-1e30);
    const int64_t n = s.states();
    Tensor<int64_t> labels = empty<int64_t>({s.batch, n});
    Tensor<T> skip = empty<T>({s.batch, n}), ends = empty<T>({s.batch, n});
    simd::ctc_tables(targets.labels.data(), targets.label_lengths.data(), output(labels), output(skip),
                     output(ends), never, s);
    const auto moved = [&](const Tensor<T>& a, int64_t by) {
        by = by < n ? by : n;
        return cat({full<T>({s.batch, by}, never), narrow(a, 1, 0, n - by)}, 1);
    };
    const Tensor<T> start = where(arange<int64_t>(n) < 2, T(0), Tensor<T>(never));
    std::vector<Tensor<T>> rows;  // (batch, states) at each time
    for (int64_t t = 0; t < s.time; ++t) {
        const Tensor<T> emit = gather(select(x, 0, t), 1, labels);
        if (t == 0) {
            rows.push_back(emit + start);
            continue;
        }
        const Tensor<T>& a = rows.back();
        rows.push_back(logsumexp(stack({a, moved(a, 1), moved(a, 2) + skip}), 0) + emit);
    }
    const Tensor<bool> nothing = targets.input_lengths == 0;
    const Tensor<int64_t> last = where(nothing, 0, targets.input_lengths - 1);
    const Tensor<int64_t> places = contiguous(expand(reshape(last, {1, s.batch, 1}), {1, s.batch, n}));
    const Tensor<T> final = select(gather(stack(rows), 0, places), 0, 0);  // (batch, states)
    return where(nothing, 0, -logsumexp(final + ends, 1));
}

template <class T>
Tensor<T> ctc_items(const Tensor<T>& x, const CtcTargets& targets, const simd::CtcShape& s) {
    const Tensor<T> packed = contiguous(x);
    Tensor<T> losses = empty<T>({s.batch}), alphas = empty<T>({s.batch, s.time, s.row()});
    simd::ctc(packed.data(), targets.labels.data(), targets.input_lengths.data(),
              targets.label_lengths.data(), output(losses), output(alphas), s);
    return record(
        "ctc_loss", losses, {x},
        [x, targets, alphas, s](const Tensor<T>& dy, const Tensor<T>& y) {
            const Tensor<T> from = contiguous(x), slope = contiguous(dy);
            Tensor<T> dx = empty<T>(from.shape());
            simd::ctc_backward(from.data(), targets.labels.data(), targets.input_lengths.data(),
                               targets.label_lengths.data(), y.data(), alphas.data(), slope.data(),
                               output(dx), s);
            return dx;
        },
        [targets, s](const Tensor<T>& u) { return composed_ctc(u, targets, s); });
}

}

/// Negative log-likelihood of label sequences without alignment: the sum over all ways to spread the labels
/// over the time steps, with blanks between them.
///   loss_b = -log sum over alignments of prod_t exp(log_probs[t, b, state_t])
/// Shape    log_probs (time, batch, classes), targets (batch, length) or one behind the other (sum of
///          target_lengths,), input_lengths and target_lengths (batch,) -> () or, without reduction, (batch,);
///          the mean divides each loss by its target's length
/// Grad     by log_probs, as they stand; PyTorch's adds exp(log_probs), which log_softmax takes away again.
///          Saves log_probs and the forward recursion
/// Numeric  infinity when a target does not fit into its input, or 0 with zero_infinity
/// Throws   ShapeError: shapes that do not fit; ValueError: a length that is too large or negative;
///          IndexError: blank or a target outside [0, classes)
/// Source   Graves et al., Connectionist Temporal Classification, 2006
template <Floating T>
Tensor<T> ctc_loss(const Tensor<T>& log_probs, const Tensor<int64_t>& targets,
                   const Tensor<int64_t>& input_lengths, const Tensor<int64_t>& target_lengths,
                   const CtcOptions& options = {}) {
    detail::CtcTargets packed{detail::contiguous(targets), detail::contiguous(input_lengths),
                              detail::contiguous(target_lengths)};
    const simd::CtcShape s = detail::check_ctc(log_probs.shape(), packed, options.blank);
    if (targets.rank() == 1) packed.labels = detail::padded_labels(packed, s);
    Tensor<T> losses = detail::ctc_items(log_probs, packed, s);
    if (options.zero_infinity) losses = where(losses == std::numeric_limits<T>::infinity(), 0, losses);
    if (options.reduction != Reduction::mean) return detail::reduced(losses, options.reduction);
    const Tensor<int64_t> length = where(target_lengths < 1, 1, target_lengths);
    return mean(losses / detail::cast<T>(length));
}

}
