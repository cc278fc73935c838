// Recurrent networks: LSTM, GRU and RNN of several layers, both directions, and their single cells.
#pragma once

#include "../ops/recurrent.hpp"
#include "dropout.hpp"
#include "init.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct RecurrentOptions {
    int64_t num_layers = 1;
    bool bias = true;
    bool batch_first = false;  // x and y are (B, T, ...), not (T, B, ...); states stay as they are
    double dropout = 0;        // of what goes from one layer to the next
    bool bidirectional = false;
    bool relu = false;  // of an RNN: relu, not tanh
};

/// The weights of one layer in one direction; in PyTorch's keys the layer is at the end: weight_ih_l0_reverse.
template <Floating T = float>
struct RecurrentWeights {
    Tensor<T> weight_ih, weight_hh;  // (gates hidden, in), (gates hidden, hidden)
    Tensor<T> bias_ih, bias_hh;      // (gates hidden,) or undefined
    int64_t layer = -1;              // -1: of a cell
    bool reverse = false;
    TAPEGRAD_FIELDS(weight_ih, weight_hh, bias_ih, bias_hh, layer, reverse);

    RecurrentWeights() = default;
    RecurrentWeights(int64_t gates, int64_t in, int64_t hidden, bool bias, Generator& generator,
                     int64_t layer_ = -1, bool reverse_ = false)
        : layer(layer_), reverse(reverse_) {
        if (hidden < 1) detail::fail<ShapeError>("recurrent", "hidden size ", hidden, " is not positive");
        const double bound = 1 / std::sqrt(static_cast<double>(hidden));
        const auto even = [&](const Shape& shape) {
            Tensor<T> x = parameter(empty<T>(shape));
            init::uniform_(x, generator, -bound, bound);
            return x;
        };
        weight_ih = even({gates * hidden, in});
        weight_hh = even({gates * hidden, hidden});
        if (!bias) return;
        bias_ih = even({gates * hidden});
        bias_hh = even({gates * hidden});
    }
    std::string key_suffix() const {
        return layer < 0 ? std::string() : "_l" + std::to_string(layer) + (reverse ? "_reverse" : "");
    }
};

namespace detail {

/// What a recurrent network consists of.
template <Floating T>
struct RecurrentLayers {
    static constexpr bool is_container = true;  // its keys begin at the weights
    std::vector<RecurrentWeights<T>> layers;    // each layer forward, then in reverse
    Dropout drop;
    bool batch_first = false;
    bool bidirectional = false;
    bool relu = false;
    TAPEGRAD_FIELDS(layers, drop, batch_first, bidirectional, relu);

    RecurrentLayers() = default;
    RecurrentLayers(int64_t gates, int64_t in, int64_t hidden, Generator& generator,
                    const RecurrentOptions& o)
        : drop{o.dropout}, batch_first(o.batch_first), bidirectional(o.bidirectional), relu(o.relu) {
        const int64_t directions = bidirectional ? 2 : 1;
        for (int64_t layer = 0; layer < o.num_layers; ++layer)
            for (int64_t d = 0; d < directions; ++d)
                layers.emplace_back(gates, layer == 0 ? in : directions * hidden, hidden, o.bias, generator,
                                    layer, d == 1);
    }
};

/// (directions layers, B, hidden): zeros when undefined.
template <class T>
Tensor<T> initial_state(const char* name, const char* what, const Tensor<T>& given, const Shape& shape) {
    if (!given.defined()) return zeros<T>(shape);
    if (given.shape() != shape) fail<ShapeError>(name, what, " ", given.shape(), " must be ", shape);
    return given;
}

/// One layer in one direction over x (T, B, in): states (1 or 2, T, B, hidden).
template <class Cell, class T>
Tensor<T> run_layer(const char* name, const RecurrentWeights<T>& w, const Tensor<T>& x, const Tensor<T>& h0,
                    const Tensor<T>& c0) {
    // Where the two biases are only ever added, they are one.
    const bool one = Cell::same_gates && w.bias_ih.defined();
    const Tensor<T> gx = linear(x, w.weight_ih, one ? w.bias_ih + w.bias_hh : w.bias_ih);
    return recurrence<Cell>(name, gx, w.weight_hh, one ? Tensor<T>() : w.bias_hh, h0, c0, w.reverse);
}

/// All layers: y (T, B, directions hidden), or batch first, and the last states.
template <class Cell, class T>
std::array<Tensor<T>, 3> run_layers(const char* name, const RecurrentLayers<T>& net, const Tensor<T>& input,
                                    const Tensor<T>& h0, const Tensor<T>& c0, Generator& generator) {
    if (net.layers.empty()) fail<ShapeError>(name, "there are no layers");
    const int64_t in = net.layers[0].weight_ih.size(1), hidden = net.layers[0].weight_hh.size(1);
    if (input.rank() != 3 || input.size(2) != in || input.size(net.batch_first ? 1 : 0) == 0)
        fail<ShapeError>(name, "x ", input.shape(), " must be ",
                         net.batch_first ? "(batch, time, " : "(time, batch, ", in,
                         "), of at least one time step");
    Tensor<T> x = net.batch_first ? transpose(input, 0, 1) : input;
    const int64_t time = x.size(0), count = static_cast<int64_t>(net.layers.size());
    const Shape states{count, x.size(1), hidden};
    const Tensor<T> h = initial_state(name, "h0", h0, states);
    const Tensor<T> c = Cell::states == 2 ? initial_state(name, "c0", c0, states) : Tensor<T>();
    std::vector<Tensor<T>> last_h, last_c, ways;
    for (int64_t k = 0; k < count; ++k) {
        const RecurrentWeights<T>& w = net.layers[static_cast<std::size_t>(k)];
        const bool first = !net.bidirectional || k % 2 == 0;
        if (k > 0 && first) x = net.drop(x, generator);
        const Tensor<T> y =
            run_layer<Cell>(name, w, x, select(h, 0, k), Cell::states == 2 ? select(c, 0, k) : c);
        const int64_t end = w.reverse ? 0 : time - 1;
        ways.push_back(select(y, 0, 0));
        last_h.push_back(select(ways.back(), 0, end));
        if (Cell::states == 2) last_c.push_back(select(select(y, 0, 1), 0, end));
        if (net.bidirectional && first) continue;
        x = net.bidirectional ? cat(ways, -1) : ways[0];
        ways.clear();
    }
    return {net.batch_first ? transpose(x, 0, 1) : x, stack(last_h),
            Cell::states == 2 ? stack(last_c) : Tensor<T>()};
}

}

