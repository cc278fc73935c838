// Autoregressive layers: every number is mapped by parameters that a network makes of the numbers before it.
#pragma once

#include "condition.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// z_i = map(x_i; net(x_1 .. x_(i-1), context))
///   Autoregressive maf(AffineMap{AffineScale::softplus, true}, Made<>(8, {.outputs = 2}, generator));
///   Inverse iaf(maf);      // draws in one pass, as an inverse autoregressive flow
/// Forwards is one pass of the network, which sees all of x at once and must be masked, as Made is; the inverse is a pass
/// for each variable.
/// Shape    x (n, d) -> value (n, d); the network gives (n, d count), the parameters of a variable beside each other
/// Numeric  the keys, and with these maps the values, are those of nflows
/// Throws   ShapeError: x is no matrix, or another number of parameters
/// Source   Papamakarios et al., Masked Autoregressive Flow for Density Estimation, 2017; Kingma et al., Improved Variational
///          Inference with Inverse Autoregressive Flow, 2016
template <class Map, class Net>
struct Autoregressive {
    Net autoregressive_net;
    Map each;
    TAPEGRAD_FIELDS(autoregressive_net, each);

    Autoregressive() = default;
    Autoregressive(Map map_, Net net) : autoregressive_net(std::move(net)), each(std::move(map_)) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        check(x);
        const Splined<T> z = each.forward(x, parameters(x, context));
        return {z.value, detail::sum_events(z.log_slope)};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& z, const Tensor<T>& context = {}) const {
        check(z);
        // After pass i the variables of the first i places of the order are right, and stay.
        Splined<T> x{zeros<T>(z.shape()), zeros<T>(z.shape())};
        for (int64_t i = 0; i < z.size(1); ++i) x = each.inverse(z, parameters(x.value, context));
        return {x.value, detail::sum_events(x.log_slope)};
    }

private:
    template <class T>
    Tensor<T> parameters(const Tensor<T>& x, const Tensor<T>& context) const {
        return detail::parameters_of("Autoregressive",
                                     detail::condition("Autoregressive", autoregressive_net, x, context),
                                     x.shape(), each.count, false);
    }
    template <class T>
    static void check(const Tensor<T>& x) {
        if (x.rank() != 2)
            detail::fail<ShapeError>("Autoregressive", "x ", x.shape(),
                                     " is no matrix of events and variables");
    }
};

}
