// Values without a tape: a lambda on batches applied to tensors by the driver of simd/map.hpp.
#pragma once

#include <tuple>

#include "../simd/functions.hpp"
#include "../simd/map.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

template <class V>
concept AnyTensor = std::derived_from<V, TensorBase>;
template <class V>
concept MaskTensor = std::same_as<V, Tensor<bool>>;

/// The element type that tensors share, masks apart; float when all are masks.
template <class... Ts>
struct CommonElement {
    using type = float;
};
template <class T, class... Ts>
struct CommonElement<Tensor<T>, Ts...> {
    using type = std::conditional_t<std::same_as<T, bool>, typename CommonElement<Ts...>::type, T>;
};

template <class T, bool IsMask>
TAPEGRAD_INLINE auto load_as(const T* p) {
    const auto b = simd::Batch<T>::load(p);
    if constexpr (IsMask)
        return b != simd::Batch<T>(T(0));
    else
        return b;
}
template <class T>
TAPEGRAD_INLINE void store_as(const simd::Batch<T>& v, T* p) {
    v.store(p);
}
template <class T>
TAPEGRAD_INLINE void store_as(const simd::Mask<T>& m, T* p) {
    where(m, simd::Batch<T>(T(1)), simd::Batch<T>(T(0))).store(p);
}

/// f on batches, as the loop that the driver calls.
template <class T, class F, bool... IsMask>
void value_loop(const void* f, const T* const* in, const int64_t* in_step, T* const* out, const int64_t*,
                int64_t batches) {
    const F& function = *static_cast<const F*>(f);
    [&]<std::size_t... I>(std::index_sequence<I...>) TAPEGRAD_LAMBDA {
        const T* p[] = {in[I]...};
        const int64_t step[] = {in_step[I]...};
        T* y = out[0];
        for (int64_t i = 0; i < batches; ++i) {
            store_as<T>(function(load_as<T, IsMask>(p[I])...), y);
            ((p[I] += step[I]), ...);
            y += simd::width<T>;
        }
    }
    (std::make_index_sequence<sizeof...(IsMask)>());
}

/// Runs a kernel over tensors broadcast to `shape`; the directly readable case first, it is what small
/// tensors are.
template <class T>
void launch(simd::MapKernel<T> kernel, const void* f, const Shape& shape, int64_t numel,
            std::span<const TensorBase* const> in, std::span<const simd::MapTarget<T>> out) {
    if (numel == 0) return;
    constexpr auto W = static_cast<std::size_t>(simd::width<T>);
    alignas(64) T copies[simd::max_map_sources][W];
    const T* p[simd::max_map_sources];
    int64_t step[simd::max_map_sources]{};
    T nowhere[simd::max_map_sources][W];
    T* q[simd::max_map_sources];
    int64_t out_step[simd::max_map_sources]{};
    bool direct = true;
    for (std::size_t k = 0; k < in.size(); ++k) {
        const Body& body = in[k]->body();
        in[k]->check_saved();
        p[k] = static_cast<const T*>(body.data);
        step[k] = simd::width<T>;
        if (body.dtype != dtype_of<T>) {
            direct = false;
        } else if (body.numel == 1 && numel != 1) {
            simd::Batch<T>(*p[k]).store(copies[k]);
            p[k] = copies[k];
            step[k] = 0;
        } else {
            direct &= body.contiguous && body.numel == numel;
        }
    }
    for (std::size_t k = 0; k < out.size(); ++k) {
        direct &= out[k].boolean == nullptr;
        q[k] = out[k].data != nullptr ? out[k].data : nowhere[k];
        out_step[k] = out[k].data != nullptr ? simd::width<T> : 0;
    }
    if (direct && numel <= simd::map_grain)
        return simd::map_run(kernel, f, in.size(), p, step, out.size(), q, out_step, numel);
    std::array<simd::MapSource<T>, simd::max_map_sources> sources;
    for (std::size_t k = 0; k < in.size(); ++k) {
        const Body& body = in[k]->body();
        sources[k] = {body.data, expand_strides("map", body.shape, body.strides, shape),
                      body.dtype == DType::boolean};
    }
    simd::MapDriver<T>(kernel, f, shape, std::span(sources.data(), in.size())).run(out);
}

/// A fresh tensor of the shape that the tensors broadcast to.
template <class T>
Tensor<T> common_result(const char* name, std::span<const TensorBase* const> in) {
    const Body& first = in[0]->body();
    bool same = true;
    for (std::size_t k = 1; k < in.size() && same; ++k) same = in[k]->body().shape == first.shape;
    if (same && first.contiguous)
        return Tensor<T>(new_body(dtype_of<T>, first.shape, first.strides, first.numel));
    Shape shape = first.shape;
    for (std::size_t k = 1; k < in.size(); ++k) shape = broadcast_shapes(name, shape, in[k]->shape());
    return empty<T>(shape);
}

/// f on the broadcast elements of tensors; a comparison gives a bool tensor.
template <class F, class... Ts>
auto evaluate(const char* name, const F& f, const Ts&... tensors) {
    using T = typename CommonElement<Ts...>::type;
    static_assert(((MaskTensor<Ts> || std::same_as<Ts, Tensor<T>>)&&...),
                  "elementwise: the tensors have different element types; convert with to<T>()");
    static_assert(sizeof...(Ts) < simd::max_map_sources, "elementwise: at most eight tensors");
    using R = decltype(f(load_as<T, MaskTensor<Ts>>(nullptr)...));
    using Result = Tensor<std::conditional_t<std::same_as<R, simd::Mask<T>>, bool, T>>;
    const std::array<const TensorBase*, sizeof...(Ts)> in{&tensors...};
    Result y = common_result<typename Result::value_type>(name, in);
    simd::MapTarget<T> target;
    if constexpr (std::same_as<Result, Tensor<bool>>)
        target.boolean = output(y);
    else
        target.data = output(y);
    launch<T>(&value_loop<T, F, MaskTensor<Ts>...>, &f, y.shape(), y.numel(), in, std::span(&target, 1));
    return y;
}

}
