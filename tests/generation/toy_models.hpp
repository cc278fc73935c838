// Language models that are small enough to be understood.
#pragma once

#include <cmath>
#include <tapegrad/generation/language_model.hpp>
#include <tapegrad/nn/embedding.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/ops/index_rows.hpp>
#include <tapegrad/ops/slicing.hpp>

namespace support {

using namespace tapegrad;

/// The next token depends on the last one alone.
template <class T>
struct Bigram {
    struct Cache {
        int64_t tokens = 0;
        int64_t length() const { return tokens; }
        Cache fork() const { return *this; }
        void select(const Tensor<int64_t>&) {}
    };
    Embedding<T> embedding;
    Linear<T> output;

    Bigram(int64_t vocabulary, std::uint64_t seed) {
        Generator generator(seed);
        embedding = Embedding<T>(vocabulary, 8, generator);
        output = Linear<T>(8, vocabulary, generator);
    }
    Cache make_cache() const { return {}; }
    Tensor<T> head(const Tensor<T>& hidden) const { return output(hidden); }
    Tensor<T> operator()(const Tensor<int64_t>& ids, const LanguageModelInput<Cache, T>& input) const {
        if (input.cache != nullptr) input.cache->tokens += ids.size(1);
        const Tensor<T> x = embedding(input.last_only ? narrow(ids, 1, ids.size(1) - 1, 1) : ids);
        return head(x);
    }
};

/// The next token depends on all before it and on where they stand: a state that each token which counts moves. What
/// a row gives has the same bits whatever the other rows are.
template <class T>
struct Remembering {
    static constexpr int64_t width = 6;
    struct Cache {
        Tensor<T> state = {};  // (B, width)
        int64_t tokens = 0;
        int64_t length() const { return tokens; }
        Cache fork() const { return *this; }
        void select(const Tensor<int64_t>& members) { state = index_select(state, 0, members); }
    };
    int64_t vocabulary;
    double sharpness = 1;
    mutable int64_t calls = 0;

    /// A number in [-1, 1] of three.
    static T noise(int64_t a, int64_t b, int64_t c) {
        return static_cast<T>(std::sin(static_cast<double>(a) * 12.9898 + static_cast<double>(b) * 78.233 +
                                       static_cast<double>(c) * 37.719));
    }
    Cache make_cache() const { return {}; }
    /// Every row of (..., width).
    Tensor<T> head(const Tensor<T>& hidden) const {
        const Tensor<T> x = detail::contiguous(hidden);
        Shape shape = x.shape();
        shape[shape.rank() - 1] = vocabulary;
        Tensor<T> y = empty<T>(shape);
        for (int64_t r = 0; r < x.numel() / width; ++r)
            for (int64_t v = 0; v < vocabulary; ++v) {
                T sum = 0;
                for (int64_t c = 0; c < width; ++c) sum += x.data()[r * width + c] * noise(v, c, 3);
                y.mutable_data()[r * vocabulary + v] = static_cast<T>(sharpness) * sum;
            }
        return y;
    }
    Tensor<T> operator()(const Tensor<int64_t>& given, const LanguageModelInput<Cache, T>& input) const {
        ++calls;
        const Tensor<int64_t> ids = detail::contiguous(given);
        const int64_t rows = ids.size(0), length = ids.size(1);
        const int64_t before = input.cache != nullptr ? input.cache->tokens : 0;
        if (input.mask.defined() && input.mask.shape() != Shape{rows, before + length})
            detail::fail<ShapeError>("Remembering", "mask ", input.mask.shape());
        Tensor<T> state = zeros<T>({rows, width}), states = empty<T>({rows, length, width}),
                  first = empty<T>({rows, length, width});
        if (before > 0) state = clone_of(input.cache->state);
        for (int64_t b = 0; b < rows; ++b)
            for (int64_t t = 0; t < length; ++t) {
                const bool counts = !input.mask.defined() || input.mask(b, before + t);
                const int64_t position = input.positions.defined() ? input.positions(b, t) : before + t;
                for (int64_t c = 0; c < width; ++c) {
                    T& h = state.mutable_data()[b * width + c];
                    const T x = noise(ids(b, t), c, 1) + T(0.3) * noise(position, c, 2);
                    if (counts) h = std::tanh(T(0.7) * h + x);
                    first.mutable_data()[(b * length + t) * width + c] = x;
                    states.mutable_data()[(b * length + t) * width + c] = h;
                }
            }
        if (input.cache != nullptr) {
            input.cache->state = state;
            input.cache->tokens += length;
        }
        if (input.hidden_states != nullptr) {
            for (const T part : {T(0), T(0.5), T(1)})
                input.hidden_states->push_back(first + part * (states - first));
        }
        return head(input.last_only ? narrow(states, 1, length - 1, 1) : states);
    }

private:
    static Tensor<T> clone_of(const Tensor<T>& x) { return x + T(0); }
};

}
