// Coupling layers: one part of an event stays as it is, and a network of it says what happens to the numbers of the
// other part.
#pragma once

#include <optional>

#include "../ops/index_rows.hpp"
#include "../ops/join.hpp"
#include "condition.hpp"
#include "masks.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline std::vector<int64_t> places_of(const Tensor<bool>& mask, bool wanted) {
    std::vector<int64_t> places;
    const Tensor<bool> packed = contiguous(mask);
    for (int64_t i = 0; i < packed.numel(); ++i)
        if (packed.data()[i] == wanted) places.push_back(i);
    return places;
}
}

/// y = x, a coupling's way to leave the variables alone that its network sees.
struct NoBijector {
    TAPEGRAD_FIELDS();

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        return {x, zeros<T>({x.size(0)})};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        return {y, zeros<T>({y.size(0)})};
    }
};

/// y_a = x_a, y_b = map(x_b; net(x_a, context)), where a mask tells the variables a from b, which it transforms.
///   Coupling layer(alternating_mask(2), AffineMap(), Mlp<>(1, 2, {}, generator));
///   Coupling layer(half_mask(8), RationalQuadraticMap(8), ResidualNet<>(4, 4 * 23, 128, {}, generator));
/// Variables are the places of axis 1: features, or channels of images. With `unconditional_transform`, the variables a go
/// through that one after the network has seen them (forwards).
/// Shape    x (n, d, ...) -> value, same shape; the network gives (n, count b, ...)
/// Numeric  the keys of the network and of the variables are those of nflows
/// Throws   ShapeError: another number of variables, or of parameters; ValueError: see the network
/// Source   Dinh et al., NICE, 2014; Durkan et al., Neural Spline Flows, 2019
template <class Map, class Net, class Unconditional = NoBijector>
struct Coupling {
    Buffer<int64_t> identity_features, transform_features;
    Net transform_net;
    std::optional<Unconditional> unconditional_transform;
    Map each;
    TAPEGRAD_FIELDS(identity_features, transform_features, transform_net, unconditional_transform, each);

    Coupling() = default;
    /// Throws   ShapeError: the mask is no vector; ValueError: it leaves one of the parts empty
    Coupling(const Tensor<bool>& mask, Map map_, Net net, std::optional<Unconditional> unconditional = {})
        : transform_net(std::move(net)),
          unconditional_transform(std::move(unconditional)),
          each(std::move(map_)) {
        if (mask.rank() != 1)
            detail::fail<ShapeError>("Coupling", "mask ", mask.shape(), " is no vector of variables");
        identity_features = from_vector(detail::places_of(mask, false));
        transform_features = from_vector(detail::places_of(mask, true));
        if (identity_features.numel() == 0 || transform_features.numel() == 0)
            detail::fail<ValueError>("Coupling", "the mask transforms ", transform_features.numel(), " of ",
                                     mask.numel(), " variables; it needs some and must leave some");
    }

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        check(x);
        Mapped<T> a{index_select(x, 1, identity_features), {}};
        const Tensor<T> b = index_select(x, 1, transform_features);
        const Splined<T> y = each.forward(b, parameters(a.value, b.shape(), context));
        if (unconditional_transform) a = unconditional_transform->forward(a.value, context);
        return {joined(a.value, y.value), detail::joined_log_det(a.log_det, detail::sum_events(y.log_slope))};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        check(y);
        Mapped<T> a{index_select(y, 1, identity_features), {}};
        if (unconditional_transform) a = unconditional_transform->inverse(a.value, context);
        const Tensor<T> b = index_select(y, 1, transform_features);
        const Splined<T> x = each.inverse(b, parameters(a.value, b.shape(), context));
        return {joined(a.value, x.value), detail::joined_log_det(a.log_det, detail::sum_events(x.log_slope))};
    }

private:
    template <class T>
    Tensor<T> parameters(const Tensor<T>& a, const Shape& b, const Tensor<T>& context) const {
        return detail::parameters_of("Coupling", detail::condition("Coupling", transform_net, a, context), b,
                                     each.count, Map::apart);
    }
    /// Both parts in the order of the variables.
    template <class T>
    Tensor<T> joined(const Tensor<T>& a, const Tensor<T>& b) const {
        const int64_t first = identity_features.numel();
        Tensor<int64_t> order = empty<int64_t>({first + transform_features.numel()});
        for (int64_t i = 0; i < first; ++i) detail::output(order)[identity_features.data()[i]] = i;
        for (int64_t i = 0; i < transform_features.numel(); ++i)
            detail::output(order)[transform_features.data()[i]] = first + i;
        return index_select(cat({a, b}, 1), 1, order);
    }
    template <class T>
    void check(const Tensor<T>& x) const {
        const int64_t d = identity_features.numel() + transform_features.numel();
        if (x.rank() < 2 || x.size(1) != d)
            detail::fail<ShapeError>("Coupling", "x ", x.shape(), " of ", d, " variables: it must be (n, ", d,
                                     ", ...)");
    }
};

}
