// Benchmarks of recorded operations: the value alone, and the value with its gradient, on one and two threads.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/tensor/creation.hpp>
#include <tapegrad/tensor/random.hpp>

#include "threads.hpp"

namespace support {

using namespace tapegrad;

/// y = f(x) of random x and, as "<name>_grad/<of>", its gradient by x; bytes are those of x and y, in backward
/// those of dx and dy too.
template <class F>
void add_with_gradient(const std::string& name, const std::string& of, const Shape& shape, F f) {
    for (const bool backward_too : {false, true}) {
        const auto run = [=](benchmark::State& state) {
            const Threads threads(state.range(0));
            Generator generator(1);
            const Tensor<float> x = randn<float>(shape, generator).requires_grad_(backward_too);
            const Tensor<float> dy = ones_like(f(x.detach()));
            for (auto _ : state) {
                const Tensor<float> y = f(x);
                if (backward_too) benchmark::DoNotOptimize(grad(y, {x}, {}, dy));
            }
            state.SetBytesProcessed(state.iterations() * 4 * (x.numel() + dy.numel()) *
                                    (backward_too ? 2 : 1));
        };
        benchmark::RegisterBenchmark((name + (backward_too ? "_grad/" : "/") + of).c_str(), run)
            ->Apply(one_and_two);
    }
}

}
