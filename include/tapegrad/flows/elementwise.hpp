// Bijectors that take each number of an event by itself: functions without parameters, and an affine map with fixed
// ones.
//
//   Composed(LogitBijector(), AffineBijector<float>(loc, scale), ...)    // data in (0, 1)
#pragma once

#include "../distributions/transforms.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A transform of numbers as a bijector.
/// Numeric  as the transform; where its value comes close to a bound that it cannot pass, as sigmoid's to 1, the
///          inverse knows x no better than the distance to that bound is known
template <class F>
struct Elementwise {
    static_assert(F::event_dim == 0, "Elementwise takes transforms of numbers");
    F function;
    TAPEGRAD_FIELDS(function);

    Elementwise() = default;
    explicit Elementwise(F f) : function(std::move(f)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_events("Elementwise", x);
        Tensor<T> y = function(x);
        Tensor<T> log_det = detail::sum_events(function.log_abs_det(x, y));
        return {std::move(y), std::move(log_det)};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_events("Elementwise", y);
        Tensor<T> x = function.inverse(y);
        Tensor<T> log_det = detail::sum_events(-function.log_abs_det(x, y));
        return {std::move(x), std::move(log_det)};
    }
};

/// y = x where x is positive, else slope x.
/// Throws   ValueError: the slope is not positive
struct LeakyReluTransform {
    static constexpr int event_dim = 0;
    double slope = 0.01;

    LeakyReluTransform() = default;
    explicit LeakyReluTransform(double slope_) : slope(slope_) {
        if (!(slope > 0) || std::isinf(slope))
            detail::fail<ValueError>("LeakyReluTransform", "the slope is ", slope,
                                     "; it must be positive and finite");
    }
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return leaky_relu(x, slope);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return leaky_relu(y, 1 / slope);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return where(x < T(0), static_cast<T>(std::log(slope)), zeros_like(x));
    }
    double sign() const { return 1; }
};

using SigmoidBijector = Elementwise<SigmoidTransform>;  // onto (0, 1)
using LogitBijector = Inverse<SigmoidBijector>;         // from (0, 1)
using TanhBijector = Elementwise<TanhTransform>;        // onto (-1, 1)
using ExpBijector = Elementwise<ExpTransform>;          // onto the positive numbers
using LeakyReluBijector = Elementwise<LeakyReluTransform>;

/// y = loc + scale x with a loc and a scale that are not trained: to bring data to mean 0 and deviation 1.
/// Shape    x (n,) + event; loc and scale broadcast to an event
/// Throws   ShapeError: they do not; ValueError: a scale is 0 or NaN
/// See      ActNorm, which is trained
template <Floating T = float>
struct AffineBijector {
    Buffer<T> loc, scale;
    TAPEGRAD_FIELDS(loc, scale);

    AffineBijector() = default;
    AffineBijector(const Tensor<T>& loc_, const Tensor<T>& scale_)
        : loc(detail::copy(loc_)), scale(detail::copy(scale_)) {
        static_cast<void>(AffineTransform<T>(loc, scale));
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        check(x);
        return {loc + scale * x, log_det(x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        check(y);
        return {(y - loc) / scale, -log_det(y)};
    }

private:
    void check(const Tensor<T>& x) const {
        detail::check_events("AffineBijector", x);
        const Shape event = slice_of(x.shape());
        if (broadcast_shapes("AffineBijector", broadcast_shapes("AffineBijector", loc.shape(), scale.shape()),
                             event) != event)
            detail::fail<ShapeError>("AffineBijector", "loc ", loc.shape(), " and scale ", scale.shape(),
                                     " do not broadcast to an event ", event);
    }
    static Shape slice_of(const Shape& shape) {
        Shape event;
        for (int i = 1; i < shape.rank(); ++i) event.push_back(shape[i]);
        return event;
    }
    Tensor<T> log_det(const Tensor<T>& x) const {
        const Tensor<T> one = expand(log(abs(scale)), slice_of(x.shape()));
        return expand(sum(one), {x.size(0)});
    }
};

}
