// Benchmarks of passes over memory, on one and two threads, beside a memcpy of the same size.
#pragma once

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "threads.hpp"

namespace support {

using namespace tapegrad;

inline std::vector<float> values(int64_t n) {
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
        const Threads threads(state.range(0));
        for (auto _ : state) {
            pass();
            benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->Apply(one_and_two);
}

/// A copy of n floats: what memory allows, at this size and hour.
inline void add_copy(const std::string& name, int64_t n) {
    add("memcpy/" + name, n * 8, [n] {
        return [from = values(n), to = values(n)]() mutable {
            std::memcpy(to.data(), from.data(), from.size() * 4);
        };
    });
}

}
