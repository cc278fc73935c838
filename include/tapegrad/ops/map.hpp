// `map`: a generic lambda as a fused, differentiable operation on tensors.
//
//   map("swiglu", [](auto x, auto g) { return x * sigmoid(x) * g; }, x, g)
//
// The lambda is instantiated on batches (the values), on duals (the first derivatives: one pass, nothing
// saved but the inputs that they read) and on tensors (derivatives of any order). It says nothing about
// gradients.
#pragma once

#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The element type of the tensors among the arguments, masks apart.
template <class... Args>
struct MapElement {
    using type = float;
};
template <class Scalar, class... Args>
struct MapElement<Scalar, Args...> : MapElement<Args...> {};
template <class T, class... Args>
struct MapElement<Tensor<T>, Args...> {
    using type = std::conditional_t<std::same_as<T, bool>, typename MapElement<Args...>::type, T>;
};

/// Which of the arguments before the I-th are tensors: the place of the I-th among the tensors.
template <std::size_t I, class... Args>
constexpr std::size_t tensors_before() {
    constexpr bool tensor[] = {AnyTensor<Args>...};
    std::size_t n = 0;
    for (std::size_t i = 0; i < I; ++i) n += tensor[i] ? 1 : 0;
    return n;
}

/// f as a function of its tensors alone, its scalars bound as numbers of type T.
template <class T, class F, class... Args>
auto bind_scalars(const F& f, const Args&... args) {
    if constexpr ((AnyTensor<Args> && ...)) {
        return f;
    } else {
        const auto scalar = [](const auto& a) {
            if constexpr (AnyTensor<std::remove_cvref_t<decltype(a)>>)
                return T();
            else
                return static_cast<T>(a);
        };
        return
            [f, scalars = std::array<T, sizeof...(Args)>{scalar(args)...}](const auto&... tensors)
                TAPEGRAD_LAMBDA {
                    const auto values = std::tie(tensors...);
                    return [&]<std::size_t... I>(std::index_sequence<I...>) TAPEGRAD_LAMBDA {
                        const auto pick = [&]<std::size_t K, class Arg>() TAPEGRAD_LAMBDA -> decltype(auto) {
                            if constexpr (AnyTensor<Arg>)
                                return std::get<tensors_before<K, Args...>()>(values);
                            else
                                return scalars[K];
                        };
                        return f(pick.template operator()<I, Args>()...);
                    }
                    (std::index_sequence_for<Args...>());
                };
    }
}

/// The derivatives of f at batches, times dy, as the loop that the driver calls; dy is the last input.
template <class T, class F, bool... IsMask>
void slope_loop(const void* f, const T* const* in, const int64_t* in_step, T* const* out,
                const int64_t* out_step, int64_t batches) {
    constexpr std::size_t N = sizeof...(IsMask);
    const F& function = *static_cast<const F*>(f);
    [&]<std::size_t... I>(std::index_sequence<I...>) TAPEGRAD_LAMBDA {
        const T* p[] = {in[I]...};
        const int64_t step[] = {in_step[I]...};
        T* q[] = {out[I]...};
        const int64_t q_step[] = {out_step[I]...};
        const T* g = in[N];
        const int64_t g_step = in_step[N];
        const auto argument = []<std::size_t K, bool Mask>(const T* at) TAPEGRAD_LAMBDA {
            if constexpr (Mask)
                return load_as<T, true>(at);
            else
                return simd::Dual<T, sizeof...(IsMask)>::template input<K>(load_as<T, false>(at));
        };
        for (int64_t i = 0; i < batches; ++i) {
            const auto dy = simd::Batch<T>::load(g);
            const simd::Dual<T, N> y(function(argument.template operator()<I, IsMask>(p[I])...));
            ((y.depends[I] ? dy * y.partial[I] : simd::Batch<T>(T(0))).store(q[I]), ...);
            ((p[I] += step[I]), ...);
            ((q[I] += q_step[I]), ...);
            g += g_step;
        }
    }
    (std::make_index_sequence<N>());
}

/// What the tape keeps of a map: the lambda, and the tensors that the wanted derivatives read.
template <class T, class F, class... Ts>
struct MapState {
    static constexpr std::size_t N = sizeof...(Ts);
    const char* name;
    [[no_unique_address]] F f;
    std::tuple<Ts...> saved;

