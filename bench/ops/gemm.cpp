// Matrix products of named shapes, beside the rate of fma alone; the peers' stand in bench/peers.
#include <memory>

#include "../support/gemm_cases.hpp"
#include "../support/threads.hpp"

namespace {

using namespace support;
using simd::Batch;

template <class T>
void product(GemmOperands<T>& of) {
    const GemmCase& s = of.s;
    if (s.batch == 1)
        simd::gemm(s.m, s.n, s.k, of.left(), of.right(), of.c.data(), s.n);
    else
        simd::gemm_batched(s.batch, s.m, s.n, s.k, of.left(), of.right(), of.c.data(), s.n,
                           simd::GemmStrides{s.m * s.k, s.k * s.n, s.m * s.n});
}

void double_product(benchmark::State& state) {
    const Threads threads(state.range(0));
    GemmOperands<double> of(gemm_cases[0]);
    for (auto _ : state) {
        product(of);
        benchmark::ClobberMemory();
    }
    of.count(state);
}
BENCHMARK(double_product)->Name("gemm_double/square_1024x1024x1024_nn")->Apply(support::one_and_two);

/// The limit: independent fma and nothing else, on one core.
template <class T, std::size_t... I>
void fma_steps(Batch<T>* sum, int steps, std::index_sequence<I...>) {
    const Batch<T> factor(T(0.999)), term(T(0.001));
    Batch<T> v[] = {sum[I]...};
    for (int i = 0; i < steps; ++i) ((v[I] = simd::fma(v[I], factor, term)), ...);
    ((sum[I] = v[I]), ...);
}
template <class T>
void fma_peak(benchmark::State& state) {
    constexpr int chains = 12, steps = 1000;
    Batch<T> sum[chains];
    for (Batch<T>& v : sum) v = Batch<T>(T(1));
    for (auto _ : state) {
        fma_steps(sum, steps, std::make_index_sequence<chains>{});
        for (Batch<T>& v : sum) benchmark::DoNotOptimize(v);
    }
    const auto flop = 2.0 * chains * steps * static_cast<double>(Batch<T>::size);
    state.counters["GFLOP/s"] =
        benchmark::Counter(flop * static_cast<double>(state.iterations()) / 1e9, benchmark::Counter::kIsRate);
}
BENCHMARK_TEMPLATE(fma_peak, float)->Name("fma_peak/float");
BENCHMARK_TEMPLATE(fma_peak, double)->Name("fma_peak/double");

const bool registered = [] {
    add_gemm("gemm", [](GemmOperands<float>& of, int n) {
        return [&of, threads = std::make_unique<Threads>(n)] { product(of); };
    });
    return true;
}();

}
