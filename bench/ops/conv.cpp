// Convolutions of images, forward and the two gradients, in GFLOP/s of the definition. The bench of gemm
// says what a product without patches reaches.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/simd/conv.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;
using simd::ConvShape;
using std::int64_t;

/// batch x (in, size, size) -> out, square windows.
struct Shape {
    const char* name;
    int64_t batch, in, size, out, window, stride, groups;
};
constexpr Shape shapes[] = {
    {"unet_1_320x64_320_k3", 1, 320, 64, 320, 3, 1, 1},    {"unet_2_64x32_64_k3", 2, 64, 32, 64, 3, 1, 1},
    {"unet_8_128x16_256_k3", 8, 128, 16, 256, 3, 1, 1},    {"unet_1_320x64_320_k1", 1, 320, 64, 320, 1, 1, 1},
    {"unet_1_320x64_320_k3_s2", 1, 320, 64, 320, 3, 2, 1}, {"small_32_32x32_32_k3", 32, 32, 32, 32, 3, 1, 1},
    {"depthwise_2_96x56_k3", 2, 96, 56, 96, 3, 1, 96},
};

struct Images {
    ConvShape s;
    Scratch<float> x, w, y;

    explicit Images(const Shape& of)
        : s{of.batch,
            of.groups,
            of.in / of.groups,
            of.out / of.groups,
            {1, of.size, of.size},
            {1, of.window, of.window},
            {1, (of.size - 1) / of.stride + 1, (of.size - 1) / of.stride + 1},
            {1, of.stride, of.stride},
            {0, of.window / 2, of.window / 2}},
          x(of.batch * of.in * simd::volume(s.size)),
          w(of.out * s.terms()),
          y(of.batch * of.out * simd::volume(s.result)) {
        for (Scratch<float>* t : {&x, &w, &y})
            for (int64_t i = 0; i < t->size(); ++i) (*t)[i] = static_cast<float>(i % 17 - 8) / 8;
    }
    void count(benchmark::State& state) const {
        const auto flop = 2.0 * static_cast<double>(y.size() * s.terms());
        state.counters["GFLOP/s"] = benchmark::Counter(flop * static_cast<double>(state.iterations()) / 1e9,
                                                       benchmark::Counter::kIsRate);
    }
};

void forward(benchmark::State& state, const Shape& of) {
    const support::Threads threads(state.range(0));
    Images i(of);
    for (auto _ : state) simd::conv<float>(i.x.data(), i.w.data(), nullptr, i.y.data(), i.s);
    i.count(state);
}
void by_data(benchmark::State& state, const Shape& of) {
    const support::Threads threads(state.range(0));
    Images i(of);
    for (auto _ : state) simd::conv_data(i.y.data(), i.w.data(), i.x.data(), i.s);
    i.count(state);
}
void by_weight(benchmark::State& state, const Shape& of) {
    const support::Threads threads(state.range(0));
    Images i(of);
    for (auto _ : state) simd::conv_weight(i.x.data(), i.y.data(), i.w.data(), i.s);
    i.count(state);
}

const bool registered = [] {
    const auto add = [](const std::string& name, auto run, const Shape& s) {
        benchmark::RegisterBenchmark(name.c_str(), run, s)->Apply(support::one_and_two);
    };
    for (const Shape& s : shapes) {
        add(std::string("conv/") + s.name, forward, s);
        add(std::string("conv_data/") + s.name, by_data, s);
        add(std::string("conv_weight/") + s.name, by_weight, s);
    }
    return true;
}();

}
