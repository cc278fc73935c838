// Matrix products of named shapes, m x k x n, for this library and its peers.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/simd/gemm_batched.hpp>

#include "threads.hpp"

namespace support {

using namespace tapegrad;
using simd::MatrixRef;

/// C (m, n) = A B, `batch` times; a letter T says that the operand is stored transposed.
struct GemmCase {
    const char* name;
    int64_t batch, m, k, n;
    bool a_transposed, b_transposed;
};

inline constexpr GemmCase gemm_cases[] = {
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
struct GemmOperands {
    const GemmCase& s;
    Scratch<T> a{s.batch * s.m * s.k}, b{s.batch * s.k * s.n}, c{s.batch * s.m * s.n};

    explicit GemmOperands(const GemmCase& of) : s(of) {
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

/// Runs product(operands, threads) of every case under "<name>/<case>", on one and two threads.
template <class Product>
void add_gemm(const std::string& name, Product product) {
    for (const GemmCase& c : gemm_cases) {
        const auto run = [&c, product](benchmark::State& state) {
            GemmOperands<float> of(c);
            const auto pass = product(of, static_cast<int>(state.range(0)));
            for (auto _ : state) {
                pass();
                benchmark::ClobberMemory();
            }
            of.count(state);
        };
        benchmark::RegisterBenchmark((name + "/" + c.name).c_str(), run)->Apply(one_and_two);
    }
}

}
