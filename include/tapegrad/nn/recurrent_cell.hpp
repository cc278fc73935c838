// Single steps of recurrent networks, for loops of one's own.
#pragma once

#include "recurrent.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The states (1 or 2, 1, B, hidden) after x (B, in).
template <class Cell, class T>
Tensor<T> run_cell(const char* name, const RecurrentWeights<T>& w, const Tensor<T>& x, const Tensor<T>& h,
                   const Tensor<T>& c) {
    if (x.rank() != 2 || x.size(1) != w.weight_ih.size(1))
        fail<ShapeError>(name, "x ", x.shape(), " must be (batch, ", w.weight_ih.size(1), ")");
    const Shape state{x.size(0), w.weight_hh.size(1)};
    return run_layer<Cell>(name, w, unsqueeze(x, 0), initial_state(name, "h", h, state),
                           Cell::states == 2 ? initial_state(name, "c", c, state) : c);
}

}

/// One step of an LSTM.
/// Shape    x (B, in), h and c (B, hidden) or undefined for zeros -> h, c (B, hidden)
template <Floating T = float>
struct LSTMCell {
    static constexpr bool is_container = true;
    RecurrentWeights<T> weights;
    TAPEGRAD_FIELDS(weights);

    LSTMCell() = default;
    LSTMCell(int64_t in, int64_t hidden, Generator& generator, bool bias = true)
        : weights(4, in, hidden, bias, generator) {}

    struct Output {
        Tensor<T> h, c;
    };
    Output operator()(const Tensor<T>& x, const Tensor<T>& h = {}, const Tensor<T>& c = {}) const {
        const Tensor<T> y = detail::run_cell<detail::Lstm>("LSTMCell", weights, x, h, c);
        return {at(y, 0, 0), at(y, 1, 0)};
    }
};

/// One step of a GRU.
/// Shape    x (B, in), h (B, hidden) or undefined for zeros -> (B, hidden)
template <Floating T = float>
struct GRUCell {
    static constexpr bool is_container = true;
    RecurrentWeights<T> weights;
    TAPEGRAD_FIELDS(weights);

    GRUCell() = default;
    GRUCell(int64_t in, int64_t hidden, Generator& generator, bool bias = true)
        : weights(3, in, hidden, bias, generator) {}

    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& h = {}) const {
        return at(detail::run_cell<detail::Gru, T>("GRUCell", weights, x, h, {}), 0, 0);
    }
};

/// One step of an RNN: tanh(W x + U h + b).
/// Shape    x (B, in), h (B, hidden) or undefined for zeros -> (B, hidden)
template <Floating T = float>
struct RNNCell {
    static constexpr bool is_container = true;
    RecurrentWeights<T> weights;
    TAPEGRAD_FIELDS(weights);

    RNNCell() = default;
    RNNCell(int64_t in, int64_t hidden, Generator& generator, bool bias = true)
        : weights(1, in, hidden, bias, generator) {}

    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& h = {}) const {
        return at(detail::run_cell<detail::Rnn<false>, T>("RNNCell", weights, x, h, {}), 0, 0);
    }
};
LSTMCell(int64_t, int64_t, Generator&)->LSTMCell<float>;
GRUCell(int64_t, int64_t, Generator&)->GRUCell<float>;
RNNCell(int64_t, int64_t, Generator&)->RNNCell<float>;

}
