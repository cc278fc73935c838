// Coupling layers whose parts have any form, as the squares of a board.
#pragma once

#include "../ops/logical.hpp"
#include "condition.hpp"
#include "masks.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = x where the mask is false, and map(x; net(x there and 0 elsewhere, context)) where it is true: parts of any form, as
/// the squares of a board.
///   MaskedCoupling layer(checkerboard_mask(28, 28), AffineMap(), net);        // net: (n, c, h, w) -> (n, 2 c, h, w)
/// Shape    x (n, d, ...) -> value, same shape; the mask broadcasts to an event; the network gives (n, count d, ...)
/// Throws   ShapeError: the mask does not fit, or another number of parameters
/// Source   Dinh et al., Density estimation using Real NVP, 2017, 3.4
template <class Map, class Net>
struct MaskedCoupling {
    Buffer<bool> mask;
    Net transform_net;
    Map each;
    TAPEGRAD_FIELDS(mask, transform_net, each);

    MaskedCoupling() = default;
    MaskedCoupling(Tensor<bool> mask_, Map map_, Net net)
        : mask(std::move(mask_)), transform_net(std::move(net)), each(std::move(map_)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        return part(x, each.forward(x, parameters(x, context)));
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        return part(y, each.inverse(y, parameters(y, context)));
    }

private:
    template <class T>
    Tensor<T> parameters(const Tensor<T>& x, const Tensor<T>& context) const {
        if (x.rank() < 2) detail::fail<ShapeError>("MaskedCoupling", "x ", x.shape(), " has no variables");
        const Tensor<T> seen = where(mask, zeros<T>(x.shape()), x);
        return detail::parameters_of("MaskedCoupling",
                                     detail::condition("MaskedCoupling", transform_net, seen, context),
                                     x.shape(), each.count, Map::apart);
    }
    template <class T>
    Mapped<T> part(const Tensor<T>& x, const Splined<T>& y) const {
        return {where(mask, y.value, x), detail::sum_events(where(mask, y.log_slope, zeros<T>(x.shape())))};
    }
};

}
