// What bijectors of features (n, c) and of images (n, c, ...) share: the second axis is that of the channels.
#pragma once

#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Throws   ShapeError: x is not (n, channels, ...)
template <class T>
void check_channels(const char* bijector, const Tensor<T>& x, int64_t channels) {
    if (x.rank() < 2 || x.size(1) != channels)
        fail<ShapeError>(bijector, "x ", x.shape(), " is not (n, ", channels, ", ...)");
}
/// The number of places of a channel: 1 for (n, c).
template <class T>
int64_t places_of(const Tensor<T>& x) {
    int64_t count = 1;
    for (int i = 2; i < x.rank(); ++i) count *= x.size(i);
    return count;
}
/// A number for each channel in a shape that broadcasts with x.
template <class T>
Tensor<T> per_channel(const Tensor<T>& of, const Tensor<T>& x) {
    Shape shape{of.size(0)};
    for (int i = 2; i < x.rank(); ++i) shape.push_back(1);
    return reshape(of, shape);
}
/// A volume that is the same for every event of x.
template <class T>
Tensor<T> for_each_event(const Tensor<T>& log_det, const Tensor<T>& x) {
    return expand(log_det, {x.size(0)});
}
/// x (n, c, ...) as (n, c, places).
template <class T>
Tensor<T> as_columns(const Tensor<T>& x) {
    return reshape(x, {x.size(0), x.size(1), places_of(x)});
}

}
