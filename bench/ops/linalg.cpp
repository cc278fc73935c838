// Factors of matrices: one of 512 rows, and many of 3, 8 and 64.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/ops/cholesky.hpp>
#include <tapegrad/ops/det.hpp>
#include <tapegrad/ops/matrix_exp.hpp>
#include <tapegrad/ops/qr.hpp>
#include <tapegrad/ops/svd.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

template <class T>
struct Matrices {
    Tensor<T> a, positive, lower;
};
template <class T>
Matrices<T> matrices(int64_t count, int64_t n) {
    Generator generator(1);
    Matrices<T> m;
    m.a = randn<T>({count, n, n}, generator);
    m.positive = matmul(m.a, transpose(m.a)) + eye<T>(n) * static_cast<T>(n);
    m.lower = cholesky(m.positive);
    return m;
}

/// Runs pass(matrices) on one and on two threads.
template <class T, class Pass>
void add(const std::string& name, int64_t count, int64_t n, Pass pass) {
    const auto run = [=](benchmark::State& state) {
        const auto m = matrices<T>(count, n);
        const support::Threads threads(state.range(0));
        for (auto _ : state) benchmark::DoNotOptimize(pass(m));
        state.SetItemsProcessed(state.iterations() * count);
    };
    benchmark::RegisterBenchmark((name + "/" + std::to_string(count) + "x" + std::to_string(n)).c_str(), run)
        ->Apply(support::one_and_two);
}

template <class T>
void add_all(const std::string& type, int64_t count, int64_t n) {
    using M = Matrices<T>;
    add<T>("cholesky" + type, count, n, [](const M& m) { return cholesky(m.positive); });
    add<T>("lu_factor" + type, count, n, [](const M& m) { return lu_factor(m.a); });
    add<T>("solve_triangular" + type, count, n, [](const M& m) { return solve_triangular(m.lower, m.a); });
    add<T>("solve" + type, count, n, [](const M& m) { return solve(m.a, m.positive); });
    add<T>("slogdet" + type, count, n, [](const M& m) { return slogdet(m.a); });
    add<T>("qr" + type, count, n, [](const M& m) { return qr(m.a); });
    add<T>("eigh" + type, count, n, [](const M& m) { return eigh(m.positive); });
    add<T>("matrix_exp" + type, count, n, [](const M& m) { return matrix_exp(m.a); });
    if (n < 512) add<T>("svd" + type, count, n, [](const M& m) { return svd(m.a); });
    add<T>("cholesky_backward" + type, count, n, [](const M& m) {
        Tensor<T> leaf = m.positive.detach().requires_grad_();
        return grad(cholesky(leaf), std::vector{leaf}, {}, m.a);
    });
}

const bool registered = [] {
    for (const auto& [count, n] : {std::pair<int64_t, int64_t>{1, 512}, {10000, 3}, {10000, 8}, {200, 64}}) {
        add_all<float>("_float", count, n);
        add_all<double>("_double", count, n);
    }
    return true;
}();

}
