// An axis of a tensor as weighted sums of itself: what interpolation and averaging are, one axis at a time.
#pragma once

#include <vector>

#include "../core/parallel.hpp"
#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// A sparse matrix: result i is the sum of weights[k] times source places[k], k from begin[i] to begin[i + 1].
template <class T>
struct AxisWeights {
    int64_t source = 0;
    std::vector<int64_t> begin{0};
    std::vector<int64_t> places;
    std::vector<T> weights;

    explicit AxisWeights(int64_t source_size = 0) : source(source_size) {}
    int64_t results() const { return static_cast<int64_t>(begin.size()) - 1; }
    /// Adds to the result that is being described.
    void add(int64_t place, T weight) {
        places.push_back(place);
        weights.push_back(weight);
    }
    void end_result() { begin.push_back(static_cast<int64_t>(places.size())); }

    /// The matrix with rows and columns exchanged; the terms of a row stay in order.
    AxisWeights transposed() const {
        AxisWeights t(results());
        t.begin.assign(static_cast<std::size_t>(source) + 1, 0);
        for (const int64_t p : places) ++t.begin[static_cast<std::size_t>(p) + 1];
        for (std::size_t i = 1; i < t.begin.size(); ++i) t.begin[i] += t.begin[i - 1];
        std::vector<int64_t> next(t.begin.begin(), t.begin.end() - 1);
        t.places.resize(places.size());
        t.weights.resize(places.size());
        for (int64_t i = 0; i < results(); ++i)
            for (int64_t k = begin[static_cast<std::size_t>(i)]; k < begin[static_cast<std::size_t>(i) + 1];
                 ++k) {
                const auto from = static_cast<std::size_t>(k);
                const auto to = static_cast<std::size_t>(next[static_cast<std::size_t>(places[from])]++);
                t.places[to] = i;
                t.weights[to] = weights[from];
            }
        return t;
    }
};

namespace detail {

/// y[i, :] for rows [first, last) of one outer index: sums of whole rows.
template <class T>
void resample_rows(const T* x, T* y, int64_t inner, const AxisWeights<T>& w, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
        const int64_t from = w.begin[static_cast<std::size_t>(i)],
                      to = w.begin[static_cast<std::size_t>(i) + 1];
        T* const out = y + i * inner;
        for (int64_t j = 0; j < inner; j += width<T>) {
            const int64_t left = inner - j;
            Batch<T> sum{T(0)};
            for (int64_t k = from; k < to; ++k) {
                const T* const source = x + w.places[static_cast<std::size_t>(k)] * inner + j;
                const Batch<T> v = left >= width<T> ? Batch<T>::load(source) : load_partial(source, left);
                sum = fma(Batch<T>(w.weights[static_cast<std::size_t>(k)]), v, sum);
            }
            if (left >= width<T>)
                sum.store(out + j);
            else
                store_partial(sum, out + j, left);
        }
    }
}

/// The last axis: `width` rows of x at a time, turned so that the same place of each lies in one batch.
template <class T>
void resample_lines(const T* x, T* y, int64_t lines, const AxisWeights<T>& w, T* turned, T* results) {
    constexpr int64_t W = width<T>;
    const int64_t n = w.source, m = w.results();
    for (int64_t i = 0; i < n; ++i)
        for (int64_t l = 0; l < W; ++l) turned[i * W + l] = l < lines ? x[l * n + i] : T(0);
    resample_rows(turned, results, W, w, 0, m);
    for (int64_t l = 0; l < lines; ++l)
        for (int64_t i = 0; i < m; ++i) y[l * m + i] = results[i * W + l];
}

}

/// y[o, i, :] = sum over k of weight[i, k] x[o, place[i, k], :]
/// Shape    x (outer, w.source, inner) -> y (outer, w.results(), inner), row-major
/// Numeric  a chain of fma from zero in the order of the terms, the same bits for any number of threads
template <class T>
void resample(const T* x, T* y, int64_t outer, int64_t inner, const AxisWeights<T>& w) {
    const int64_t n = w.source, m = w.results(), terms = static_cast<int64_t>(w.places.size()) + 1;
    if (inner > 1) {
        const int64_t grain = 32 * 1024 / (inner * terms) + 1;
        parallel_for(outer, grain, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o)
                detail::resample_rows(x + o * n * inner, y + o * m * inner, inner, w, 0, m);
        });
        return;
    }
    constexpr int64_t W = width<T>;
    const int64_t groups = (outer + W - 1) / W;
    parallel_for(groups, 32 * 1024 / (W * terms) + 1, [&](int64_t begin, int64_t end) {
        Scratch<T> turned(n * W), results(m * W);
        for (int64_t g = begin; g < end; ++g)
            detail::resample_lines(x + g * W * n, y + g * W * m, outer - g * W < W ? outer - g * W : W, w,
                                   turned.data(), results.data());
    });
}

}
