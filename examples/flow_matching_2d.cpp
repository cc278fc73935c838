// Trains a field of velocities to move one set of points in the plane to another, by flow matching.
//
//   ./flow_matching_2d                                       eight Gaussians to two moons, as torchcfm's tutorial
//   ./flow_matching_2d --pairs exact                      in pairs by optimal transport: straighter ways
//   ./flow_matching_2d --source normal --set checkerboard --likelihood
//   ./flow_matching_2d --source normal --set rings --reflow 5000
//
// Prints the loss as it goes, the time of all steps, and writes a picture: the points moved, their ways, and with
// --likelihood the density. The last line is "loss" and the mean over the last 1000 steps.
#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <tapegrad/data/point_sets.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/flow_matching/pairing.hpp>
#include <tapegrad/flows/flow_matching/rectified.hpp>
#include <tapegrad/optim/adam.hpp>

#include "support/picture.hpp"

using namespace tapegrad;

namespace {

struct Settings {
    std::string source = "gaussians", set = "moons", path = "straight", pairs = "independent",
                out = "flow_matching_2d.png";
    int64_t steps = 20000, batch = 256, width = 64, reflow = 0;
    double lr = 1e-3, sigma = 0.1;
    std::uint64_t seed = 0;
    bool likelihood = false;
};

Tensor<float> draw(const std::string& set, int64_t n, Generator& generator) {
    if (set == "normal") return randn<float>({n, 2}, generator);
    if (set == "moons")
        return two_moons<float>(n, generator,
                                {.noise = 0, .shared = 0.2, .scale = 3, .shift = -1, .spaced = true});
    if (set == "spirals") return spirals<float>(n, generator);
    if (set == "gaussians") return eight_gaussians<float>(n, generator);
    if (set == "checkerboard") return checkerboard<float>(n, generator);
    return rings<float>(n, generator);
}

/// The density of the source, where it is known.
struct Source {
    using Value = Tensor<float>;
    std::string set;

    Tensor<float> log_prob(const Tensor<float>& x) const {
        if (set == "normal") return StandardNormal<float>({2}).log_prob(x);
        const EightGaussians g;
        Tensor<float> means = empty<float>({8, 2});
        for (int k = 0; k < 8; ++k) {
            means.mutable_data()[2 * k] = static_cast<float>(g.radius * std::cos(k * std::numbers::pi / 4));
            means.mutable_data()[2 * k + 1] =
                static_cast<float>(g.radius * std::sin(k * std::numbers::pi / 4));
        }
        const double variance = g.std * g.std;
        return logsumexp(square(cdist(x, means)) * static_cast<float>(-0.5 / variance), {1}) -
               static_cast<float>(std::log(16 * std::numbers::pi * variance));
    }
};

using Field = TimeMlp<SELU>;

template <class Path>
double train(Field& field, const Path& path, Pairing pairing, const Settings& s, int64_t steps,
             const ReflowPairs<float>* pairs, Generator& generator) {
    Adam optimizer(parameters(field), {.lr = s.lr});
    double total = 0, last = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int64_t step = 1; step <= steps; ++step) {
        Tensor<float> x0, x1;
        if (pairs != nullptr) {
            const auto rows = randint<int64_t>(0, pairs->noise.size(0), {s.batch}, generator);
            x0 = index_select(pairs->noise, 0, rows);
            x1 = index_select(pairs->data, 0, rows);
        } else {
            x0 = draw(s.source, s.batch, generator);
            x1 = draw(s.set, s.batch, generator);
            std::tie(x0, x1) =
                make_pairs(x0, x1, pairing, generator, {.regularization = 2 * s.sigma * s.sigma});
        }
        const auto loss = flow_matching_loss(field, sample_path(path, x0, x1, generator));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        const auto value = static_cast<double>(loss.item());
        if (step > steps - 1000) last += value;
        total += value;
        if (step % 5000 == 0 || step == steps) {
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            const int64_t part = step % 5000 == 0 ? 5000 : step % 5000;
            std::printf("step %6lld  loss %.3f  mean of the last %lld %.3f  %.2f s  %.3f ms a step\n",
                        static_cast<long long>(step), value, static_cast<long long>(part),
                        total / static_cast<double>(part), seconds,
                        1000 * seconds / static_cast<double>(step));
            total = 0;
        }
    }
    return last / static_cast<double>(std::min<int64_t>(steps, 1000));
}

