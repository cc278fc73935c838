// What a bijector is: an invertible function of events with the logarithm of the volume that it makes of one.
//
//   auto [z, log_det] = bijector.forward(x, context);    // from data to noise: what a density needs
//   auto [x, log_det] = bijector.inverse(z, context);    // from noise to data: what a draw needs
//
// The first axis of x counts the events, the other ones are an event's. log_det (n,) holds log |det dvalue / dx| of
// each event, in nats; that of the inverse is the negative one at the same point. `context` (n, ...) conditions the
// function and may be undefined; who takes none looks at none. A bijector is a module.
//
// Composed runs bijectors of different types, ComposedList many of one type, Inverse one the other way round.
#pragma once

#include <concepts>

#include "../nn/module.hpp"
#include "../ops/elementwise.hpp"
#include "../ops/movement.hpp"
#include "../ops/reduce.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Where a bijector takes events, and the logarithm of the volume that it makes of one.
/// Shape    value (n, ...), log_det (n,)
template <class T>
struct Mapped {
    Tensor<T> value, log_det;
};

template <class B, class T>
concept Bijector = Module<B> && requires(const B& b, const Tensor<T>& x, const Tensor<T>& context) {
    { b.forward(x, context) } -> std::same_as<Mapped<T>>;
    { b.inverse(x, context) } -> std::same_as<Mapped<T>>;
};

namespace detail {

/// The sum over all axes but the first: (n, ...) -> (n,).
template <class T>
Tensor<T> sum_events(const Tensor<T>& x) {
    if (x.rank() == 1) return x;
    return sum(reshape(x, {x.size(0), x.size(0) == 0 ? 0 : -1}), {1});
}
/// Throws   ShapeError: there is no axis of events
template <class T>
void check_events(const char* bijector, const Tensor<T>& x) {
    if (x.rank() < 1) fail<ShapeError>(bijector, "x ", x.shape(), " has no axis that counts the events");
}
/// The volumes of two functions behind each other; one of them may be undefined: that of none.
template <class T>
Tensor<T> joined_log_det(const Tensor<T>& a, const Tensor<T>& b) {
    return a.defined() ? a + b : b;
}

}

/// Bijectors behind each other: `forward` goes from the first to the last, `inverse` from the last to the first. Its keys
/// are "0...", "1...", ...
///   Composed flow(ActNorm<float>(2), LinearLU<float>(2, generator));
template <class... Bijectors>
struct Composed {
    static constexpr bool is_container = true;
    std::tuple<Bijectors...> bijectors;
    TAPEGRAD_FIELDS(bijectors);

    Composed() = default;
    explicit Composed(Bijectors... each) requires(sizeof...(Bijectors) > 0) : bijectors(std::move(each)...) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        detail::check_events("Composed", x);
        Mapped<T> y{x, {}};
        const auto step = [&](const auto& b) {
            Mapped<T> next = b.forward(y.value, context);
            y = {std::move(next.value), detail::joined_log_det(y.log_det, next.log_det)};
        };
        std::apply([&](const auto&... each) { (step(each), ...); }, bijectors);
        return y;
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        detail::check_events("Composed", y);
        Mapped<T> x{y, {}};
        const auto step = [&](const auto& b) {
            Mapped<T> next = b.inverse(x.value, context);
            x = {std::move(next.value), detail::joined_log_det(x.log_det, next.log_det)};
        };
        constexpr std::size_t n = sizeof...(Bijectors);
        [&]<std::size_t... I>(std::index_sequence<I...>) { (step(std::get<n - 1 - I>(bijectors)), ...); }
        (std::make_index_sequence<n>());
        return x;
    }
};

/// Any number of bijectors of one type behind each other; none at all is the identity.
/// See      Composed, which takes several types
template <class B>
struct ComposedList {
    static constexpr bool is_container = true;
    std::vector<B> bijectors;
    TAPEGRAD_FIELDS(bijectors);

    ComposedList() = default;
    explicit ComposedList(std::vector<B> each) : bijectors(std::move(each)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        detail::check_events("ComposedList", x);
        Mapped<T> y{x, {}};
        for (const B& b : bijectors) {
            Mapped<T> next = b.forward(y.value, context);
            y = {std::move(next.value), detail::joined_log_det(y.log_det, next.log_det)};
        }
        if (!y.log_det.defined()) y.log_det = zeros<T>({x.size(0)});
        return y;
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        detail::check_events("ComposedList", y);
        Mapped<T> x{y, {}};
        for (auto b = bijectors.rbegin(); b != bijectors.rend(); ++b) {
            Mapped<T> next = b->inverse(x.value, context);
            x = {std::move(next.value), detail::joined_log_det(x.log_det, next.log_det)};
        }
        if (!x.log_det.defined()) x.log_det = zeros<T>({y.size(0)});
        return x;
    }
};

/// A bijector the other way round: what is slow forwards is fast backwards, as in an inverse autoregressive flow.
template <class B>
struct Inverse {
    static constexpr bool is_container = true;
    B bijector;
    TAPEGRAD_FIELDS(bijector);

    Inverse() = default;
    explicit Inverse(B b) : bijector(std::move(b)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        return bijector.inverse(x, context);
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        return bijector.forward(y, context);
    }
};

}