    /// Bit i of element k: the derivative by tensor k reads tensor i.
    static std::array<uint32_t, simd::max_map_inputs> partial_reads(const F& f) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto argument = []<std::size_t K, class Arg>() {
                if constexpr (MaskTensor<Arg>)
                    return simd::Reads(1U << K);
                else
                    return simd::Trace::input(K);
            };
            return simd::Trace(f(argument.template operator()<I, Ts>()...)).partial_reads;
        }
        (std::make_index_sequence<N>());
    }

    /// What the tape keeps of f on these tensors.
    static MapState of(const char* name, const F& f, const Ts&... tensors) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto partials = partial_reads(f);
            uint32_t reads = 0;
            ((reads |= !MaskTensor<Ts> && tensors.requires_grad() ? partials[I] : 0), ...);
            const auto keep = [](bool read, const auto& t) {
                return read ? t : std::remove_cvref_t<decltype(t)>();
            };
            return MapState{name, f, {keep(((reads >> I) & 1) != 0, tensors)...}};
        }
        (std::index_sequence_for<Ts...>());
    }

    static void run(void* state, Slot&, const TensorBase& gradient, Needs needs, Sink& sink) {
        const auto& self = *static_cast<const MapState*>(state);
        const auto dy = cast_handle<T>(gradient);
        if (grad_enabled()) return self.run_composed(dy, needs, sink);
        std::array<Tensor<T>, N> d;
        std::array<simd::MapTarget<T>, N> targets;
        for (std::size_t k = 0; k < N; ++k) {
            if (!needs[k]) continue;
            d[k] = empty<T>(dy.shape());
            targets[k].data = output(d[k]);
        }
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            // An input that nothing reads may be anything: dy stands there.
            const auto source = [&](const TensorBase& t) -> const TensorBase* {
                return t.defined() ? &t : &dy;
            };
            const std::array<const TensorBase*, N + 1> in{source(std::get<I>(self.saved))..., &dy};
            launch<T>(&slope_loop<T, F, MaskTensor<Ts>...>, &self.f, dy.shape(), dy.numel(), in, targets);
        }
        (std::make_index_sequence<N>());
        for (std::size_t k = 0; k < N; ++k) sink.put(k, std::move(d[k]));
    }

    /// The lambda on tensors, whose gradients are recorded.
    void run_composed(const Tensor<T>& dy, Needs needs, Sink& sink) const {
        std::array<TensorBase, N> inputs;
        const auto fill = [&]<class Arg>(std::size_t k, const Arg& kept) {
            inputs[k] = kept;
            if (MaskTensor<Arg> || kept.defined()) return;
            // Its value is read nowhere: any value serves.
            Tensor<T> any = expand(Tensor<T>(T(1)), dy.shape());
            if (needs[k]) any.requires_grad_();
            inputs[k] = any;
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) { (fill(I, std::get<I>(saved)), ...); }
        (std::make_index_sequence<N>());
        composed_gradients(&compose, &f, inputs, dy, needs, sink);
    }
    static TensorBase compose(const void* f, std::span<const TensorBase> inputs) {
        return [&]<std::size_t... I>(std::index_sequence<I...>)->TensorBase {
            return (*static_cast<const F*>(f))(cast_handle<typename Ts::value_type>(inputs[I])...);
        }
        (std::make_index_sequence<N>());
    }
};

template <class T, class F, class... Ts>
auto map_tensors(const char* name, const F& f, const Ts&... tensors) {
    auto y = evaluate(name, f, tensors...);
    if constexpr (MaskTensor<decltype(y)>) {
        return record_constant(name, y, {tensors...});
    } else if constexpr (Floating<T>) {
        check_anomaly(name, y);
        if (!grad_enabled() || !(tensors.requires_grad() || ...)) return y;
        const Input inputs[] = {tensors...};
        return append_slot(name, y, inputs, [&] { return MapState<T, F, Ts...>::of(name, f, tensors...); });
    } else {
        return y;
    }
}

/// Calls g with the tensors among args, in order.
template <class G, class... Args>
auto with_tensors(const G& g, const Args&... args) {
    return std::apply(g, std::tuple_cat([](const auto& a) {
                          if constexpr (AnyTensor<std::remove_cvref_t<decltype(a)>>)
                              return std::tie(a);
                          else
                              return std::tuple<>();
                      }(args)...));
}

}

/// A generic lambda applied element by element, as one fused differentiable operation.
///   y = f(args...), for each element of the arguments broadcast together
/// Shape    tensors that broadcast, at most 8, and scalars in any places -> y of the common shape; bool
/// tensors are
///          masks for `where`; a lambda that ends in a comparison gives a bool tensor
/// Grad     by every tensor of the element type, to any order; saves the inputs that the derivatives read
/// Throws   ShapeError: the shapes do not broadcast
/// See      map_sum, map_mean
template <class F, class... Args>
TAPEGRAD_INLINE constexpr auto map(const char* name, const F& f, const Args&... args) {
    if constexpr ((detail::AnyTensor<Args> || ...)) {
        using T = typename detail::MapElement<Args...>::type;
        return detail::with_tensors(
            [&](const auto&... tensors) {
                return detail::map_tensors<T>(name, detail::bind_scalars<T>(f, args...), tensors...);
            },
            args...);
    } else {
        return f(args...);
    }
}

}
