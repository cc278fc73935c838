// Orders of rows with their places, beside std::sort of the values alone; searches and counts.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <tapegrad/simd/sort.hpp>
#include <tapegrad/simd/sorted.hpp>
#include <tapegrad/simd/sorted_rows.hpp>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n) {
    std::vector<T> x(static_cast<std::size_t>(n));
    uint32_t seed = 1;
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0);
    }
    return x;
}

/// Runs pass(x, y, places) on one and on two threads.
template <class T, class Pass>
void add(const std::string& name, int64_t n, Pass pass) {
    const auto run = [=](benchmark::State& state) {
        const auto x = values<T>(n);
        std::vector<T> y(x.size());
        std::vector<int64_t> places(x.size());
        const support::Threads threads(state.range(0));
        for (auto _ : state) {
            pass(x.data(), y.data(), places.data());
            benchmark::ClobberMemory();
        }
        state.SetItemsProcessed(state.iterations() * n);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->Apply(support::one_and_two);
}

struct Case {
    const char* name;
    int64_t outer, n;
};
constexpr Case cases[] = {
    {"vocabulary_8x50257", 8, 50257},      // logits, for sampling
    {"experts_8192x64", 8192, 64},         // scores of a router
    {"neighbours_256x10000", 256, 10000},  // distances
    {"vector_1000000", 1, 1000000},
};

template <class T>
void add_orders(const std::string& type) {
    for (const Case& c : cases) {
        const int64_t n = c.outer * c.n, k = c.n < 100 ? 2 : 50;
        const std::string of = type + "/" + c.name;
        add<T>("std_sort_values" + of, n, [c, n](const T* x, T* y, int64_t*) {
            std::copy(x, x + n, y);
            for (int64_t o = 0; o < c.outer; ++o) std::sort(y + o * c.n, y + (o + 1) * c.n);
        });
        add<T>("sort" + of, n,
               [c](const T* x, T* y, int64_t* places) { simd::sort(x, y, places, c.outer, c.n, false); });
        add<T>("topk" + std::to_string(k) + of, n, [c, k](const T* x, T* y, int64_t* places) {
            simd::topk(x, y, places, c.outer, c.n, k, true, true);
        });
        add<T>("median" + of, n, [c](const T* x, T*, int64_t* places) {
            simd::kth(x, places, c.outer, c.n, (c.n - 1) / 2, true);
        });
    }
}

const bool registered = [] {
    add_orders<float>("_float");
    add_orders<double>("_double");
    for (const int64_t edges : {16, 1024}) {
        const std::string of = "/1000000_in_" + std::to_string(edges);
        auto sorted = values<float>(edges);
        std::sort(sorted.begin(), sorted.end());
        add<float>("searchsorted" + of, 1000000, [sorted, edges](const float* x, float*, int64_t* places) {
            simd::search_sorted(sorted.data(), x, places, 1, edges, 1000000, true, false);
        });
        std::vector<float> even;
        for (int64_t i = 0; i <= edges; ++i)
            even.push_back(-1 + 2 * static_cast<float>(i) / static_cast<float>(edges));
        add<float>("histogram" + of, 1000000, [even, edges](const float* x, float*, int64_t*) {
            std::vector<double> counts(static_cast<std::size_t>(edges));
            simd::count_in_bins<float>(x, nullptr, 1000000, even.data(), edges, true, counts.data());
            benchmark::DoNotOptimize(counts.data());
        });
    }
    add<float>("sort_rows/100000x8", 800000, [](const float* x, float*, int64_t* places) {
        simd::order_rows(x, 100000, 8, places);
        benchmark::DoNotOptimize(simd::find_row_runs(x, places, 100000, 8, nullptr));
    });
    return true;
}();

}
