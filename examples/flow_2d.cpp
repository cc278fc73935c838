// Learns densities of points in the plane by normalizing flows, and draws them.
//
//   ./flow_2d                                            every set, by a neural spline flow
//   ./flow_2d --set rings --flow maf --steps 5000        one set, by another flow
//
// A line for each set: the negative log-likelihood of new points in nats, the speed, and the integral of the density over
// the plane, which is 1. The picture has a row for each set: points, density, draws.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include <tapegrad/data/point_sets.hpp>
#include <tapegrad/density/made.hpp>
#include <tapegrad/flows/autoregressive.hpp>
#include <tapegrad/flows/coupling.hpp>
#include <tapegrad/flows/elementwise.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/permutation.hpp>
#include <tapegrad/flows/spline_map.hpp>
#include <tapegrad/nn/residual_net.hpp>
#include <tapegrad/ops/variance.hpp>
#include <tapegrad/optim/adam.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/optim/schedule.hpp>

#include "support/picture.hpp"

using namespace tapegrad;

namespace {

struct Settings {
    std::string set = "all", flow = "nsf", out = "flow_2d.png";
    int64_t layers = 6, hidden = 64, steps = 3000, batch = 256, grid = 600;
    double lr = 1e-3;
    uint64_t seed = 1;

    void add_to(CLI::App& app) {
        app.add_option("--set", set)
            ->check(CLI::IsMember({"all", "moons", "spirals", "gaussians", "checkerboard", "rings"}));
        app.add_option("--flow", flow)->check(CLI::IsMember({"nsf", "realnvp", "maf", "nsf_ar"}));
        app.add_option("--out", out, "the picture");
        app.add_option("--layers", layers)->check(CLI::PositiveNumber);
        app.add_option("--hidden", hidden, "units of the networks' layers")->check(CLI::PositiveNumber);
        app.add_option("--steps", steps)->check(CLI::PositiveNumber);
        app.add_option("--batch", batch)->check(CLI::PositiveNumber);
        app.add_option("--grid", grid, "points along an axis that the integral takes")
            ->check(CLI::PositiveNumber);
        app.add_option("--lr", lr);
        app.add_option("--seed", seed);
    }
};

struct Set {
    const char* name;
    Tensor<float> (*draw)(int64_t, Generator&);
};
constexpr Set sets[] = {
    {"moons", [](int64_t n, Generator& g) { return two_moons<float>(n, g); }},
    {"spirals", [](int64_t n, Generator& g) { return spirals<float>(n, g); }},
    {"gaussians", [](int64_t n, Generator& g) { return eight_gaussians<float>(n, g); }},
    {"checkerboard", [](int64_t n, Generator& g) { return checkerboard<float>(n, g); }},
    {"rings", [](int64_t n, Generator& g) { return rings<float>(n, g); }},
};

/// What brings the points to mean 0 and deviation 1, where splines of [-3, 3] hold them all.
AffineBijector<float> standardizing(const Tensor<float>& x) {
    const Tensor<float> scale = 1 / stddev(x, {0});
    return {-mean(x, {0}) * scale, scale};
}

/// The density on the middles of grid x grid squares of a window, (grid, grid).
template <class F>
Tensor<float> density_on(const F& flow, const Window& window, int64_t grid) {
    const no_grad constant;
    const Tensor<float> points = grid_points(window, grid);
    std::vector<Tensor<float>> parts;
    for (int64_t i = 0; i < points.size(0); i += 4096)
        parts.push_back(exp(flow.log_prob(slice(points, 0, i, i + 4096))));
    return reshape(cat(parts), {grid, grid});
}

template <class F>
void train(F flow, const Set& set, const Settings& s, std::vector<Panel>& panels) {
    Generator data(s.seed, 1), drawing(s.seed, 2);
    Adam<> optimizer(parameters(flow), {.lr = s.lr});
    const auto began = std::chrono::steady_clock::now();
    for (int64_t step = 0; step < s.steps; ++step) {
        const Tensor<float> loss = -mean(flow.log_prob(set.draw(s.batch, data)));
        optimizer.zero_grad();
        backward(loss);
        clip_grad_norm(parameters(flow), 5);
        optimizer.set_lr(cosine_with_warmup(step, {.warmup = 100, .total = s.steps, .max_lr = s.lr}));
        optimizer.step();
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

    const no_grad constant;
    const Tensor<float> test = set.draw(10000, drawing), drawn = flow.sample(10000, drawing);
    const auto nll = -static_cast<double>(mean(flow.log_prob(test)).item());
    const double reach = 1.3 * static_cast<double>(amax(abs(test)).item()), far = 3 * reach;
    const Window window{-reach, reach, -reach, reach}, plane{-far, far, -far, far};
    const double integral = static_cast<double>(sum(density_on(flow, plane, 3 * s.grid / 2)).item()) *
                            grid_area(plane, 3 * s.grid / 2);
    std::printf("%-12s %s  nll %.3f nats  %.2f ms a step  integral %.4f\n", set.name, s.flow.c_str(), nll,
                1e3 * seconds / static_cast<double>(s.steps), integral);
    std::fflush(stdout);

    Panel points(window), heat(window), draws(window);
    points.scatter(test, blue, 0.4);
    heat.heat(density_on(flow, window, points.size()));
    draws.scatter(drawn, orange, 0.4);
    panels.insert(panels.end(), {points, heat, draws});
}

template <class Layer>
void train(std::vector<Layer> layers, const Set& set, const Settings& s, std::vector<Panel>& panels) {
    Generator data(s.seed, 3);
    const Composed bijector(standardizing(set.draw(10000, data)), ComposedList(std::move(layers)));
    train(Flow(StandardNormal<float>({2}), bijector), set, s, panels);
}

template <class Map>
void coupling(const Map& map, const Set& set, const Settings& s, std::vector<Panel>& panels) {
    Generator first(s.seed, 0);
    std::vector<Coupling<Map, ResidualNet<>>> layers;
    for (int64_t i = 0; i < s.layers; ++i)
        layers.emplace_back(alternating_mask(2, i % 2 == 0), map,
                            ResidualNet<>(1, map.count, s.hidden, {}, first));
    train(std::move(layers), set, s, panels);
}

template <class Map>
void autoregressive(const Map& map, const Set& set, const Settings& s, std::vector<Panel>& panels) {
    Generator first(s.seed, 0);
    std::vector<Composed<Autoregressive<Map, Made<>>, Permutation>> layers;
    for (int64_t i = 0; i < s.layers; ++i)
        layers.emplace_back(
            Autoregressive(map, Made<>(2, {.hidden = {s.hidden, s.hidden}, .outputs = map.count}, first)),
            Permutation::reversed(2));
    train(std::move(layers), set, s, panels);
}

void run(const Settings& s) {
    const SplineOptions bounds{.low = -3, .high = 3, .scale = 1 / std::sqrt(static_cast<double>(s.hidden))};
    std::vector<Panel> panels;
    for (const Set& set : sets) {
        if (s.set != "all" && s.set != set.name) continue;
        if (s.flow == "nsf") coupling(RationalQuadraticMap(8, bounds), set, s, panels);
        if (s.flow == "realnvp") coupling(AffineMap(), set, s, panels);
        if (s.flow == "maf") autoregressive(AffineMap{AffineScale::softplus, true}, set, s, panels);
        if (s.flow == "nsf_ar") autoregressive(RationalQuadraticMap(8, bounds), set, s, panels);
    }
    save_picture(s.out, side_by_side(panels, 3));
}

}

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Densities of points in the plane");
    settings.add_to(app);
    CLI11_PARSE(app, argc, argv);
    try {
        run(settings);
        return 0;
    } catch (const Error& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
