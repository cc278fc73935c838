// `map_sum` and `map_mean`: a lambda and the sum over all its values, without the values in between.
#pragma once

#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A map whose values are summed: the gradient of every value is dy.
template <class T, class F, class... Ts>
struct MapSumState {
    MapState<T, F, Ts...> map;
    Shape shape;  // of the values
    T count;      // 1 for a sum

    static void run(void* state, Slot& slot, const TensorBase& gradient, Needs needs, Sink& sink) {
        auto& self = *static_cast<MapSumState*>(state);
        const auto dy = cast_handle<T>(gradient);
        MapState<T, F, Ts...>::run(
            &self.map, slot, expand(self.count != T(1) ? dy / self.count : dy, self.shape), needs, sink);
    }
};

/// Sum of f over the elements of the tensors broadcast to `shape`, without a tape.
template <class T, class F, class... Ts>
double sum_of_map(const F& f, const Shape& shape, const Ts&... tensors) {
    const auto source = [&shape](const TensorBase& t) -> simd::MapSource<T> {
        t.check_saved();
        const Body& body = t.body();
        return {body.data, expand_strides("map_sum", body.shape, body.strides, shape),
                body.dtype == DType::boolean};
    };
    const std::array<simd::MapSource<T>, sizeof...(Ts)> in{source(tensors)...};
    return simd::MapDriver<T>(&value_loop<T, F, MaskTensor<Ts>...>, &f, shape, in).sum();
}

template <class T, class F, class... Ts>
Tensor<T> map_sum_tensors(const char* name, bool mean, const F& f, const Ts&... tensors) {
    static_assert(Floating<T>, "map_sum: the tensors are integers; convert with to<float>()");
    static_assert(((MaskTensor<Ts> || std::same_as<Ts, Tensor<T>>)&&...),
                  "map_sum: the tensors have different element types; convert with to<T>()");
    static_assert(std::same_as<decltype(f(load_as<T, MaskTensor<Ts>>(nullptr)...)), simd::Batch<T>>,
                  "map_sum: the lambda gives a truth value; choose numbers with where(c, 1, 0)");
    Shape shape;
    ((shape = broadcast_shapes(name, shape, tensors.shape())), ...);
    const double count = mean ? static_cast<double>(numel_of(shape)) : 1;
    const Tensor<T> y(static_cast<T>(sum_of_map<T>(f, shape, tensors...) / count));
    check_anomaly(name, y);
    if (!grad_enabled() || !(tensors.requires_grad() || ...)) return y;
    const Input inputs[] = {tensors...};
    return append_slot(name, y, inputs, [&] {
        return MapSumState<T, F, Ts...>{MapState<T, F, Ts...>::of(name, f, tensors...), shape,
                                        static_cast<T>(count)};
    });
}

template <class F, class... Args>
auto map_sum(const char* name, bool mean, const F& f, const Args&... args) {
    static_assert((AnyTensor<Args> || ...), "map_sum: at least one of the arguments is a tensor");
    using T = typename MapElement<Args...>::type;
    return with_tensors(
        [&](const auto&... tensors) {
            return map_sum_tensors<T>(name, mean, bind_scalars<T>(f, args...), tensors...);
        },
        args...);
}

}

/// Sum of a generic lambda over the elements of its arguments, in one pass that stores no value.
///   y = sum f(args...), over the elements of the arguments broadcast together
///   map_sum("squares", [](auto a, auto b) { return (a - b) * (a - b); }, x, target)
/// Shape    as in `map` -> y ()
/// Grad     as in `map`, with dy for every element; saves the inputs that the derivatives read
/// Numeric  sums of 512 values as T, these in double; the same bits for any number of threads
/// Throws   ShapeError: the shapes do not broadcast
/// See      map, map_mean, sum
template <class F, class... Args>
auto map_sum(const char* name, const F& f, const Args&... args) {
    return detail::map_sum(name, false, f, args...);
}

/// Mean of a generic lambda over the elements of its arguments, in one pass that stores no value; NaN of none.
/// Shape    as in `map` -> y ()
/// Grad     as in `map`, with dy / n for every element; saves the inputs that the derivatives read
/// Throws   ShapeError: the shapes do not broadcast
/// See      map, map_sum, mean
template <class F, class... Args>
auto map_mean(const char* name, const F& f, const Args&... args) {
    return detail::map_sum(name, true, f, args...);
}

}
