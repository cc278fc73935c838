// Cross entropy behind a linear layer, whose logits never all exist at once.
#pragma once

#include "../ops/matmul.hpp"
#include "cross_entropy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline constexpr int64_t logits_at_once = int64_t{1} << 24;  // elements: 64 MiB of floats

/// The sum of the losses of all rows, and the gradients of `scale` times it, chunk after chunk of rows.
template <class T>
struct ChunkedLoss {
    T total = 0;
    Tensor<T> dx, dweight;  // undefined where nobody needs them

    ChunkedLoss(const Tensor<T>& x, const Tensor<T>& weight, const int64_t* targets,
                const simd::CrossEntropy& options, int64_t chunk, T scale, bool needs_x, bool needs_weight) {
        const int64_t rows = x.size(0), width = x.size(1), classes = weight.size(0);
        const simd::MatrixRef<T> from = matrix_of(x), w = matrix_of(weight);
        chunk = std::clamp<int64_t>(chunk, 1, std::max<int64_t>(rows, 1));
        Tensor<T> logits = empty<T>({chunk, classes}), losses = empty<T>({chunk}), lse = empty<T>({chunk});
        if (needs_x) dx = empty<T>(x.shape());
        if (needs_weight) dweight = rows > 0 ? empty<T>(weight.shape()) : zeros<T>(weight.shape());
        for (int64_t row = 0; row < rows; row += chunk) {
            const int64_t n = std::min(chunk, rows - row);
            const simd::MatrixRef<T> some = from.at(row, 0);
            T* const p = output(logits);
            simd::gemm(n, classes, width, some, w.transposed(), p, classes);
            static_cast<void>(  // -1: the targets are checked
                simd::cross_entropy(p, targets + row, output(losses), output(lse), n, classes, options));
            for (int64_t i = 0; i < n; ++i) total += losses.data()[i];
            if (!needs_x && !needs_weight) continue;
            simd::cross_entropy_backward(p, targets + row, lse.data(), &scale, 0, T(1), p, n, classes,
                                         options);
            const simd::MatrixRef<T> slope{p, classes, 1};
            if (needs_x) simd::gemm(n, width, classes, slope, w, output(dx) + row * width, width);
            if (needs_weight)
                simd::gemm(classes, width, n, slope.transposed(), some, output(dweight), width, row > 0);
        }
    }
};

/// linear_cross_entropy with `chunk` rows of logits at a time.
template <class T>
Tensor<T> chunked_cross_entropy(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<int64_t>& targets,
                                const CrossEntropyOptions& o, int64_t chunk) {
    const int64_t rows = x.size(0), classes = weight.size(0);
    const simd::CrossEntropy options{o.ignore_index, o.label_smoothing};
    if (const int64_t wrong = simd::invalid_target(targets.data(), rows, classes, o.ignore_index); wrong >= 0)
        fail<IndexError>("cross_entropy", "target ", targets.data()[wrong], " at place ", wrong,
                         " is outside [0, ", classes, ")");
    const int64_t counted = simd::counted_targets(targets.data(), rows, o.ignore_index);
    const T scale = o.reduction == Reduction::sum ? T(1)
                    : counted == 0                ? T(0)
                                                  : T(1) / static_cast<T>(counted);
    const bool needed = grad_enabled();
    ChunkedLoss<T> chunks(x, weight, targets.data(), options, chunk, scale, needed && x.requires_grad(),
                          needed && weight.requires_grad());
    const T loss = o.reduction == Reduction::sum ? chunks.total
                   : counted == 0                ? std::numeric_limits<T>::quiet_NaN()
                                                 : chunks.total * scale;
    return record(
        "linear_cross_entropy", Tensor<T>(loss), {x, weight},
        [dx = chunks.dx, dweight = chunks.dweight](const Tensor<T>& dy, Needs needs) {
            std::array<Tensor<T>, 2> d;
            const T slope = dy.item();
            if (needs[0]) d[0] = slope == T(1) ? dx : dx * slope;
            if (needs[1]) d[1] = slope == T(1) ? dweight : dweight * slope;
            return d;
        },
        [targets, o](const Tensor<T>& u, const Tensor<T>& w) {
            return cross_entropy(matmul(u, transpose(w, 0, 1)), targets, o);
        });
}

}

/// cross_entropy(linear(x, weight), targets) in nats, in memory that does not grow with rows times classes: logits are
/// made for some rows at a time, and with them, in the forward pass, what backward needs.
/// Shape    x (..., width), weight (classes, width), targets (...) of the same leading axes -> ()
/// Grad     as those of its parts;  saves the gradients of x and weight
/// Numeric  that of its parts, whose sums over rows of several chunks are added chunk by chunk; small problems are
///          computed by them
/// Throws   ShapeError, IndexError, ValueError: as linear and cross_entropy; ValueError: no reduction
template <Floating T>
Tensor<T> linear_cross_entropy(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<int64_t>& targets,
                               const CrossEntropyOptions& options = {}) {
    if (options.reduction == Reduction::none)
        detail::fail<ValueError>("linear_cross_entropy",
                                 "the losses of rows must be reduced to a mean or a sum");
    detail::check_smoothing(options.label_smoothing);
    detail::check_targets("linear_cross_entropy", "x", x.shape(), targets.shape());
    if (weight.rank() != 2 || weight.size(1) != x.size(-1))
        detail::fail<ShapeError>("linear_cross_entropy", "x ", x.shape(), " and weight ", weight.shape(),
                                 " do not fit: weight is (classes, width)");
    const int64_t rows = targets.numel(), classes = weight.size(0);
    if (rows * classes <= detail::logits_at_once) return cross_entropy(linear(x, weight), targets, options);
    const Tensor<int64_t> flat = detail::view_of(detail::contiguous(targets), {rows}, {1});
    return detail::chunked_cross_entropy(reshape(x, {rows, x.size(-1)}), weight, flat, options,
                                         detail::logits_at_once / classes);
}

}
