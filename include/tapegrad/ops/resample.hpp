// `resample_axis`: an axis as weighted sums of itself. Interpolation and average pooling are this, axis after
// axis, and so is their derivative, with the transposed weights.
#pragma once

#include <memory>

#include "../simd/resample.hpp"
#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Weights of an axis with their transpose, which backward uses.
template <class T>
struct ResamplePlan {
    simd::AxisWeights<T> forward, backward;
    explicit ResamplePlan(simd::AxisWeights<T> w) : forward(std::move(w)), backward(forward.transposed()) {}
};

/// y = x with `axis` resampled. Recorded; linear, so its gradients of any order are resamplings.
template <class T>
Tensor<T> resample_axis(const char* op, const Tensor<T>& x, int axis,
                        const std::shared_ptr<const ResamplePlan<T>>& plan, bool transposed = false) {
    const simd::AxisWeights<T>& w = transposed ? plan->backward : plan->forward;
    Shape shape = x.shape();
    const Rows rows(shape, axis);
    shape[axis] = w.results();
    Tensor<T> y = empty<T>(shape);
    if (y.numel() > 0) {
        const Tensor<T> packed = contiguous(x);
        simd::resample(packed.data(), output(y), rows.outer, rows.n, w);
    }
    return record(op, y, {x}, [op, axis, plan, transposed](const Tensor<T>& dy) {
        return resample_axis(op, dy, axis, plan, !transposed);
    });
}

}
