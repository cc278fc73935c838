// Dropout that knows whether the model is in training.
#pragma once

#include "../ops/dropout.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// In training each element is kept with probability 1 - p and divided by it, or set to zero; else y = x.
/// Shape    x (any) -> y, same shape
/// See      train, eval, dropout
struct Dropout {
    double p = 0.5;
    bool training = true;
    TAPEGRAD_FIELDS(p, training);

    /// Draws from the generator of this thread when none is given.
    template <Floating T>
    Tensor<T> operator()(const Tensor<T>& x, Generator& generator = default_generator()) const {
        return training ? dropout(x, p, generator) : x;
    }
};

}
