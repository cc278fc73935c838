// What an operation costs beside its arithmetic: chains on four floats. ns/op counts each operation once,
// forward and backward together.
#include <benchmark/benchmark.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/tensor/creation.hpp>

namespace {

using namespace tapegrad;

constexpr int length = 20;

void count(benchmark::State& state) {
    state.counters["ns/op"] = benchmark::Counter(
        length * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Products, sums and functions in turn; w is a constant.
template <class T>
Tensor<T> chain(const Tensor<T>& x, const Tensor<T>& w) {
    Tensor<T> y = x;
    for (int i = 0; i < length / 4; ++i) y = tanh(y * w + w) * w;
    return y;
}

template <class T>
void chain_forward(benchmark::State& state) {
    const no_grad off;
    const Tensor<T> x = full<T>({4}, T(0.5)), w = full<T>({4}, T(1.1));
    for (auto _ : state) benchmark::DoNotOptimize(chain(x, w).data());
    count(state);
}

template <class T>
void chain_with_gradient(benchmark::State& state) {
    Tensor<T> x = full<T>({4}, T(0.5)).requires_grad_();
    const Tensor<T> w = full<T>({4}, T(1.1));
    const Tensor<T> dy = full<T>({4}, T(1));
    for (auto _ : state) {
        x.zero_grad();
        backward(chain(x, w), dy);
        benchmark::DoNotOptimize(x.grad().data());
    }
    count(state);
}

BENCHMARK_TEMPLATE(chain_forward, float)->Name("chain_of_20/forward/float");
BENCHMARK_TEMPLATE(chain_with_gradient, float)->Name("chain_of_20/forward_backward/float");
BENCHMARK_TEMPLATE(chain_with_gradient, double)->Name("chain_of_20/forward_backward/double");

}
