// What a network says of the parameters of a coupling's numbers.
#pragma once

#include "affine_map.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// What a network says of x with a context, where it takes one.
/// Throws   ValueError: a context for a network that takes none
template <class Net, class T>
Tensor<T> condition(const char* bijector, const Net& net, const Tensor<T>& x, const Tensor<T>& context) {
    if constexpr (std::is_invocable_v<const Net&, const Tensor<T>&, const Tensor<T>&>) {
        return net(x, context);
    } else {
        if (context.defined()) fail<ValueError>(bijector, "the network takes no context, but there is one");
        return net(x);
    }
}

/// The parameters of each number: (n, count d, ...) -> (n, d, ..., count), a view where it can be one.
/// Throws   ShapeError: the network gave another number of them
template <class T>
Tensor<T> parameters_of(const char* bijector, const Tensor<T>& given, const Shape& x, int64_t count,
                        bool apart) {
    bool fits = given.rank() == x.rank() && given.size(1) == count * x[1];
    for (int i = 0; fits && i < x.rank(); ++i) fits = i == 1 || given.size(i) == x[i];
    if (!fits)
        fail<ShapeError>(bijector, "the network gave ", given.shape(), " for ", x, " numbers; ", count,
                         " for each are wanted");
    Shape shape{x[0], apart ? count : x[1], apart ? x[1] : count};
    for (int i = 2; i < x.rank(); ++i) shape.push_back(x[i]);
    return movedim(reshape(given, shape), apart ? 1 : 2, -1);
}

}

}
