// Networks from features and a context to other features: conditioners of flows.
#pragma once

#include "batch_norm.hpp"
#include "dropout.hpp"
#include "mlp.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ResidualNetOptions {
    int64_t blocks = 2;
    int64_t context = 0;  // features of the context; 0: there is none
    bool batch_norm = false;
    double dropout = 0;
};

/// linear1(act(linear0(act(x)))), gated by the context where there is one.
template <Floating T>
struct ResidualBlock {
    std::vector<BatchNorm<T>> batch_norm_layers;
    std::optional<Linear<T>> context_layer;
    std::vector<Linear<T>> linear_layers;
    TAPEGRAD_FIELDS(batch_norm_layers, context_layer, linear_layers);
};

/// A linear layer, blocks whose sum with their input goes on, and a linear layer. A context stands beside the input, and
/// gates what each block adds.
///   ResidualNet<> net(2, 4, 128, {.blocks = 2, .context = 3}, generator);
/// Shape    x (n, in), context (n, its features) -> y (n, out)
/// Numeric  the second layer of a block begins even over [-1e-3, 1e-3). Keys and values are those of nflows
/// Source   He et al., Identity Mappings in Deep Residual Networks, 2016
template <Floating T = float, class Activation = ReLU>
struct ResidualNet {
    Linear<T> initial_layer;
    std::vector<ResidualBlock<T>> blocks;
    Linear<T> final_layer;
    Dropout drop;
    int64_t context_features = 0;
    Activation activation = {};
    TAPEGRAD_FIELDS(initial_layer, blocks, final_layer, drop, context_features, activation);

    ResidualNet() = default;
    /// Throws   ValueError: a negative number of blocks or of features of the context; ShapeError: a negative size
    ResidualNet(int64_t in, int64_t out, int64_t hidden, const ResidualNetOptions& o, Generator& generator,
                Activation act = {})
        : drop{o.dropout}, context_features(o.context), activation(act) {
        if (o.blocks < 0) detail::fail<ValueError>("ResidualNet", o.blocks, " blocks");
        if (o.context < 0) detail::fail<ValueError>("ResidualNet", "a context of ", o.context, " features");
        initial_layer = Linear<T>(in + o.context, hidden, generator);
        for (int64_t i = 0; i < o.blocks; ++i) {
            ResidualBlock<T> block;
            if (o.context > 0) block.context_layer.emplace(o.context, hidden, generator);
            for (int each = 0; each < 2; ++each) {
                if (o.batch_norm)
                    block.batch_norm_layers.emplace_back(hidden, BatchNormModuleOptions{.eps = 1e-3});
                block.linear_layers.emplace_back(hidden, hidden, generator);
            }
            init::uniform_(block.linear_layers[1].weight, generator, -1e-3, 1e-3);
            init::uniform_(block.linear_layers[1].bias, generator, -1e-3, 1e-3);
            blocks.push_back(std::move(block));
        }
        final_layer = Linear<T>(hidden, out, generator);
    }

    /// Throws   ValueError: a context for a network without one, or none for one with it; ShapeError: sizes
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& context = {},
                         Generator& generator = default_generator()) const {
        Tensor<T> h = initial_layer(detail::beside_context("ResidualNet", x, context, context_features));
        for (const ResidualBlock<T>& block : blocks) {
            const bool norm = !block.batch_norm_layers.empty();
            Tensor<T> u = block.linear_layers[0](activation(norm ? block.batch_norm_layers[0](h) : h));
            u = activation(norm ? block.batch_norm_layers[1](u) : u);
            if (drop.p > 0) u = drop(u, generator);
            u = block.linear_layers[1](u);
            if (block.context_layer) u = glu(cat({u, (*block.context_layer)(context)}, 1), 1);
            h = h + u;
        }
        return final_layer(h);
    }
};

}
