// Stochastic approximation: how fast noisy steps come to rest, measured and drawn.
//
// Each method runs many times side by side, as the elements of one tensor; what is shown is the mean squared error after k
// steps, on logarithmic axes. A slope of -1 is the best that any method can have that sees one noisy gradient a step, and
// the bound of Cramer and Rao says how low the line can lie.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

namespace {

constexpr int64_t runs = 1000, steps = 4096;
constexpr double sigma = 1, curvature = 0.3, truth = 1;  // f(w) = curvature (w - truth)^2 / 2

struct Curve {
    char mark;
    std::string name;
    std::vector<double> errors;  // after 1, 2, 4, ... steps

    /// Of the last three quarters, by least squares.
    double slope() const {
        const std::size_t from = errors.size() / 4, n = errors.size() - from;
        double x = 0, y = 0, xx = 0, xy = 0;
        for (std::size_t i = from; i < errors.size(); ++i) {
            const double a = static_cast<double>(i), b = std::log2(errors[i]);
            x += a;
            y += b;
            xx += a * a;
            xy += a * b;
        }
        const auto count = static_cast<double>(n);
        return (count * xy - x * y) / (count * xx - x * x);
    }
};

double mean_square(const Tensor<double>& error) { return mean(error * error).item(); }

/// Calls step(k) and keeps error() after k = 1, 2, 4, ...
template <class Step, class Error>
Curve measure(char mark, const char* name, const Step& step, const Error& error) {
    Curve curve{mark, name, {}};
    for (int64_t k = 1; k <= steps; ++k) {
        step();
        if ((k & (k - 1)) == 0) curve.errors.push_back(error());
    }
    return curve;
}

void draw(const std::vector<Curve>& curves) {
    const int height = 26, width = 4;  // characters for a doubling of k
    const double top = 1, bottom = -12;
    std::vector<std::string> canvas(height + 1, std::string(curves[0].errors.size() * width, ' '));
    for (const Curve& curve : curves)
        for (std::size_t i = 0; i < curve.errors.size(); ++i) {
            const double y = std::fmax(bottom, std::fmin(top, std::log2(curve.errors[i])));
            canvas[static_cast<std::size_t>((top - y) / (top - bottom) * height)][i * width] = curve.mark;
        }
    for (std::size_t row = 0; row < canvas.size(); ++row)
        std::printf("2^%+6.1f |%s\n", top - static_cast<double>(row) * (top - bottom) / height,
                    canvas[row].c_str());
    std::printf("   k =    ");
    for (std::size_t i = 0; i < curves[0].errors.size(); i += 3) std::printf("%-*lld", 3 * width, 1LL << i);
    std::printf("\n\n");
}

}

int main() {
    Generator g(1);
    const Tensor<double> start = zeros<double>({runs});
    const auto noise = [&] { return randn<double>({runs}, g) * sigma; };
    // The noise of a gradient that comes from examples grows with the curvature: least squares.
    const auto gradient = [&](const Tensor<double>& w) {
        return curvature * (w - truth) + std::sqrt(curvature) * noise();
    };
    std::vector<Curve> curves;

    // The mean of numbers: steps of 1 / k towards each.
    RobbinsMonro<Tensor<double>> numbers(start);
    curves.push_back(measure(
        'm', "mean of numbers, a = 1 / k", [&] { numbers.step(numbers.at() - (truth + noise())); },
        [&] { return mean_square(numbers.at() - truth); }));

    // Descent with the step size that is right for this curvature; with one that is four times too small; and with large
    // steps that fall slowly, whose mean needs no curvature.
    RobbinsMonro<Tensor<double>> right(start, {.a = 1 / curvature, .A = 3});
    curves.push_back(measure(
        'r', "descent, a = 1 / (h k)", [&] { right.step(gradient(right.at())); },
        [&] { return mean_square(right.at() - truth); }));
    RobbinsMonro<Tensor<double>> small(start, {.a = 0.25 / curvature});
    curves.push_back(measure(
        's', "descent, a = 1 / (4 h k)", [&] { small.step(gradient(small.at())); },
        [&] { return mean_square(small.at() - truth); }));
    RobbinsMonro<Tensor<double>> slow(start, {.a = 1, .alpha = 0.6});
    curves.push_back(measure(
        'a', "average of descent, a = k^-0.6", [&] { slow.step(gradient(slow.at())); },
        [&] { return mean_square(slow.average() - truth); }));
    RobbinsMonro<Tensor<double>> last(start, {.a = 1, .alpha = 0.6});
    curves.push_back(measure(
        'l', "the last place of the same", [&] { last.step(gradient(last.at())); },
        [&] { return mean_square(last.at() - truth); }));

    // From values alone, each run on its own, as their noise is.
    const int64_t few = 50;
    std::vector<KieferWolfowitz<double>> values(
        static_cast<std::size_t>(few),
        KieferWolfowitz<double>(0.0, {.gain = {.a = 10, .A = 20}, .distance = {.alpha = 1.0 / 6}}));
    const auto value = [&](double w) {
        return std::exp(0.3 * (w - truth)) - 0.3 * w + 0.5 * randn<double>({}, g).item();
    };
    curves.push_back(measure(
        'k', "Kiefer-Wolfowitz, c = k^-1/6",
        [&] {
            for (auto& run : values) run.step(value);
        },
        [&] {
            double total = 0;
            for (auto& run : values) total += (run.at() - truth) * (run.at() - truth);
            return total / static_cast<double>(few);
        }));

    draw(curves);
    std::printf("%-34s %8s %8s %8s  %s\n", "mean squared error after k =", "16", "256", "4096", "slope");
    for (const Curve& curve : curves)
        std::printf("%c  %-31s %8.5f %8.5f %8.5f  %+.2f\n", curve.mark, curve.name.c_str(), curve.errors[4],
                    curve.errors[8], curve.errors[12], curve.slope());
    std::printf("   %-31s %8.5f %8.5f %8.5f  -1\n", "bound: sigma^2 / (h k)", sigma * sigma / curvature / 16,
                sigma * sigma / curvature / 256, sigma * sigma / curvature / 4096);

    const double ratio = curves[3].errors[12] * curvature * 4096 / (sigma * sigma);
    std::printf("\nthe average lies at %.2f times the bound\n", ratio);
    return std::fabs(ratio - 1) < 0.15 ? 0 : 1;
}
