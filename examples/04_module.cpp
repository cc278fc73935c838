// Modules: plain structs whose members are named in one line; parameters, checkpoints, copies and freezing
// follow from it.
//
//   ./04_module            last line: "after load: same output"
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

// A gated MLP. TAPEGRAD_FIELDS lists every member, in order: leaving one out does not compile. The names are
// the keys of a checkpoint: "up.weight", "gate.weight", "down.weight".
struct GatedBlock {
    Linear<> up, gate, down;
    double scale = 1;
    TAPEGRAD_FIELDS(up, gate, down, scale);

    GatedBlock() = default;
    GatedBlock(int64_t width, int64_t hidden, Generator& generator)
        : up(width, hidden, generator, {.bias = false}),
          gate(width, hidden, generator, {.bias = false}),
          down(hidden, width, generator, {.bias = false}) {}

    Tensor<float> operator()(const Tensor<float>& x) const {
        const auto gated = [](auto u, auto g, auto s) { return s * u * silu(g); };
        return down(map("gated", gated, up(x), gate(x), scale));
    }
};

// Modules contain modules, in vectors too: "blocks.0.up.weight", ...
struct Tower {
    std::vector<GatedBlock> blocks;
    LayerNorm<> norm;
    TAPEGRAD_FIELDS(blocks, norm);

    Tensor<float> operator()(Tensor<float> x) const {
        for (const GatedBlock& block : blocks) x = x + block(x);
        return norm(x);
    }
};

int main() {
    Generator generator(1);
    Tower tower{{GatedBlock(8, 16, generator), GatedBlock(8, 16, generator)}, LayerNorm<>(8)};
    std::printf("%s\n", summary(tower, zeros<float>({4, 8})).c_str());  // 4: any batch

    // Every parameter by name; a gradient in each after a backward.
    const Tensor<float> x = randn<float>({4, 8}, generator);
    sum(square(tower(x))).backward();
    for_each_parameter(tower, [](std::string_view name, const Tensor<float>& p) {
        std::printf("%-22.*s %-8s gradient %s\n", static_cast<int>(name.size()), name.data(),
                    p.shape().to_string().c_str(), p.grad().defined() ? "yes" : "no");
    });

    // A copy of the struct shares the parameters; a clone has its own. Frozen parameters collect nothing.
    Tower copy = clone(tower);
    requires_grad_(copy.blocks[0], false);
    std::printf("frozen: %s\n", copy.blocks[0].up.weight.requires_grad() ? "no" : "yes");

    // A state of another model is refused, with a report of what does not fit.
    Tower other{{GatedBlock(8, 32, generator)}, LayerNorm<>(8)};
    try {
        load_state_dict(other, state_dict(tower));
    } catch (const Error& e) {
        std::printf("%s\n", e.what());
    }

    Tower fresh{{GatedBlock(8, 16, generator), GatedBlock(8, 16, generator)}, LayerNorm<>(8)};
    load_state_dict(fresh, state_dict(tower));
    const bool same = to_vector(fresh(x)) == to_vector(tower(x));
    std::printf("after load: %s\n", same ? "same output" : "different output");
}
