// How the losses of single items become one number.
#pragma once

#include "../ops/map_reduce.hpp"
#include "../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class Reduction { none, mean, sum };

namespace detail {

template <class T>
Tensor<T> reduced(const Tensor<T>& losses, Reduction reduction) {
    if (reduction == Reduction::none) return losses;
    return reduction == Reduction::mean ? mean(losses) : sum(losses);
}

/// The losses of single items, each times its weight where there are weights, as one number.
template <class T>
Tensor<T> reduced(const Tensor<T>& losses, const Tensor<T>& weight, Reduction reduction) {
    return reduced(weight.defined() ? losses * weight : losses, reduction);
}

/// `map`, `map_mean` or `map_sum`: a mean or a sum stores no value.
template <class F, class... Args>
auto reduced_map(const char* name, Reduction reduction, const F& f, const Args&... args) {
    if (reduction == Reduction::none) return map(name, f, args...);
    return reduction == Reduction::mean ? map_mean(name, f, args...) : map_sum(name, f, args...);
}

/// `shape` without its last axis.
inline Shape without_last(const Shape& shape) {
    return Shape(std::span<const int64_t>(shape.begin(), static_cast<std::size_t>(shape.rank() - 1)));
}

}

}
