// A spline for each variable that depends on nothing else.
#pragma once

#include "../nn/init.hpp"
#include "../ops/rational_quadratic_spline.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y_i = spline(x_i; parameters of i), a rational-quadratic spline of K pieces.
/// Shape    x (n, event) -> value, same shape; unnormalized_widths and unnormalized_heights (event, K),
///          unnormalized_derivatives (event, slopes)
/// Numeric  begins even over [0, 1). The keys are those of nflows, whose couplings take it as unconditional transform
/// Throws   ShapeError: events of another shape; and as rational_quadratic_spline
/// See      Coupling
template <Floating T = float>
struct SplineCdf {
    Tensor<T> unnormalized_widths, unnormalized_heights, unnormalized_derivatives;
    SplineOptions options = {};
    TAPEGRAD_FIELDS(unnormalized_widths, unnormalized_heights, unnormalized_derivatives, options);

    SplineCdf() = default;
    /// Throws   ValueError: fewer pieces than one
    SplineCdf(const Shape& event, int64_t bins, const SplineOptions& o, Generator& generator) : options(o) {
        if (bins < 1) detail::fail<ValueError>("SplineCdf", bins, " pieces; there must be one or more");
        const auto numbers = [&](int64_t count) {
            Shape shape = event;
            shape.push_back(count);
            Tensor<T> u = parameter(empty<T>(shape));
            init::uniform_(u, generator, 0, 1);
            return u;
        };
        unnormalized_widths = numbers(bins);
        unnormalized_heights = numbers(bins);
        unnormalized_derivatives = numbers(bins + (o.tails == SplineTails::linear ? -1
                                                   : o.tails == SplineTails::none ? 1
                                                                                  : 0));
    }

    template <std::same_as<T> U>
    Mapped<U> forward(const Tensor<U>& x, const Tensor<U>& = {}) const {
        const Splined<T> y = rational_quadratic_spline(x, parameters(x), options);
        return {y.value, detail::sum_events(y.log_slope)};
    }
    template <std::same_as<T> U>
    Mapped<U> inverse(const Tensor<U>& y, const Tensor<U>& = {}) const {
        const Splined<T> x = rational_quadratic_spline_inverse(y, parameters(y), options);
        return {x.value, detail::sum_events(x.log_slope)};
    }

private:
    Tensor<T> parameters(const Tensor<T>& x) const {
        const Tensor<T> every =
            cat({unnormalized_widths, unnormalized_heights, unnormalized_derivatives}, -1);
        Shape shape = x.shape();
        bool fits = shape.rank() == every.rank();
        for (int i = 1; fits && i < shape.rank(); ++i) fits = shape[i] == every.size(i - 1);
        if (!fits)
            detail::fail<ShapeError>("SplineCdf", "x ", x.shape(), " of splines ", every.shape(),
                                     ": its axes behind the first must be theirs before the last");
        shape.push_back(every.size(-1));
        return expand(every, shape);
    }
};

}
