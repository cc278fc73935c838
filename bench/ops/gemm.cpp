// Matrix products of named shapes, m x k x n, beside the rate of fma alone and, with TAPEGRAD_BENCH_OPENBLAS,
// OpenBLAS (Debian's takes new CPUs for old ones: set OPENBLAS_CORETYPE=SkylakeX where there is AVX-512,
// Haswell elsewhere).
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/simd/gemm_batched.hpp>
#include <vector>

#ifdef TAPEGRAD_BENCH_OPENBLAS
#include <cblas.h>
#endif

namespace {

using namespace tapegrad;
using simd::Batch;
using simd::MatrixRef;
using std::int64_t;

/// C (m, n) = A B, `batch` times; a letter T says that the operand is stored transposed.
struct Shape {
    const char* name;
    int64_t batch, m, k, n;
    bool a_transposed, b_transposed;
};

constexpr Shape shapes[] = {
    {"square_1024x1024x1024_nn", 1, 1024, 1024, 1024, false, false},
    {"square_1024x1024x1024_nt", 1, 1024, 1024, 1024, false, true},
    {"nanogpt_768x128x512_nt", 1, 768, 128, 512, false, true},
    {"nanogpt_dx_768x512x128_nn", 1, 768, 512, 128, false, false},
    {"nanogpt_dw_512x768x128_tn", 1, 512, 768, 128, true, false},
    {"nanogpt_qkv_768x128x384_nt", 1, 768, 128, 384, false, true},
    {"nanogpt_head_768x128x65_nt", 1, 768, 128, 65, false, true},
    {"nanogpt_head_dw_65x768x128_tn", 1, 65, 768, 128, true, false},
    {"attention_qk_48_64x32x64_nt", 48, 64, 32, 64, false, true},
    {"attention_pv_48_64x64x32_nn", 48, 64, 64, 32, false, false},
    {"attention_dk_48_64x64x32_tn", 48, 64, 64, 32, true, false},
    {"gpt2_mlp_256x768x3072_nt", 1, 256, 768, 3072, false, true},
    {"gpt2_mlp_256x3072x768_nt", 1, 256, 3072, 768, false, true},
    {"gpt2_mlp_dw_3072x256x768_tn", 1, 3072, 256, 768, true, false},
    {"gpt2_head_64x768x50257_nt", 1, 64, 768, 50257, false, true},
    {"decode_1x768x3072_nt", 1, 1, 768, 3072, false, true},
    {"decode_1x768x50257_nt", 1, 1, 768, 50257, false, true},
    {"small_64x64x64_nn", 1, 64, 64, 64, false, false},
    {"small_16x16x16_nn", 1, 16, 16, 16, false, false},
    {"small_8x8x8_nn", 1, 8, 8, 8, false, false},
};

template <class T>
struct Operands {
    const Shape& s;
    Scratch<T> a{s.batch * s.m * s.k}, b{s.batch * s.k * s.n}, c{s.batch * s.m * s.n};

    explicit Operands(const Shape& shape) : s(shape) {
        for (int64_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(i % 17 - 8) / T(8);
        for (int64_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(i % 13 - 6) / T(8);
    }
    MatrixRef<T> left() const { return {a.data(), s.a_transposed ? 1 : s.k, s.a_transposed ? s.m : 1}; }
    MatrixRef<T> right() const { return {b.data(), s.b_transposed ? 1 : s.n, s.b_transposed ? s.k : 1}; }

    void count(benchmark::State& state) const {
        const auto runs = static_cast<double>(state.iterations());
        const auto flop = 2.0 * static_cast<double>(s.batch * s.m * s.k * s.n);
        const auto bytes =
            static_cast<double>((a.size() + b.size() + c.size()) * static_cast<int64_t>(sizeof(T)));
        state.counters["GFLOP/s"] = benchmark::Counter(flop * runs / 1e9, benchmark::Counter::kIsRate);
        state.counters["GB/s"] = benchmark::Counter(bytes * runs / 1e9, benchmark::Counter::kIsRate);
    }
};

template <class T>
void product(benchmark::State& state, const Shape& shape) {
    Operands<T> of(shape);
    const int before = num_threads();
    set_num_threads(static_cast<int>(state.range(0)));
    for (auto _ : state) {
        if (shape.batch == 1)
            simd::gemm(shape.m, shape.n, shape.k, of.left(), of.right(), of.c.data(), shape.n);
        else
            simd::gemm_batched(shape.batch, shape.m, shape.n, shape.k, of.left(), of.right(), of.c.data(),
                               shape.n,
                               simd::GemmStrides{shape.m * shape.k, shape.k * shape.n, shape.m * shape.n});
        benchmark::ClobberMemory();
    }
    set_num_threads(before);
    of.count(state);
}

#ifdef TAPEGRAD_BENCH_OPENBLAS
void openblas(benchmark::State& state, const Shape& s) {
    Operands<float> of(s);
    openblas_set_num_threads(static_cast<int>(state.range(0)));
    const auto lda = static_cast<int>(s.a_transposed ? s.m : s.k),
               ldb = static_cast<int>(s.b_transposed ? s.k : s.n);
    for (auto _ : state) {
        for (int64_t q = 0; q < s.batch; ++q)
            cblas_sgemm(CblasRowMajor, s.a_transposed ? CblasTrans : CblasNoTrans,
                        s.b_transposed ? CblasTrans : CblasNoTrans, static_cast<int>(s.m),
                        static_cast<int>(s.n), static_cast<int>(s.k), 1.0F, of.a.data() + q * s.m * s.k, lda,
                        of.b.data() + q * s.k * s.n, ldb, 0.0F, of.c.data() + q * s.m * s.n,
                        static_cast<int>(s.n));
        benchmark::ClobberMemory();
    }
    of.count(state);
}
#endif

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
    const auto add = [](const std::string& name, auto run) {
        benchmark::RegisterBenchmark(name.c_str(), run)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
    };
    for (const Shape& s : shapes) {
        add(std::string("gemm/") + s.name, [&s](benchmark::State& state) { product<float>(state, s); });
#ifdef TAPEGRAD_BENCH_OPENBLAS
        add(std::string("openblas/") + s.name, [&s](benchmark::State& state) { openblas(state, s); });
#endif
    }
    add("gemm/double_square_1024x1024x1024_nn",
        [](benchmark::State& state) { product<double>(state, shapes[0]); });
    return true;
}();

}
