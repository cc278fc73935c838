// Images in another size, forward and backward; bytes are those of x and y once.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/interpolate.hpp>
#include <tapegrad/tensor/random.hpp>

namespace {

using namespace tapegrad;

struct Case {
    const char* name;
    Shape shape;
    InterpolateOptions options;
};
const Case cases[] = {
    {"nearest_2x_1x320x32x32", {1, 320, 32, 32}, {.scale_factor = {2}}},
    {"bilinear_2x_1x320x32x32", {1, 320, 32, 32}, {.scale_factor = {2}, .mode = InterpolateMode::bilinear}},
    {"bicubic_2x_8x3x256x256", {8, 3, 256, 256}, {.scale_factor = {2}, .mode = InterpolateMode::bicubic}},
    {"antialias_half_8x3x256x256",
     {8, 3, 256, 256},
     {.scale_factor = {0.5}, .mode = InterpolateMode::bilinear, .antialias = true}},
};

void resample(benchmark::State& state, const Case& of, bool backward_too) {
    Generator generator(1);
    const auto x = randn<float>(of.shape, generator).requires_grad_(backward_too);
    const auto dy = ones_like(interpolate(x.detach(), of.options));
    for (auto _ : state) {
        const auto y = interpolate(x, of.options);
        if (backward_too) benchmark::DoNotOptimize(grad(y, {x}, {}, dy));
    }
    const auto bytes = static_cast<double>(4 * (x.numel() + dy.numel()) * (backward_too ? 2 : 1));
    state.counters["GB/s"] = benchmark::Counter(bytes * static_cast<double>(state.iterations()) / 1e9,
                                                benchmark::Counter::kIsRate);
}

const bool registered = [] {
    for (const Case& c : cases)
        for (const bool both : {false, true})
            benchmark::RegisterBenchmark(
                (std::string(both ? "interpolate_grad/" : "interpolate/") + c.name).c_str(),
                [&c, both](benchmark::State& s) { resample(s, c, both); })
                ->UseRealTime();
    return true;
}();

}
