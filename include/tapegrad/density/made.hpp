// MADE: a network whose outputs for a variable see only the variables before it, in one pass, by masks.
#pragma once

#include "../nn/activation.hpp"
#include "../nn/batch_norm.hpp"
#include "../nn/dropout.hpp"
#include "../nn/masked_linear.hpp"
#include "../ops/repeat.hpp"
#include "../ops/slicing.hpp"
#include "../tensor/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How many of the inputs a hidden unit may see.
enum class HiddenDegrees { sequential, random };
/// In which order the variables come.
enum class VariableOrder { natural, random };

struct MadeOptions {
    std::vector<int64_t> hidden = {64, 64};  // the first layer's units, then those behind each block
    int64_t outputs = 1;                     // for each variable
    int64_t context = 0;                     // features of the context; 0: there is none
    bool residual = false;                   // blocks of two layers whose sum with their input goes on
    bool direct = false;                     // inputs reach the outputs also by weights of their own
    bool batch_norm = false;
    double dropout = 0;
    HiddenDegrees degrees = HiddenDegrees::sequential;
    VariableOrder order = VariableOrder::natural;
};

namespace detail {

/// Degrees of hidden units: 1 .. features - 1 over and over, or drawn from those and not below the least of the inputs.
inline Tensor<int64_t> hidden_degrees(const Tensor<int64_t>& in, int64_t units, int64_t features,
                                      HiddenDegrees how, Generator& generator) {
    const int64_t highest = features - 1 > 1 ? features - 1 : 1, first = features > 1 ? 1 : 0;
    if (how == HiddenDegrees::random) {
        int64_t least = features - 1;
        for (const int64_t d : to_vector(in)) least = d < least ? d : least;
        return randint<int64_t>(least, features > 1 ? features : 1, {units}, generator);
    }
    Tensor<int64_t> degrees = empty<int64_t>({units});
    for (int64_t i = 0; i < units; ++i) output(degrees)[i] = i % highest + first;
    return degrees;
}
/// Degrees 1, 2, ... of the variables, in order or in a random one.
inline Tensor<int64_t> variable_degrees(int64_t features, VariableOrder order, Generator& generator) {
    return order == VariableOrder::random ? randperm(features, generator) + int64_t{1}
                                          : arange<int64_t>(1, features + 1);
}
}

/// A part of MADE: act(linear(x)), or x + linear1(act(linear0(act(x)) + context)).
template <Floating T>
struct MadeBlock {
    std::optional<BatchNorm<T>> batch_norm;
    std::optional<MaskedLinear<T>> linear;
    std::optional<Linear<T>> context_layer;
    std::vector<BatchNorm<T>> batch_norm_layers;
    std::vector<MaskedLinear<T>> linear_layers;
    TAPEGRAD_FIELDS(batch_norm, linear, context_layer, batch_norm_layers, linear_layers);
};

/// Outputs for each variable from the variables before it, and a context if there is one.
///   Made<> net(784, {.hidden = {500}}, generator);                     // logits of MADE
///   Made<> net(8, {.hidden = {64, 64, 64}, .outputs = 2, .context = 3, .residual = true}, generator);
/// Shape    x (..., features), context (..., its features) -> y (..., features outputs), the outputs of a variable beside
///          each other
/// Numeric  with `residual`, the second layer of a block begins even over [-1e-3, 1e-3). Keys and values are those of
///          nflows, whose num_blocks is one less than the sizes of `hidden`; there the first layer's part of a context goes
///          through the activation too
/// Source   Germain et al., MADE: Masked Autoencoder for Distribution Estimation, 2015
template <Floating T = float, class Activation = ReLU>
struct Made {
    MaskedLinear<T> initial_layer;
    std::optional<Linear<T>> context_layer;
    std::vector<MadeBlock<T>> blocks;
    MaskedLinear<T> final_layer;
    std::optional<MaskedLinear<T>> direct_layer;
    Dropout drop;
    int64_t outputs = 1;
    HiddenDegrees hidden = HiddenDegrees::sequential;
    Activation activation = {};
    TAPEGRAD_FIELDS(initial_layer, context_layer, blocks, final_layer, direct_layer, drop, outputs, hidden,
                    activation);

