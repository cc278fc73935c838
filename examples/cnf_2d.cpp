// Trains a continuous normalizing flow on points in the plane by maximum likelihood.
//
//   ./cnf_2d                                  two moons, as flow_matching's example 2d_cnf_maximum_likelihood
//   ./cnf_2d --set checkerboard --iterations 3000
//   ./cnf_2d --divergence rademacher --adjoint   FFJORD: an estimate of the trace, gradients by the adjoint equation
//
// Prints the loss as it goes, the integral of the density over the plane, and writes a picture: points of the set,
// points drawn, and the density. The last line is "nll" and the mean over 100 fresh batches, in nats.
#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <tapegrad/data/point_sets.hpp>
#include <tapegrad/flows/continuous.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/optim/adam.hpp>

#include "support/picture.hpp"

using namespace tapegrad;

namespace {

struct Settings {
    std::string set = "moons", divergence = "exact", method = "dopri5", out = "cnf_2d.png";
    int64_t iterations = 2000, batch = 256, width = 64;
    double lr = 1e-3, tolerance = 1e-5;
    std::uint64_t seed = 0;
    bool adjoint = false;
};

Tensor<float> draw(const std::string& set, int64_t n, Generator& generator) {
    if (set == "moons") return two_moons<float>(n, generator, {.noise = 0.1});
    if (set == "spirals") return spirals<float>(n, generator);
    if (set == "gaussians") return eight_gaussians<float>(n, generator);
    if (set == "checkerboard") return checkerboard<float>(n, generator);
    return rings<float>(n, generator);
}

Window window_of(const std::string& set) {
    if (set == "moons") return {-2.5, 3.5, -2.75, 3.25};
    if (set == "gaussians") return {-9, 9, -9, 9};
    return {-6, 6, -6, 6};
}

ContinuousOptions options_of(const Settings& s) {
    ContinuousOptions o;
    o.divergence = s.divergence == "gaussian"     ? Divergence::gaussian
                   : s.divergence == "rademacher" ? Divergence::rademacher
                                                  : Divergence::exact;
    o.adjoint = s.adjoint;
    o.ode.rtol = o.ode.atol = s.tolerance;
    o.ode.method = s.method == "tsit5"    ? OdeMethod::tsit5
                   : s.method == "bosh3"  ? OdeMethod::bosh3
                   : s.method == "dopri8" ? OdeMethod::dopri8
                   : s.method == "rk4"    ? OdeMethod::rk4
                                          : OdeMethod::dopri5;
    o.ode.step = 0.05;  // of rk4
    return o;
}

using Density = Flow<StandardNormal<float>, ContinuousFlow<TimeMlp<ELU>>>;

/// The mean over 100 batches.
double evaluate(const Density& density, const Settings& s, Generator& generator) {
    const no_grad constant;
    double total = 0;
    for (int i = 0; i < 100; ++i)
        total -= static_cast<double>(mean(density.log_prob(draw(s.set, s.batch, generator))).item());
    return total / 100;
}

void show(const Density& density, const Settings& s, Generator& generator) {
    const no_grad constant;
    const Window window = window_of(s.set);
    constexpr int64_t n = 200;
    const Tensor<float> p = exp(density.log_prob(grid_points(window, n)));
    std::printf("integral of the density %.4f\n", static_cast<double>(sum(p).item()) * grid_area(window, n));
    std::vector<Panel> panels(3, Panel(window));
    panels[0].scatter(draw(s.set, 4000, generator), grey);
    panels[1].scatter(density.sample(4000, generator), blue);
    panels[2].heat(reshape(p, {n, n}));
    save_picture(s.out, side_by_side(panels, 3));
}

void train(Density& density, const Settings& s, Generator& generator) {
    Adam optimizer(parameters(density), {.lr = s.lr});
    const auto start = std::chrono::steady_clock::now();
    double total = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < s.iterations; ++i) {
        const auto loss = -mean(density.log_prob(draw(s.set, s.batch, generator)));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        total += static_cast<double>(loss.item());
        ++count;
        if (i % 250 == 0 || i + 1 == s.iterations) {
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            std::printf("iteration %5lld  nll %.4f  %.1f s\n", static_cast<long long>(i),
                        total / static_cast<double>(count), seconds);
            std::fflush(stdout);
            total = 0;
            count = 0;
        }
    }
}

}

int main(int argc, char** argv) try {
    Settings s;
    CLI::App app("A continuous normalizing flow in the plane");
    app.add_option("--set", s.set)
        ->check(CLI::IsMember({"moons", "spirals", "gaussians", "checkerboard", "rings"}))
        ->capture_default_str();
    app.add_option("--iterations", s.iterations)->capture_default_str();
    app.add_option("--batch", s.batch)->capture_default_str();
    app.add_option("--width", s.width)->capture_default_str();
    app.add_option("--lr", s.lr)->capture_default_str();
    app.add_option("--method", s.method)
        ->check(CLI::IsMember({"dopri5", "tsit5", "bosh3", "dopri8", "rk4"}))
        ->capture_default_str();
    app.add_option("--tolerance", s.tolerance, "rtol and atol of the solver")->capture_default_str();
    app.add_option("--divergence", s.divergence, "of the field: exact, or Hutchinson's estimate")
        ->check(CLI::IsMember({"exact", "gaussian", "rademacher"}))
        ->capture_default_str();
    app.add_flag("--adjoint", s.adjoint, "gradients by the adjoint equation");
    app.add_option("--seed", s.seed)->capture_default_str();
    app.add_option("--out", s.out, "picture")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    manual_seed(s.seed);  // the directions of an estimate
    Generator generator(s.seed, 1);
    Density density(StandardNormal<float>({2}),
                    ContinuousFlow(TimeMlp<ELU>(2, {s.width, s.width, s.width}, generator), options_of(s)));
    requires_grad_(density);
    train(density, s, generator);
    // What was learnt is judged by the exact trace.
    density.bijector.options.divergence = Divergence::exact;
    show(density, s, generator);
    std::printf("nll %.4f\n", evaluate(density, s, generator));
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
