// A density that is a simple one seen through a bijector.
#pragma once

#include "../distributions/distribution.hpp"
#include "../tensor/random.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Events of independent numbers, each with mean 0 and standard deviation 1.
///   log p(x) = -sum x^2 / 2 - numel log(2 pi) / 2
/// Shape    x (n,) + event -> log_prob (n,)
/// Throws   ShapeError: events of x are of another shape
template <Floating T = float>
struct StandardNormal {
    using Value = Tensor<T>;
    Shape event;

    explicit StandardNormal(const Shape& event_) : event(event_) {}

    Shape batch_shape() const { return {}; }
    Shape event_shape() const { return event; }
    Tensor<T> sample(const Shape& shape, Generator& generator) const {
        return randn<T>(detail::appended(shape, event), generator);
    }
    Tensor<T> log_prob(const Tensor<T>& x) const {
        if (x.rank() < event.rank() || detail::last_of(x.shape(), event.rank()) != event)
            detail::fail<ShapeError>("StandardNormal", "x ", x.shape(), " does not end in an event ", event);
        const Tensor<T> total = detail::sum_last(-T(0.5) * x * x, event.rank());
        return total - T(0.91893853320467274178) * static_cast<T>(numel_of(event));  // log(2 pi) / 2
    }
};

/// The density of x where bijector(x) has the density `base`.
///   log p(x) = log p_base(z) + log |det dz / dx|,   z = bijector.forward(x)
///   Flow density(StandardNormal<float>({2}), Composed(...));
///   -mean(density.log_prob(x))          // the loss of maximum likelihood, in nats
/// Shape    x (n, ...) -> log_prob (n,)
template <class Base, class B>
struct Flow {
    using Value = typename Base::Value;
    using T = typename Value::value_type;
    Base base;
    B bijector;
    TAPEGRAD_FIELDS(base, bijector);

    Flow(Base base_, B bijector_) : base(std::move(base_)), bijector(std::move(bijector_)) {}

    /// In nats.
    Tensor<T> log_prob(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        const Mapped<T> z = bijector.forward(x, context);
        return base.log_prob(z.value) + z.log_det;
    }
    /// n draws; without a gradient.
    /// Throws   ShapeError: context is there and is not of n events
    Tensor<T> sample(int64_t n, Generator& generator, const Tensor<T>& context = {}) const {
        const no_grad constant;
        check(n, context);
        return bijector.inverse(base.sample({n}, generator), context).value;
    }
    /// n draws with a gradient by the bijector's parameters, and their log_prob, from one pass.
    /// Throws   ShapeError: context is there and is not of n events
    DrawnWithLogProb<T> sample_with_log_prob(int64_t n, Generator& generator,
                                             const Tensor<T>& context = {}) const {
        check(n, context);
        const Tensor<T> z = base.sample({n}, generator);
        Mapped<T> x = bijector.inverse(z, context);
        return {std::move(x.value), base.log_prob(z) - x.log_det};
    }

private:
    static void check(int64_t n, const Tensor<T>& context) {
        if (context.defined() && (context.rank() < 1 || context.size(0) != n))
            detail::fail<ShapeError>("Flow", n, " draws with a context ", context.shape(),
                                     ": its first axis counts the draws");
    }
};

}
