// Optimizer steps beside memcpy. Bytes are all that are read and written.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/optim/adadelta.hpp>
#include <tapegrad/optim/adafactor.hpp>
#include <tapegrad/optim/adagrad.hpp>
#include <tapegrad/optim/adamax.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>
#include <tapegrad/optim/lamb.hpp>
#include <tapegrad/optim/lars.hpp>
#include <tapegrad/optim/lion.hpp>
#include <tapegrad/optim/muon.hpp>
#include <tapegrad/optim/nadam.hpp>
#include <tapegrad/optim/radam.hpp>
#include <tapegrad/optim/rmsprop.hpp>
#include <tapegrad/optim/rprop.hpp>
#include <tapegrad/optim/schedule_free.hpp>
#include <tapegrad/optim/sgd.hpp>
#include <tapegrad/tensor/random.hpp>
#include <vector>

#include "../support/threads.hpp"

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
        const support::Threads threads(state.range(0));
        for (auto _ : state) {
            pass();
            benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->Apply(support::one_and_two);
}

/// A copy of n floats: what memory allows, at this size and hour.
void add_copy(const std::string& name, int64_t n) {
    add("memcpy/" + name, n * 8, [n] {
        return [from = values(n), to = values(n)]() mutable {
            std::memcpy(to.data(), from.data(), from.size() * 4);
        };
    });
}

/// A step over one parameter; `passes` counts the arrays that are read or written.
template <class O>
void add_optimizer(const std::string& name, const Shape& shape, int64_t passes, typename O::Options options) {
    add(name, numel_of(shape) * 4 * passes, [shape, options] {
        Generator generator(1);
        Tensor<float> p = randn<float>(shape, generator);
        p.set_grad(randn<float>(shape, generator));
        O optimizer(std::vector{p}, options);
        optimizer.step();  // makes its state
        return [optimizer]() mutable { optimizer.step(); };
    });
}

const bool registered = [] {
    for (const int64_t n : {int64_t{65536}, int64_t{3072 * 768}, int64_t{32} << 20}) {
        const std::string size = "/" + std::to_string(n);
        add_copy(std::to_string(n), n);
        // The gradient is read; the parameter and what is kept for it are read and written.
        add_optimizer<SGD<float>>("sgd" + size, {n}, 3, {});
        add_optimizer<SGD<float>>("sgd_momentum" + size, {n}, 5, {.momentum = 0.9});
        add_optimizer<Lion<float>>("lion" + size, {n}, 5, {});
        add_optimizer<Adagrad<float>>("adagrad" + size, {n}, 5, {});
        add_optimizer<RMSprop<float>>("rmsprop" + size, {n}, 5, {});
        add_optimizer<RMSprop<float>>("rmsprop_centered_momentum" + size, {n}, 9,
                                      {.momentum = 0.9, .centered = true});
        add_optimizer<Adadelta<float>>("adadelta" + size, {n}, 7, {});
        add_optimizer<Rprop<float>>("rprop" + size, {n}, 7, {});
        add_optimizer<Adamax<float>>("adamax" + size, {n}, 7, {});
        add_optimizer<NAdam<float>>("nadam" + size, {n}, 7, {});
        add_optimizer<RAdam<float>>("radam" + size, {n}, 7, {});
        add_optimizer<AdamW<float>>("adamw" + size, {n}, 7, {});
        add_optimizer<AdamW<float>>("adamw_amsgrad" + size, {n}, 9, {.amsgrad = true});
        add_optimizer<ScheduleFreeAdamW<float>>("schedule_free_adamw" + size, {n}, 7, {});
        // Norms first, of the parameter and the gradient; then a pass of momentum.
        add_optimizer<LARS<float>>("lars" + size, {n}, 7, {});
        // A second pass reads m and v, and reads and writes the parameter; the first only reads it.
        add_optimizer<LAMB<float>>("lamb" + size, {n}, 10, {});
        add("clip_grad_norm" + size, n * 12, [n] {
            Generator generator(1);
            Tensor<float> p = zeros<float>({n});
            p.set_grad(randn<float>({n}, generator));
            return [params = std::vector{p}, norm = 1.0]() mutable {
                norm = 0.999 * clip_grad_norm(params, norm);
            };
        });
        add("sum_of_squares" + size, n * 4, [n] {
            return [n, x = values(n)] { benchmark::DoNotOptimize(simd::sum_of_squares(x.data(), n)); };
        });
        add("scale_in_place" + size, n * 8,
            [n] { return [n, x = values(n)]() mutable { simd::scale_in_place(x.data(), n, 0.999999F); }; });
    }
    // Not bound by memory: ten passes of small operations, and fifteen products of matrices.
    add_optimizer<Adafactor<float>>("adafactor/3072x768", {3072, 768}, 3, {});
    add_optimizer<Muon<float>>("muon/3072x768", {3072, 768}, 5, {});
    return true;
}();

}
