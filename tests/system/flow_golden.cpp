// Flows against those of nflows and zuko with the same weights: tests/golden/flows.py.
#include <doctest/doctest.h>

#include <tapegrad/density/made.hpp>
#include <tapegrad/flows/autoregressive.hpp>
#include <tapegrad/flows/coupling.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/spline_cdf.hpp>
#include <tapegrad/flows/spline_map.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/load_state_dict.hpp>
#include <tapegrad/nn/residual_net.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// Loads the case's weights, and compares log-probabilities and all gradients.
template <class B>
void check(const std::string& name, B bijector) {
    CAPTURE(name);
    const StateDict golden = load_safetensors("tests/golden/flows.safetensors").under("flow." + name + '.');
    load_state_dict(bijector, golden.under("state."));
    const Tensor<double> x = golden.get<double>("x0").requires_grad_();
    const Flow flow(StandardNormal<double>({3}), bijector);
    const Tensor<double> y =
        flow.log_prob(x, golden.contains("x1") ? golden.get<double>("x1") : Tensor<double>());
    CHECK(support::close(y, golden.get<double>("y"), 1e-11));
    backward(y, golden.get<double>("dy"));
    CHECK(support::close(x.grad(), golden.get<double>("dx0"), 1e-9));
    for_each_parameter(flow.bijector, [&](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        REQUIRE(p.grad().defined());
        CHECK(support::close(p.grad(), golden.get<double>("grad." + std::string(key)), 1e-9));
    });
}

using Net = ResidualNet<double, Tanh>;

Tensor<bool> mask(bool a, bool b, bool c) { return Tensor<bool>{a, b, c}; }
Net net(int64_t seen, int64_t out, int64_t context, Generator& generator) {
    return Net(seen, out, 6, {.blocks = 1, .context = context}, generator);
}

/// The masked network of zuko, whose masks are in the file.
struct MaskedMlp {
    std::vector<MaskedLinear<double>> layers;
    TAPEGRAD_FIELDS(layers);

    MaskedMlp(int64_t out, Generator& generator) {
        for (const Shape& shape : {Shape{8, 3}, Shape{8, 8}, Shape{out, 8}})
            layers.emplace_back(ones<double>(shape), generator);
    }
    Tensor<double> operator()(const Tensor<double>& x) const {
        return layers[2](tanh(layers[1](tanh(layers[0](x)))));
    }
};

}

TEST_CASE("flows: RealNVP and NICE of nflows") {
    Generator g(1);
    const AffineMap affine;
    check("realnvp", Composed(Coupling(mask(true, false, true), affine, net(1, 4, 2, g)),
                              Coupling(mask(false, true, false), AdditiveMap(), net(2, 1, 2, g)),
                              Coupling(mask(false, true, true), affine, net(1, 4, 2, g))));
}

TEST_CASE("flows: neural spline flows of nflows") {
    Generator g(1);
    const SplineOptions bounds{.low = -3, .high = 3};
    SplineOptions scaled = bounds;
    scaled.scale = 1 / std::sqrt(6.0);
    const RationalQuadraticMap spline(4, scaled);
    using Layer = Coupling<RationalQuadraticMap, Net, SplineCdf<double>>;
    check("nsf", ComposedList(std::vector{Layer(mask(true, false, true), spline, net(1, 22, 0, g),
                                                SplineCdf<double>({1}, 4, bounds, g)),
                                          Layer(mask(false, true, false), spline, net(2, 11, 0, g),
                                                SplineCdf<double>({2}, 4, bounds, g))}));
    const Made<double, Tanh> made(3, {.hidden = {8, 8}, .outputs = 11, .residual = true}, g);
    check("nsf_ar", Composed(Autoregressive(RationalQuadraticMap(4, bounds), made)));
}

TEST_CASE("flows: masked autoregressive flows of nflows") {
    Generator g(1);
    const auto layer = [&] {
        return Autoregressive(
            AffineMap{AffineScale::softplus, true},
            Made<double, Tanh>(3, {.hidden = {8, 8}, .outputs = 2, .context = 2, .residual = true}, g));
    };
    check("maf", ComposedList(std::vector{layer(), layer()}));
}

TEST_CASE("flows: MAF and NSF of zuko") {
    Generator g(1);
    const auto affine = [&] { return Autoregressive(AffineMap{AffineScale::soft_clip}, MaskedMlp(6, g)); };
    check("zuko_maf", ComposedList(std::vector{affine(), affine()}));
    const SoftClippedMap map(4, {.low = -5, .high = 5});
    const auto spline = [&] { return Autoregressive(map, MaskedMlp(33, g)); };
    check("zuko_nsf", ComposedList(std::vector{spline(), spline()}));
}
