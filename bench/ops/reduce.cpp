// Sums, extremes and places of extremes over an axis beside memcpy. Bytes are those read.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/argmax.hpp>
#include <tapegrad/simd/logsumexp.hpp>
#include <tapegrad/simd/reduce.hpp>
#include <vector>

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

/// Runs on one and on two threads; `bytes` are those that a pass must read and write.
template <class F>
void add(const std::string& name, int64_t bytes, F make) {
    const auto run = [bytes, make](benchmark::State& state) {
        auto pass = make();
        const int before = num_threads();
        set_num_threads(static_cast<int>(state.range(0)));
        for (auto _ : state) {
            pass();
            benchmark::ClobberMemory();
        }
        set_num_threads(before);
        state.SetBytesProcessed(state.iterations() * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
}

/// A copy of n floats: what memory allows, at this size and hour.
void add_copy(const std::string& name, int64_t n) {
    add("memcpy/" + name, n * 8, [n] {
        return [from = values(n), to = values(n)]() mutable {
            std::memcpy(to.data(), from.data(), from.size() * 4);
        };
    });
}

struct Case {
    const char* name;
    int64_t outer, n, inner;
};
constexpr Case cases[] = {
    {"rows_256x768", 256, 768, 1},       {"rows_3072x256", 3072, 256, 1},
    {"columns_256x768", 1, 256, 768},    {"columns_3072x768", 1, 3072, 768},
    {"middle_12x64x256", 12, 64, 256},   {"few_columns_100000x3", 1, 100000, 3},
    {"vector_16777216", 1, 16777216, 1},
};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.outer * c.n * c.inner;
        add_copy(c.name, n);
        const auto along = [&c, n]<class To>(const std::string& name, auto kernel, To) {
            add(name + "/" + c.name, n * 4, [&c, n, kernel] {
                return [=, x = values(n),
                        y = std::vector<To>(static_cast<std::size_t>(c.outer * c.inner))]() mutable {
                    kernel(x.data(), y.data(), c.outer, c.n, c.inner);
                };
            });
        };
        along(
            "sum", [](auto... a) { simd::sum(a...); }, 0.0F);
        along(
            "amax", [](auto... a) { simd::amax(a...); }, 0.0F);
        along(
            "argmax", [](auto... a) { simd::argmax(a...); }, int64_t{0});
        along(
            "logsumexp", [](auto... a) { simd::logsumexp(a...); }, 0.0F);
    }
    return true;
}();

}