    Made() = default;
    /// Throws   ValueError: no variable, no hidden layer, no output, a negative size of the context, or residual blocks with
    ///          layers of different sizes or random degrees
    Made(int64_t features, const MadeOptions& o, Generator& generator, Activation act = {})
        : drop{o.dropout}, outputs(o.outputs), hidden(o.degrees), activation(act) {
        check(features, o);
        const Tensor<int64_t> in = detail::variable_degrees(features, o.order, generator);
        const auto layer = [&](const Tensor<int64_t>& from, int64_t units) {
            return MaskedLinear<T>(from, detail::hidden_degrees(from, units, features, hidden, generator),
                                   SeenDegrees::up_to_own, generator);
        };
        initial_layer = layer(in, o.hidden[0]);
        if (o.context > 0) context_layer.emplace(o.context, o.hidden[0], generator);
        Tensor<int64_t> last = initial_layer.degrees;
        for (std::size_t i = 1; i < o.hidden.size(); ++i) {
            MadeBlock<T> block;
            const int64_t width = o.hidden[i];
            if (!o.residual) {
                if (o.batch_norm) block.batch_norm.emplace(last.numel(), norm_options());
                block.linear = layer(last, width);
                last = block.linear->degrees;
            } else {
                if (o.context > 0) block.context_layer.emplace(o.context, width, generator);
                for (int each = 0; each < 2; ++each) {
                    if (o.batch_norm) block.batch_norm_layers.emplace_back(width, norm_options());
                    block.linear_layers.push_back(layer(last, width));
                }
                init::uniform_(block.linear_layers[1].weight, generator, -1e-3, 1e-3);
                init::uniform_(block.linear_layers[1].bias, generator, -1e-3, 1e-3);
            }
            blocks.push_back(std::move(block));
        }
        const Tensor<int64_t> out = repeat_interleave(in, outputs);
        final_layer = MaskedLinear<T>(last, out, SeenDegrees::below_own, generator);
        if (o.direct) direct_layer.emplace(in, out, SeenDegrees::below_own, generator, LinearOptions{false});
    }

    /// The number of variables.
    int64_t features() const { return initial_layer.mask.size(1); }
    /// Of each variable its place in the order, from 1 on.
    Tensor<int64_t> degrees() const {
        return contiguous(slice(final_layer.degrees, 0, 0, features() * outputs, outputs));
    }

    /// Writes the masks of this order, the place of each variable from 1 on, and draws the degrees of hidden units anew
    /// where they are random.
    /// Throws   ValueError: other than each of 1 .. features once
    void set_order(const Tensor<int64_t>& places, Generator& generator) {
        check_order(places);
        const auto set = [&](MaskedLinear<T>& layer, const Tensor<int64_t>& from) {
            layer.set_degrees(
                from,
                hidden == HiddenDegrees::sequential
                    ? Tensor<int64_t>(layer.degrees)
                    : detail::hidden_degrees(from, layer.degrees.numel(), features(), hidden, generator),
                SeenDegrees::up_to_own);
            return Tensor<int64_t>(layer.degrees);
        };
        Tensor<int64_t> last = set(initial_layer, places);
        for (MadeBlock<T>& block : blocks) {
            if (block.linear) last = set(*block.linear, last);
            for (MaskedLinear<T>& layer : block.linear_layers) last = set(layer, last);
        }
        const Tensor<int64_t> out = repeat_interleave(places, outputs);
        final_layer.set_degrees(last, out, SeenDegrees::below_own);
        if (direct_layer) direct_layer->set_degrees(places, out, SeenDegrees::below_own);
    }
    /// The same with a random order.
    void resample_order(Generator& generator) {
        set_order(detail::variable_degrees(features(), VariableOrder::random, generator), generator);
    }
    /// Draws the degrees of hidden units anew, where they are random, and keeps the order.
    void resample_hidden(Generator& generator) { set_order(degrees(), generator); }

