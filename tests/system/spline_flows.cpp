// Layers of splines, coupling and autoregressive: their inverses, volumes and gradients, far outside of the knots too.
#include <doctest/doctest.h>

#include <tapegrad/density/made.hpp>
#include <tapegrad/flows/autoregressive.hpp>
#include <tapegrad/flows/coupling.hpp>
#include <tapegrad/flows/spline_map.hpp>
#include <tapegrad/nn/residual_net.hpp>

#include "../support/bijector.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

constexpr SplineOptions bounds{.low = -3, .high = 3, .scale = 0.3};

template <class T>
auto coupling(int64_t seen, int64_t context) {
    Generator generator(3);
    const RationalQuadraticMap spline(4, bounds);
    ResidualNet<T> net(seen, 2 * spline.count, 8, {.blocks = 1, .context = context}, generator);
    init::uniform_(net.final_layer.weight, generator, -0.05, 0.05);
    return Coupling(seen == 3 ? alternating_mask(5, false) : alternating_mask(3), spline, net);
}
template <class T>
auto autoregressive() {
    Generator generator(2);
    const RationalQuadraticMap spline(4, bounds);
    return Autoregressive(spline, Made<T>(5, {.hidden = {8, 8}, .outputs = spline.count}, generator));
}

}

TEST_CASE_TEMPLATE("layers of splines are undone", T, float, double) {
    Tensor<T> x = support::normal<T>({6, 5}, 3);
    for (int64_t i = 0; i < x.numel(); i += 3) detail::output(x)[i] *= T(20);
    const Tensor<T> context = support::normal<T>({6, 2}, 4);
    support::check_bijector(coupling<T>(3, 0), x);
    support::check_bijector(coupling<T>(3, 2), x, context);
    support::check_bijector(autoregressive<T>(), x);
}

TEST_CASE("layers of splines: gradients") {
    support::check_bijector_gradients(coupling<double>(1, 1), support::normal<double>({2, 3}, 5),
                                      support::normal<double>({2, 1}, 6));
}
