// Elementary functions over 4096 elements that stay in the first-level cache. The counter `ns_per_element` is
// the figure to read: exp, log, tanh, erf, sin and cos of float take 0.5 to 1 ns with AVX-512.
#include <benchmark/benchmark.h>

#include <array>
#include <tapegrad/simd/math.hpp>

namespace {

using tapegrad::simd::Batch;
using tapegrad::simd::width;

constexpr std::int64_t count = 4096;

void report(benchmark::State& state) {
    using benchmark::Counter;
    state.counters["ns_per_element"] =
        Counter(static_cast<double>(count) * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

template <class T, class F>
void unary(benchmark::State& state, F f, T low, T high) {
    alignas(64) std::array<T, count> x, y;
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = low + (high - low) * static_cast<T>(i * 2654435761u % count) / T(count);
    for (auto _ : state) {
        for (std::int64_t i = 0; i < count; i += width<T>)
            f(Batch<T>::load(x.data() + i)).store(y.data() + i);
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    }
    report(state);
}
template <class T, class F>
void binary(benchmark::State& state, F f, T low, T high) {
    alignas(64) std::array<T, count> x, y, z;
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = low + (high - low) * static_cast<T>(i * 2654435761u % count) / T(count);
        y[i] = low + (high - low) * static_cast<T>(i * 40503u % count) / T(count);
    }
    for (auto _ : state) {
        for (std::int64_t i = 0; i < count; i += width<T>)
            f(Batch<T>::load(x.data() + i), Batch<T>::load(y.data() + i)).store(z.data() + i);
        benchmark::DoNotOptimize(z.data());
        benchmark::ClobberMemory();
    }
    report(state);
}

/// The first derivative of digamma, with the names of this file.
template <class T>
Batch<T> trigamma(const Batch<T>& x) {
    return tapegrad::simd::polygamma(1, x);
}

#define UNARY(name, low, high)                                          \
    void name##_float(benchmark::State& s) {                            \
        unary<float>(                                                   \
            s, [](const auto& x) { return name(x); }, low##f, high##f); \
    }                                                                   \
    void name##_double(benchmark::State& s) {                           \
        unary<double>(                                                  \
            s, [](const auto& x) { return name(x); }, low, high);       \
    }                                                                   \
    BENCHMARK(name##_float);                                            \
    BENCHMARK(name##_double)
#define BINARY(name, low, high)                                                           \
    void name##_float(benchmark::State& s) {                                              \
        binary<float>(                                                                    \
            s, [](const auto& x, const auto& y) { return name(x, y); }, low##f, high##f); \
    }                                                                                     \
    void name##_double(benchmark::State& s) {                                             \
        binary<double>(                                                                   \
            s, [](const auto& x, const auto& y) { return name(x, y); }, low, high);       \
    }                                                                                     \
    BENCHMARK(name##_float);                                                              \
    BENCHMARK(name##_double)

UNARY(exp, -10.0, 10.0);
UNARY(exp2, -10.0, 10.0);
UNARY(expm1, -10.0, 10.0);
UNARY(log, 0.01, 100.0);
UNARY(log2, 0.01, 100.0);
UNARY(log10, 0.01, 100.0);
UNARY(log1p, -0.9, 100.0);
UNARY(sqrt, 0.0, 100.0);
UNARY(sin, -10.0, 10.0);
UNARY(cos, -10.0, 10.0);
UNARY(tan, -10.0, 10.0);
UNARY(asin, -1.0, 1.0);
UNARY(acos, -1.0, 1.0);
UNARY(atan, -10.0, 10.0);
UNARY(sinh, -10.0, 10.0);
UNARY(cosh, -10.0, 10.0);
UNARY(tanh, -5.0, 5.0);
UNARY(asinh, -10.0, 10.0);
UNARY(acosh, 1.0, 10.0);
UNARY(atanh, -1.0, 1.0);
UNARY(erf, -3.0, 3.0);
UNARY(erfc, -3.0, 3.0);
UNARY(ndtr, -5.0, 5.0);
UNARY(erfinv, -1.0, 1.0);
UNARY(lgamma, 0.0, 20.0);
UNARY(digamma, 0.0, 20.0);
UNARY(trigamma, 0.0, 20.0);
UNARY(floor, -10.0, 10.0);
UNARY(round, -10.0, 10.0);
BINARY(pow, 0.01, 10.0);
BINARY(atan2, -10.0, 10.0);
BINARY(hypot, -10.0, 10.0);
BINARY(fmod, 0.01, 10.0);
BINARY(remainder, 0.01, 10.0);

}

BENCHMARK_MAIN();
