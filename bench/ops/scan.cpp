// Running values along an axis beside memcpy. Bytes are those read and written.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/scan.hpp>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

std::vector<float> values(int64_t n) {
    std::vector<float> x(static_cast<std::size_t>(n));
    uint32_t seed = 1;
    for (float& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<float>(static_cast<int32_t>(seed)) / 2147483648.0F;
    }
    return x;
}

/// Runs pass(x, y, places) on one and on two threads.
template <class Pass>
void add(const std::string& name, int64_t n, int64_t bytes, Pass pass) {
    const auto run = [=](benchmark::State& state) {
        const auto x = values(n);
        std::vector<float> y(x.size());
        std::vector<int64_t> places(x.size());
        const support::Threads threads(state.range(0));
        for (auto _ : state) {
            pass(x.data(), y.data(), places.data());
            benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * n * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->Apply(support::one_and_two);
}

struct Case {
    const char* name;
    int64_t outer, n, inner;
};
constexpr Case cases[] = {
    {"nucleus_64x50257", 64, 50257, 1},   // probabilities of a vocabulary, for top-p sampling
    {"rays_8192x128", 8192, 128, 1},      // densities along rays
    {"positions_32x1024", 32, 1024, 1},   // a mask of tokens, for their positions
    {"states_8x1024x768", 8, 1024, 768},  // along time, for every channel
    {"vector_16777216", 1, 16777216, 1},
};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.outer * c.n * c.inner;
        const std::string of = std::string("/") + c.name;
        add("memcpy" + of, n, 8, [n](const float* x, float* y, int64_t*) {
            std::memcpy(y, x, static_cast<std::size_t>(n) * sizeof(float));
        });
        add("cumsum" + of, n, 8,
            [c](const float* x, float* y, int64_t*) { simd::cumsum(x, y, c.outer, c.n, c.inner); });
        add("cumprod" + of, n, 8,
            [c](const float* x, float* y, int64_t*) { simd::cumprod(x, y, c.outer, c.n, c.inner); });
        add("recurrence" + of, n, 12,
            [c](const float* x, float* y, int64_t*) { simd::recurrence(x, x, y, c.outer, c.n, c.inner); });
        add("logcumsumexp" + of, n, 8,
            [c](const float* x, float* y, int64_t*) { simd::logcumsumexp(x, y, c.outer, c.n, c.inner); });
        add("cummax" + of, n, 16, [c](const float* x, float* y, int64_t* places) {
            simd::cummax(x, y, places, c.outer, c.n, c.inner);
        });
    }
    return true;
}();

}
