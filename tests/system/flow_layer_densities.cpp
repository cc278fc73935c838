// Flows of layers, trained on points of the plane: they learn, and their densities have the mass 1.
#include <doctest/doctest.h>

#include <tapegrad/flows/act_norm.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/linear_lu.hpp>
#include <tapegrad/flows/planar.hpp>
#include <tapegrad/flows/residual.hpp>
#include <tapegrad/flows/sylvester.hpp>
#include <tapegrad/optim/adam.hpp>

using namespace tapegrad;

namespace {

/// Points about a half circle of radius 2.
Tensor<float> arc(int64_t n, Generator& generator) {
    const Tensor<float> angle = rand<float>({n, 1}, generator) * 3.14159F;
    return cat({cos(angle), sin(angle)}, 1) * 2.0F + randn<float>({n, 2}, generator) * 0.2F;
}

/// The integral of the density over [-reach, reach]^2, by the middles of cells.
template <class Density>
double mass(const Density& density, float reach, int64_t cells) {
    const no_grad values;
    const float step = 2 * reach / static_cast<float>(cells);
    Tensor<float> places = empty<float>({cells * cells, 2});
    float* out = detail::output(places);
    for (int64_t i = 0; i < cells; ++i)
        for (int64_t j = 0; j < cells; ++j) {
            *out++ = (static_cast<float>(i) + 0.5F) * step - reach;
            *out++ = (static_cast<float>(j) + 0.5F) * step - reach;
        }
    return static_cast<double>(sum(exp(density.log_prob(places))).item() * step * step);
}

/// Trains, and checks that the loss falls and that the mass is 1.
template <class B>
void check(const char* called, B bijector, int steps, double wanted) {
    CAPTURE(std::string(called));
    Generator generator(8);
    Flow density(StandardNormal<float>({2}), std::move(bijector));
    Adam optimizer(parameters<float>(density), {.lr = 2e-2});
    const auto loss = [&] { return -mean(density.log_prob(arc(128, generator))); };
    static_cast<void>(loss());
    const double before = static_cast<double>(loss().item());
    for (int i = 0; i < steps; ++i) {
        const Tensor<float> now = loss();
        zero_grad(density);
        now.backward();
        optimizer.step();
    }
    eval(density);
    const double after = static_cast<double>(loss().item());
    CAPTURE(before);
    CHECK(after < before - wanted);
    CHECK(std::fabs(mass(density, 7, 250) - 1) < 0.01);
}

}

TEST_CASE("flows of layers: trained densities have the mass 1") {
    Generator generator(4);
    using Plane = Composed<LinearLU<float>, Planar<float>>;
    std::vector<Plane> planes;
    for (int i = 0; i < 8; ++i) planes.emplace_back(LinearLU(2, generator), Planar(2, generator));
    check("planar", Composed(ActNorm(2), ComposedList(std::move(planes))), 150, 0.2);
    check("radial", Composed(ActNorm(2), Radial(2, generator), Radial(2, generator), Radial(2, generator)),
          100, 0.02);
    using Bend = Sylvester<float>;
    std::vector<Bend> bends;
    for (int i = 0; i < 4; ++i) bends.emplace_back(QrBasis<float>(2, 2, generator), generator);
    check("sylvester", Composed(ActNorm(2), ComposedList(std::move(bends))), 150, 0.2);
    using Block = ResidualFlow<float>;
    std::vector<Block> blocks;
    for (int i = 0; i < 3; ++i) blocks.emplace_back(LipschitzNet<float>({2, 16, 16, 2}, generator));
    check("residual", Composed(ActNorm(2), ComposedList(std::move(blocks))), 100, 0.1);
}
