// Many bijectors behind each other in the memory of one: backward rebuilds what went into each by its inverse.
#pragma once

#include "../autograd/rebuild.hpp"
#include "../ops/join.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A bijector as a function of one tensor, which holds the values of the events and behind them the volumes so far.
template <class T, class B>
struct PackedBijector {
    B bijector;
    Tensor<T> context;
    Shape shape;  // of the events
    bool backwards;

    static Tensor<T> pack(const Tensor<T>& value, const Tensor<T>& log_det) {
        return cat({reshape(value, {value.numel()}), log_det});
    }
    static Mapped<T> unpack(const Tensor<T>& packed, const Shape& shape) {
        const int64_t n = numel_of(shape);
        return {reshape(narrow(packed, 0, 0, n), shape), narrow(packed, 0, n, shape[0])};
    }
    Tensor<T> forward(const Tensor<T>& packed) const {
        const Mapped<T> x = unpack(packed, shape);
        const Mapped<T> y =
            backwards ? bijector.inverse(x.value, context) : bijector.forward(x.value, context);
        if (y.value.shape() != shape)
            fail<ShapeError>("RebuiltList", "a bijector made ", y.value.shape(), " of ", shape,
                             "; the shape must stay");
        return pack(y.value, x.log_det + y.log_det);
    }
    /// The volumes stay: gradients do not read them.
    Tensor<T> inverse(const Tensor<T>& packed) const {
        const Mapped<T> y = unpack(packed, shape);
        const Mapped<T> x =
            backwards ? bijector.forward(y.value, context) : bijector.inverse(y.value, context);
        return pack(x.value, y.log_det);
    }
    std::vector<Tensor<T>> parameters() const {
        std::vector<Tensor<T>> list = tapegrad::parameters<T>(bijector);
        if (context.defined()) list.push_back(context);
        return list;
    }
};

}

/// A ComposedList that keeps for backward what comes out of the last bijector, and rebuilds the rest.
///   RebuiltList flow(std::vector{...});        // in the place of ComposedList flow(std::vector{...})
/// Shape    x (n, ...) -> the same shape from each bijector
/// Grad     by x, the context and the parameters, of first order: those of ComposedList, as exact as the inverses.
///          Memory is that of one bijector, time that of three passes and the inverses
/// Numeric  a bijector must compute the same in each call: no dropout, no batch normalisation in training, no estimated
///          volume. What the first batch sets (ActNorm) is set
/// Throws   ShapeError: a bijector changes the shape; in backward AutogradError: a gradient of a gradient is asked for,
///          or a parameter was written to since
/// See      rebuild, ComposedList
template <class B>
struct RebuiltList {
    static constexpr bool is_container = true;
    std::vector<B> bijectors;
    TAPEGRAD_FIELDS(bijectors);

    RebuiltList() = default;
    explicit RebuiltList(std::vector<B> each) : bijectors(std::move(each)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        return run(x, context, false);
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        return run(y, context, true);
    }

private:
    template <class T>
    Mapped<T> run(const Tensor<T>& x, const Tensor<T>& context, bool backwards) const {
        detail::check_events("RebuiltList", x);
        using Step = detail::PackedBijector<T, B>;
        std::vector<Step> steps;
        for (const B& b : bijectors) steps.push_back({b, context, x.shape(), backwards});
        if (backwards) std::reverse(steps.begin(), steps.end());
        return Step::unpack(rebuild(steps, Step::pack(x, zeros<T>({x.size(0)}))), x.shape());
    }
};

}
