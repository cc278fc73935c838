// `map` beside loops written by hand: SwiGLU, forward and backward, on one thread. The loops use the same
// SIMD mathematics, so what differs is what the lambda, its duals and the driver cost. Bytes are those that a
// pass must read and write.
#include <benchmark/benchmark.h>

#include <vector>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/core/parallel.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/map.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

constexpr auto swiglu = [](const auto& x, const auto& g) { return x * sigmoid(x) * g; };

struct Operands {
    Tensor<float> x, g, dy, dx, dg;

    explicit Operands(int64_t n) {
        Generator generator(1);
        x = randn<float>({n}, generator);
        g = randn<float>({n}, generator);
        dy = randn<float>({n}, generator);
        dx = empty<float>({n});
        dg = empty<float>({n});
    }
};

void forward_by_hand(benchmark::State& state) {
    using V = simd::Batch<float>;
    const support::Threads one(1);
    const int64_t n = state.range(0);
    Operands of(n);
    Tensor<float> y = empty<float>({n});
    for (auto _ : state) {
        const float *x = of.x.data(), *g = of.g.data();
        float* to = detail::output(y);
        for (int64_t i = 0; i < n; i += simd::width<float>) {
            const V v = V::load(x + i), s = V(1.0F) / (V(1.0F) + simd::exp(-v));
            (v * s * V::load(g + i)).store(to + i);
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * n * 12);
}

void forward_by_map(benchmark::State& state) {
    const support::Threads one(1);
    Operands of(state.range(0));
    for (auto _ : state) {
        const Tensor<float> y = map("swiglu", swiglu, of.x, of.g);
        benchmark::DoNotOptimize(y.data());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 12);
}

void backward_by_hand(benchmark::State& state) {
    using V = simd::Batch<float>;
    const support::Threads one(1);
    const int64_t n = state.range(0);
    Operands of(n);
    for (auto _ : state) {
        const float *x = of.x.data(), *g = of.g.data(), *dy = of.dy.data();
        float *dx = detail::output(of.dx), *dg = detail::output(of.dg);
        for (int64_t i = 0; i < n; i += simd::width<float>) {
            const V v = V::load(x + i), w = V::load(g + i), d = V::load(dy + i);
            const V s = V(1.0F) / (V(1.0F) + simd::exp(-v)), silu = v * s;
            (d * w * simd::fma(silu, V(1.0F) - s, s)).store(dx + i);
            (d * silu).store(dg + i);
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * n * 20);
}

void backward_by_map(benchmark::State& state) {
    using Lambda = std::remove_const_t<decltype(swiglu)>;
    const support::Threads one(1);
    Operands of(state.range(0));
    const TensorBase* const in[] = {&of.x, &of.g, &of.dy};
    for (auto _ : state) {
        simd::MapTarget<float> targets[2];
        targets[0].data = detail::output(of.dx);
        targets[1].data = detail::output(of.dg);
        detail::launch<float>(&detail::slope_loop<float, Lambda, false, false>, &swiglu, of.dy.shape(),
                              of.dy.numel(), in, targets);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 20);
}

/// What a user writes: the tape and the memory for the gradients included.
void step_by_map(benchmark::State& state) {
    const support::Threads one(1);
    Operands of(state.range(0));
    Tensor<float> x = of.x.detach().requires_grad_(), g = of.g.detach().requires_grad_();
    for (auto _ : state) {
        const Tensor<float> y = map("swiglu", swiglu, x, g);
        x.zero_grad();
        g.zero_grad();
        backward(y, of.dy);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 32);
}

constexpr int64_t in_cache = 4096, in_memory = 262144;
BENCHMARK(forward_by_hand)->Name("swiglu/forward_by_hand")->Arg(in_cache)->Arg(in_memory);
BENCHMARK(forward_by_map)->Name("swiglu/forward_by_map")->Arg(in_cache)->Arg(in_memory);
BENCHMARK(backward_by_hand)->Name("swiglu/backward_by_hand")->Arg(in_cache)->Arg(in_memory);
BENCHMARK(backward_by_map)->Name("swiglu/backward_by_map")->Arg(in_cache)->Arg(in_memory);
BENCHMARK(step_by_map)->Name("swiglu/step_by_map")->Arg(in_cache)->Arg(in_memory);

}
