// Tensors to test with: random ones, the same elements in other layouts, equality of bits.
#pragma once

#include <cstring>
#include <tapegrad/core/random.hpp>
#include <tapegrad/tensor/creation.hpp>

namespace support {

using namespace tapegrad;

template <class T>
Tensor<T> normal(const Shape& shape, std::uint64_t seed = 1) {
    Generator generator(seed);
    Tensor<T> x = empty<T>(shape);
    fill_normal(detail::output(x), x.numel(), generator);
    return x;
}
template <class T>
Tensor<T> uniform(const Shape& shape, double low, double high, std::uint64_t seed = 1) {
    Generator generator(seed);
    Tensor<T> x = empty<T>(shape);
    fill_uniform(detail::output(x), x.numel(), generator, static_cast<T>(low), static_cast<T>(high));
    return x;
}
inline Tensor<bool> coins(const Shape& shape, double p, std::uint64_t seed = 1) {
    Generator generator(seed);
    Tensor<bool> x = empty<bool>(shape);
    fill_bernoulli(detail::output(x), x.numel(), generator, p);
    return x;
}

/// The elements of x with the axes lying in memory in reverse order, `step` elements apart.
template <class T>
Tensor<T> spread(const Tensor<T>& x, int64_t step = 2) {
    Strides strides = Dims::filled(x.rank(), 1);
    int64_t room = step;
    for (int axis = 0; axis < x.rank(); ++axis) {
        strides[axis] = room;
        room *= x.shape()[axis] > 0 ? x.shape()[axis] : 1;
    }
    Tensor<T> memory = full<T>({room}, T(7));
    Tensor<T> y = detail::view_of(memory, x.shape(), strides);
    detail::assign(y, x);
    return y;
}

/// Same shape and, element by element, the same bits.
template <class T>
bool same_bits(const Tensor<T>& a, const Tensor<T>& b) {
    if (a.shape() != b.shape()) return false;
    const Tensor<T> p = detail::contiguous(a), q = detail::contiguous(b);
    return p.numel() == 0 ||
           std::memcmp(p.data(), q.data(), static_cast<std::size_t>(p.numel()) * sizeof(T)) == 0;
}

/// |got - want| <= tolerance (1 + |want|), or both NaN, or the same infinity, for every element.
template <class T, class U>
bool close(const Tensor<T>& got, const Tensor<U>& want, double tolerance) {
    if (got.shape() != want.shape()) return false;
    const Tensor<T> p = detail::contiguous(got);
    const Tensor<U> q = detail::contiguous(want);
    for (int64_t i = 0; i < p.numel(); ++i) {
        const auto a = static_cast<double>(p.data()[i]), b = static_cast<double>(q.data()[i]);
        if (a == b || (a != a && b != b)) continue;
        if (!(std::fabs(a - b) <= tolerance * (1 + std::fabs(b)))) return false;
    }
    return true;
}

/// Like indices of a nested loop: calls f(place of each element) in row-major order.
template <class F>
void for_each_place(const Shape& shape, const F& f) {
    Dims place = Dims::filled(shape.rank(), 0);
    for (int64_t i = 0; i < numel_of(shape); ++i) {
        f(place, i);
        for (int axis = shape.rank() - 1; axis >= 0 && ++place[axis] == shape[axis]; --axis) place[axis] = 0;
    }
}

/// The element of x that broadcasting puts at `place` of a larger shape.
template <class T>
T broadcast_at(const Tensor<T>& x, const Dims& place) {
    int64_t offset = 0;
    const int shift = place.rank() - x.rank();
    for (int axis = 0; axis < x.rank(); ++axis)
        offset += (x.shape()[axis] == 1 ? 0 : place[axis + shift]) * x.strides()[axis];
    return x.data()[offset];
}

}