double train(Field& field, const Settings& s, int64_t steps, const ReflowPairs<float>* pairs,
             Generator& generator) {
    const Pairing pairing = s.pairs == "exact"      ? Pairing::exact
                            : s.pairs == "sinkhorn" ? Pairing::sinkhorn
                                                    : Pairing::independent;
    if (pairs != nullptr) return train(field, StraightPath{}, pairing, s, steps, pairs, generator);
    if (s.path == "target") return train(field, TargetPath{s.sigma}, pairing, s, steps, pairs, generator);
    if (s.path == "bridge") return train(field, BridgePath{s.sigma}, pairing, s, steps, pairs, generator);
    if (s.path == "circular") return train(field, CircularPath{s.sigma}, pairing, s, steps, pairs, generator);
    return train(field, StraightPath{s.sigma}, pairing, s, steps, pairs, generator);
}

void show(const Field& field, const Settings& s, Generator& generator) {
    const no_grad constant;
    const Window window{-8, 8, -8, 8};
    std::vector<Panel> panels(3, Panel(window));
    panels[0].scatter(draw(s.set, 4000, generator), grey);
    const Tensor<float> noise = draw(s.source, 4000, generator);
    std::vector<double> times;
    for (int i = 0; i <= 50; ++i) times.push_back(i / 50.0);
    const auto way = odeint(field, noise, times, {.rtol = 1e-4, .atol = 1e-4});
    panels[1].scatter(way.last(), blue);
    for (int64_t i = 0; i < 500; ++i)
        for (std::size_t k = 0; k + 1 < times.size(); ++k) {
            const float *a = way.y[k].data() + 2 * i, *b = way.y[k + 1].data() + 2 * i;
            panels[2].line(static_cast<double>(a[0]), static_cast<double>(a[1]), static_cast<double>(b[0]),
                           static_cast<double>(b[1]), green, 0.25);
        }
    panels[2].scatter(narrow(noise, 0, 0, 500), black);
    panels[2].scatter(narrow(way.last(), 0, 0, 500), blue);
    std::printf("straightness %.4f, %lld evaluations of the field\n",
                static_cast<double>(straightness(field, noise).item()),
                static_cast<long long>(way.stats.evaluations));
    if (s.likelihood) {
        const Flow density(Source{s.source}, ContinuousFlow(field));
        const double nll = -static_cast<double>(mean(density.log_prob(draw(s.set, 10000, generator))).item());
        constexpr int64_t n = 200;
        const Tensor<float> p = exp(density.log_prob(grid_points(window, n)));
        std::printf("nll %.4f nats, integral of the density %.4f\n", nll,
                    static_cast<double>(sum(p).item()) * grid_area(window, n));
        panels.emplace_back(window).heat(reshape(p, {n, n}));
    }
    save_picture(s.out, side_by_side(panels, 4));
}

}

int main(int argc, char** argv) try {
    Settings s;
    CLI::App app("Flow matching in the plane");
    const CLI::IsMember sets({"normal", "moons", "spirals", "gaussians", "checkerboard", "rings"});
    app.add_option("--source", s.source, "where points come from")->check(sets)->capture_default_str();
    app.add_option("--set", s.set, "where they go")->check(sets)->capture_default_str();
    app.add_option("--path", s.path)
        ->check(CLI::IsMember({"straight", "target", "bridge", "circular"}))
        ->capture_default_str();
    app.add_option("--pairs", s.pairs, "pairs of a batch")
        ->check(CLI::IsMember({"independent", "exact", "sinkhorn"}))
        ->capture_default_str();
    app.add_option("--sigma", s.sigma, "noise of the path")->capture_default_str();
    app.add_option("--steps", s.steps)->capture_default_str();
    app.add_option("--batch", s.batch)->capture_default_str();
    app.add_option("--width", s.width)->capture_default_str();
    app.add_option("--lr", s.lr)->capture_default_str();
    app.add_option("--seed", s.seed)->capture_default_str();
    app.add_option("--reflow", s.reflow, "steps of a second training on the pairs of the first")
        ->capture_default_str();
    app.add_flag("--likelihood", s.likelihood, "the density too, of a source normal or gaussians");
    app.add_option("--out", s.out, "picture")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (s.likelihood && s.source != "normal" && s.source != "gaussians")
        throw ValueError("flow_matching_2d: the density of " + s.source +
                         " is not at hand; take normal or gaussians");

    Generator generator(s.seed);
    Field field(2, {s.width, s.width, s.width}, generator);
    requires_grad_(field);
    double loss = train(field, s, s.steps, nullptr, generator);
    if (s.reflow > 0) {
        const auto pairs = reflow(field, draw(s.source, 20000, generator));
        std::printf("straightness before reflow %.4f\n",
                    static_cast<double>(straightness(field, narrow(pairs.noise, 0, 0, 2000)).item()));
        loss = train(field, s, s.reflow, &pairs, generator);
    }
    show(field, s, generator);
    std::printf("loss %.4f\n", loss);
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
