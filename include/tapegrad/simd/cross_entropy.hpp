// Cross entropy of (rows, classes) logits with one target class a row, with its gradient, as PyTorch's
// cross_entropy: rows whose target is `ignore_index` count nothing, and label smoothing mixes the target with
// all classes.
//
// Each row of logits comes from memory once. What forward saves is the log-sum-exp of a row.
#pragma once

#include "logsumexp.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

struct CrossEntropy {
    int64_t ignore_index = -100;
    double label_smoothing = 0;  // the share of the target that all classes get evenly, in [0, 1]
};

/// The first row whose target is neither a class nor `ignore_index`; -1 when there is none.
inline int64_t invalid_target(const int64_t* targets, int64_t rows, int64_t classes, int64_t ignore_index) {
    for (int64_t r = 0; r < rows; ++r)
        if (targets[r] != ignore_index && (targets[r] < 0 || targets[r] >= classes)) return r;
    return -1;
}

/// How many targets are not `ignore_index`.
inline int64_t counted_targets(const int64_t* targets, int64_t rows, int64_t ignore_index) {
    int64_t count = 0;
    for (int64_t r = 0; r < rows; ++r) count += targets[r] != ignore_index ? 1 : 0;
    return count;
}

/// p[r, c] = (1 - s) [c = target_r] + s / classes: the distribution that each row is compared with; 0 for
/// ignored rows.
template <Vectorized T>
void target_distribution(const int64_t* targets, T* p, int64_t rows, int64_t classes,
                         const CrossEntropy& options) {
    const double s = options.label_smoothing;
    for (int64_t r = 0; r < rows; ++r) {
        const bool counts = targets[r] != options.ignore_index;
        for (int64_t c = 0; c < classes; ++c)
            p[r * classes + c] = counts ? static_cast<T>(s / static_cast<double>(classes)) : T(0);
        if (counts) p[r * classes + targets[r]] += static_cast<T>(1 - s);
    }
}

namespace detail {

template <class T>
T cross_entropy_row(const T* x, int64_t target, T* logsum, int64_t classes, T smoothing) {
    const T top = logsumexp_row(x, classes);
    *logsum = top;
    const T loss = top - x[target];
    if (smoothing == T(0)) return loss;
    const T mean = reduce_run<AddReduction>(x, classes) / static_cast<T>(classes);
    return (T(1) - smoothing) * loss + smoothing * (top - mean);
}

template <class T>
void cross_entropy_row_backward(const T* x, int64_t target, T logsum, T dloss, T* dx, int64_t classes,
                                T smoothing) {
    const Batch<T> shift(logsum), g(dloss), even(dloss * smoothing / static_cast<T>(classes));
    for_batches<T>(classes, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        store_some(exp_weight(load_some(x + i, count) - shift) * g - even, dx + i, count);
    });
    dx[target] -= dloss * (T(1) - smoothing);
}

}

/// losses[r] = (1 - s) (lse_r - x[r, target_r]) + s (lse_r - mean x[r]), lse_r = log sum_c exp(x[r, c]); 0
/// for ignored rows. Saves lse in `logsums`. Returns -1, or the first row with an invalid target; then
/// nothing is written.
template <Vectorized T>
[[nodiscard]] int64_t cross_entropy(const T* x, const int64_t* targets, T* losses, T* logsums, int64_t rows,
                                    int64_t classes, const CrossEntropy& options = {}) {
    const int64_t invalid = invalid_target(targets, rows, classes, options.ignore_index);
    if (invalid >= 0 || classes == 0) return invalid;
    parallel_for(rows, detail::softmax_grain / classes, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            losses[r] = logsums[r] = T(0);
            if (targets[r] == options.ignore_index) continue;
            losses[r] = detail::cross_entropy_row(x + r * classes, targets[r], logsums + r, classes,
                                                  static_cast<T>(options.label_smoothing));
        }
    });
    return -1;
}
/// dx[r, c] = scale dloss_r (exp(x[r, c] - lse_r) - (1 - s) [c = target_r] - s / classes); 0 for ignored
/// rows. dloss_r is dlosses[r * step]: step 0 is one value for all rows, which a mean or a sum over rows
/// hands down. dx may be x. Targets are those that forward has checked.
template <Vectorized T>
void cross_entropy_backward(const T* x, const int64_t* targets, const T* logsums, const T* dlosses,
                            int64_t step, T scale, T* dx, int64_t rows, int64_t classes,
                            const CrossEntropy& options = {}) {
    if (classes == 0) return;
    parallel_for(rows, detail::softmax_grain / classes, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            T* const out = dx + r * classes;
            if (targets[r] == options.ignore_index)
                std::memset(out, 0, static_cast<std::size_t>(classes) * sizeof(T));
            else
                detail::cross_entropy_row_backward(x + r * classes, targets[r], logsums[r],
                                                   scale * dlosses[r * step], out, classes,
                                                   static_cast<T>(options.label_smoothing));
        }
    });
}

}