/// Long short-term memory.
/// Shape    x (T, B, in), h0 and c0 (directions layers, B, hidden) or undefined for zeros -> y (T, B, directions
///          hidden), h and c (directions layers, B, hidden): the last states. x and y are (B, T, ...) if batch_first
/// Numeric  begins, as PyTorch's, even over [-b, b) with b = 1 / sqrt(hidden). Keys: weight_ih_l0, weight_hh_l0,
///          bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, ...; gates in the order i, f, g, o
/// Source   Hochreiter and Schmidhuber, Long Short-Term Memory, 1997
template <Floating T = float>
struct LSTM : detail::RecurrentLayers<T> {
    LSTM() = default;
    /// Throws   ShapeError: a size that is not positive
    LSTM(int64_t in, int64_t hidden, Generator& generator, const RecurrentOptions& options = {})
        : detail::RecurrentLayers<T>(4, in, hidden, generator, options) {}

    struct Output {
        Tensor<T> y, h, c;
    };
    Output operator()(const Tensor<T>& x, const Tensor<T>& h0 = {}, const Tensor<T>& c0 = {},
                      Generator& generator = default_generator()) const {
        auto r = detail::run_layers<detail::Lstm>("LSTM", *this, x, h0, c0, generator);
        return {r[0], r[1], r[2]};
    }
};
LSTM(int64_t, int64_t, Generator&)->LSTM<float>;
LSTM(int64_t, int64_t, Generator&, const RecurrentOptions&)->LSTM<float>;

/// Gated recurrent units.
/// Shape    x (T, B, in), h0 (directions layers, B, hidden) or undefined for zeros -> y (T, B, directions hidden),
///          h (directions layers, B, hidden)
/// Numeric  as LSTM; gates in the order r, z, n, the reset gate behind the product, as PyTorch's and cuDNN's
/// Source   Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014
template <Floating T = float>
struct GRU : detail::RecurrentLayers<T> {
    GRU() = default;
    /// Throws   ShapeError: a size that is not positive
    GRU(int64_t in, int64_t hidden, Generator& generator, const RecurrentOptions& options = {})
        : detail::RecurrentLayers<T>(3, in, hidden, generator, options) {}

    struct Output {
        Tensor<T> y, h;
    };
    Output operator()(const Tensor<T>& x, const Tensor<T>& h0 = {},
                      Generator& generator = default_generator()) const {
        auto r = detail::run_layers<detail::Gru>("GRU", *this, x, h0, {}, generator);
        return {r[0], r[1]};
    }
};
GRU(int64_t, int64_t, Generator&)->GRU<float>;
GRU(int64_t, int64_t, Generator&, const RecurrentOptions&)->GRU<float>;

/// Elman's network: h' = tanh(W x + U h + b), or relu.
/// Shape    x (T, B, in), h0 (directions layers, B, hidden) or undefined for zeros -> y (T, B, directions hidden),
///          h (directions layers, B, hidden)
/// Source   Elman, Finding Structure in Time, 1990
template <Floating T = float>
struct RNN : detail::RecurrentLayers<T> {
    RNN() = default;
    /// Throws   ShapeError: a size that is not positive
    RNN(int64_t in, int64_t hidden, Generator& generator, const RecurrentOptions& options = {})
        : detail::RecurrentLayers<T>(1, in, hidden, generator, options) {}

    struct Output {
        Tensor<T> y, h;
    };
    Output operator()(const Tensor<T>& x, const Tensor<T>& h0 = {},
                      Generator& generator = default_generator()) const {
        auto r = this->relu ? detail::run_layers<detail::Rnn<true>>("RNN", *this, x, h0, {}, generator)
                            : detail::run_layers<detail::Rnn<false>>("RNN", *this, x, h0, {}, generator);
        return {r[0], r[1]};
    }
};
RNN(int64_t, int64_t, Generator&)->RNN<float>;
RNN(int64_t, int64_t, Generator&, const RecurrentOptions&)->RNN<float>;

}
