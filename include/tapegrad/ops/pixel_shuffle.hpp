// Channels as places, and places as channels.
#pragma once

#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Blocks of r x r channels become blocks of r x r places.
///   y[.., c, h r + i, w r + j] = x[.., (c r + i) r + j, h, w]
/// Shape    x (..., c r^2, h, w) -> y (..., c, h r, w r)
/// Grad     pixel_unshuffle of dy
/// Throws   ShapeError: rank below 3, or channels that r^2 does not divide; ValueError: r below 1
/// Source   Shi et al., Real-Time Single Image and Video Super-Resolution, 2016      /// See  pixel_unshuffle
template <class T>
Tensor<T> pixel_shuffle(const Tensor<T>& x, int64_t r) {
    if (r < 1) detail::fail<ValueError>("pixel_shuffle", "the factor is ", r, "; it must be at least 1");
    if (x.rank() < 3 || x.size(-3) % (r * r) != 0)
        detail::fail<ShapeError>("pixel_shuffle", "x ", x.shape(),
                                 " must be (..., channels, height, width) with ", r * r,
                                 " times the channels of y");
    const int64_t c = x.size(-3) / (r * r), h = x.size(-2), w = x.size(-1);
    Shape to;
    for (int i = 0; i < x.rank() - 3; ++i) to.push_back(x.shape()[i]);
    const int64_t outer = numel_of(to);
    for (const int64_t n : {c, h * r, w * r}) to.push_back(n);
    return reshape(permute(reshape(x, {outer, c, r, r, h, w}), {0, 1, 4, 2, 5, 3}), to);
}

/// Blocks of r x r places become blocks of r x r channels.
///   y[.., (c r + i) r + j, h, w] = x[.., c, h r + i, w r + j]
/// Shape    x (..., c, h r, w r) -> y (..., c r^2, h, w)
/// Grad     pixel_shuffle of dy
/// Throws   ShapeError: rank below 3, or places that r does not divide; ValueError: r below 1
/// See      pixel_shuffle
template <class T>
Tensor<T> pixel_unshuffle(const Tensor<T>& x, int64_t r) {
    if (r < 1) detail::fail<ValueError>("pixel_unshuffle", "the factor is ", r, "; it must be at least 1");
    if (x.rank() < 3 || x.size(-2) % r != 0 || x.size(-1) % r != 0)
        detail::fail<ShapeError>("pixel_unshuffle", "x ", x.shape(),
                                 " must be (..., channels, height, width) with places that ", r, " divides");
    const int64_t c = x.size(-3), h = x.size(-2) / r, w = x.size(-1) / r;
    Shape to;
    for (int i = 0; i < x.rank() - 3; ++i) to.push_back(x.shape()[i]);
    const int64_t outer = numel_of(to);
    for (const int64_t n : {c * r * r, h, w}) to.push_back(n);
    return reshape(permute(reshape(x, {outer, c, h, r, w, r}), {0, 1, 3, 5, 2, 4}), to);
}

/// Channels of `groups` groups dealt out in turn: (groups, c) becomes (c, groups).
/// Shape    x (batch, channels, ...) -> y, same shape
/// Grad     channel_shuffle of dy by channels / groups
/// Throws   ShapeError: rank below 2, or channels that groups does not divide; ValueError: groups below 1
/// Source   Zhang et al., ShuffleNet, 2017
template <class T>
Tensor<T> channel_shuffle(const Tensor<T>& x, int64_t groups) {
    if (groups < 1)
        detail::fail<ValueError>("channel_shuffle", "groups is ", groups, "; it must be at least 1");
    if (x.rank() < 2 || x.size(1) % groups != 0)
        detail::fail<ShapeError>("channel_shuffle", groups, " groups do not divide the channels of x ",
                                 x.shape());
    const int64_t places = x.size(1) * x.size(0) == 0 ? 0 : x.numel() / (x.size(0) * x.size(1));
    const Tensor<T> split = reshape(x, {x.size(0), groups, x.size(1) / groups, places});
    return reshape(permute(split, {0, 2, 1, 3}), x.shape());
}

}
