// How the losses of single items become one number.
#pragma once

#include "../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class Reduction { none, mean, sum };

namespace detail {
template <class T>
Tensor<T> reduced(const Tensor<T>& losses, Reduction reduction) {
    if (reduction == Reduction::none) return losses;
    return reduction == Reduction::mean ? mean(losses) : sum(losses);
}
}

}
