// The number of threads that a benchmark runs on.
#pragma once

#include <benchmark/benchmark.h>

#include <tapegrad/core/parallel.hpp>

namespace support {

/// A benchmark's argument is its number of threads, one and two; what counts is the time on the wall.
inline void one_and_two(benchmark::internal::Benchmark* b) {
    b->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
}

/// Sets the number of threads, and sets it back when it dies.
class Threads {
public:
    explicit Threads(int64_t n) { tapegrad::set_num_threads(static_cast<int>(n)); }
    ~Threads() { tapegrad::set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_ = tapegrad::num_threads();
};

}