    /// Throws   ValueError: a context for a network without one, or none for one with it; ShapeError: sizes
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& context = {},
                         Generator& generator = default_generator()) const {
        if (context.defined() != context_layer.has_value())
            detail::fail<ValueError>("Made", context.defined() ? "a context for a network without one"
                                                               : "the network needs a context");
        constexpr SeenDegrees up_to_own = SeenDegrees::up_to_own, below_own = SeenDegrees::below_own;
        const Tensor<int64_t> in = degrees();
        Tensor<T> h = initial_layer.by_degrees(x, in, up_to_own);  // (..., hidden)
        Tensor<int64_t> last = initial_layer.degrees;              // of what h has
        if (context_layer) h = h + activation((*context_layer)(context));
        const bool residual = !blocks.empty() && !blocks[0].linear;
        if (!residual) h = activation(h);
        for (const MadeBlock<T>& block : blocks) {
            if (residual) {
                h = h + inner(block, h, last, context, generator);
                last = block.linear_layers[1].degrees;
            } else {
                const Tensor<T> normed = block.batch_norm ? (*block.batch_norm)(h) : h;
                h = drop(activation(block.linear->by_degrees(normed, last, up_to_own)), generator);
                last = block.linear->degrees;
            }
        }
        const Tensor<T> y = final_layer.by_degrees(h, last, below_own);  // (..., features outputs)
        return direct_layer ? y + direct_layer->by_degrees(x, in, below_own) : y;
    }

private:
    Tensor<T> inner(const MadeBlock<T>& block, Tensor<T> h, const Tensor<int64_t>& degrees_in,
                    const Tensor<T>& context, Generator& generator) const {
        const bool norm = !block.batch_norm_layers.empty();
        const MaskedLinear<T>& first = block.linear_layers[0];
        h = first.by_degrees(activation(norm ? block.batch_norm_layers[0](h) : h), degrees_in,
                             SeenDegrees::up_to_own);
        if (block.context_layer) h = h + (*block.context_layer)(context);
        h = drop(activation(norm ? block.batch_norm_layers[1](h) : h), generator);
        return block.linear_layers[1].by_degrees(h, first.degrees, SeenDegrees::up_to_own);
    }

    static BatchNormModuleOptions norm_options() { return {.eps = 1e-3}; }

    static void check(int64_t features, const MadeOptions& o) {
        if (features < 1) detail::fail<ValueError>("Made", features, " variables; there must be one or more");
        if (o.hidden.empty()) detail::fail<ValueError>("Made", "no hidden layer");
        for (const int64_t units : o.hidden)
            if (units < 1) detail::fail<ValueError>("Made", "a hidden layer of ", units, " units");
        if (o.outputs < 1) detail::fail<ValueError>("Made", o.outputs, " outputs; there must be one or more");
        if (o.context < 0) detail::fail<ValueError>("Made", "a context of ", o.context, " features");
        if (!o.residual) return;
        if (o.degrees == HiddenDegrees::random)
            detail::fail<ValueError>("Made",
                                     "residual blocks need sequential degrees: a sum must not see "
                                     "more than its parts");
        for (const int64_t units : o.hidden)
            if (units != o.hidden[0])
                detail::fail<ValueError>("Made", "residual blocks need layers of one size, not of ",
                                         o.hidden[0], " and ", units);
    }
    void check_order(const Tensor<int64_t>& places) const {
        const std::vector<int64_t> given = to_vector(places);
        std::vector<bool> met(static_cast<std::size_t>(features()));
        bool right = places.rank() == 1 && places.numel() == features();
        for (const int64_t p : given) {
            right = right && p >= 1 && p <= features() && !met[static_cast<std::size_t>(p - 1)];
            if (right) met[static_cast<std::size_t>(p - 1)] = true;
        }
        if (!right) detail::fail<ValueError>("Made", "an order must have each of 1 .. ", features(), " once");
    }
};

}
