#include <tapegrad/nn/store.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/nn/embedding.hpp>
#include <tapegrad/nn/gated_mlp.hpp>
#include <tapegrad/nn/hooked.hpp>
#include <tapegrad/nn/load_state_dict.hpp>
#include <tapegrad/nn/rms_norm.hpp>
#include <tapegrad/nn/sequential.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using support::same_bits;

namespace {

/// A language model of no length: what store_ may meet.
struct Model {
    Embedding<> wte;
    std::vector<GatedMlp<>> layers;
    Sequential<Hooked<Linear<>>, RMSNorm<>> last;
    std::optional<Linear<>> extra;
    Linear<> lm_head;
    TAPEGRAD_FIELDS(wte, layers, last, extra, lm_head);

    explicit Model(Generator& g)
        : wte(40, 32, g), last(Hooked<Linear<>>(Linear(32, 32, g)), RMSNorm(32)), lm_head(32, 40, g) {
        for (int i = 0; i < 2; ++i) layers.emplace_back(32, 64, g);
        extra.emplace(32, 32, g);
        lm_head.weight = wte.weight;
    }
    Tensor<float> operator()(const Tensor<int64_t>& ids) const {
        Tensor<float> x = wte(ids);
        for (const auto& layer : layers) x = x + layer(x);
        return lm_head((*extra)(last(x)));
    }
};

double distance(const Tensor<float>& a, const Tensor<float>& b) {
    double difference = 0, size = 0;
    const auto p = to_vector(a), q = to_vector(b);
    for (std::size_t i = 0; i < p.size(); ++i) {
        difference += std::pow(static_cast<double>(p[i] - q[i]), 2);
        size += std::pow(static_cast<double>(q[i]), 2);
    }
    return std::sqrt(difference / size);
}

constexpr int64_t mlp = 3 * 32 * 64, square = 32 * 32, head = 32 * 40;
constexpr int64_t weights = 2 * mlp + 2 * square + head;

}

TEST_CASE("store_: every linear layer, in each storage") {
    const Tensor<int64_t> ids{3, 0, 39, 7};
    struct Case {
        Storage storage;
        int64_t bytes;
        double error;
        const char* name;
    };
    for (const auto& [storage, bytes, error, text] :
         {Case{Storage::bfloat16, weights * 2, 0.01, "bfloat16"},
          Case{Storage::int8, weights + weights / 32 * 4, 0.02, "int8"},
          Case{Storage::int4, weights / 2 + weights / 32 * 4, 0.3, "int4"}}) {
        CAPTURE(text);
        Generator g(1);
        Model model(g);
        const auto before = model(ids);
        const auto table = detail::copy(model.wte.weight);
        const StoreReport report = store_(model, storage, {.group = 32});
        CHECK(report.layers == 9);
        CHECK(report.bytes_before == weights * 4);
        CHECK(report.bytes_after == bytes);
        CHECK(distance(model(ids), before) < error);
        CHECK(distance(model(ids), before) > 0);
        CHECK(model.lm_head.stored->storage() == std::string(text));
        CHECK(same_bits(model.wte.weight, table));   // the table of a tied head stays
        CHECK(named_parameters(model).size() == 5);  // the table, a norm, three biases
        CHECK(store_(model, storage).layers == 0);
        // The result is that of the float weights that it stands for.
        const Model copy = clone(model);
        const auto stored = model(ids);
        CHECK(same_bits(copy(ids), stored));
        const StoreReport back = widen_(model);
        CHECK(back.layers == 9);
        CHECK(back.bytes_before == report.bytes_after);
        CHECK(back.bytes_after == report.bytes_before);
        CHECK(distance(model(ids), stored) < 1e-5);
        CHECK(state_dict(model).contains("layers.1.down_proj.weight"));
        CHECK(model.lm_head.weight.requires_grad());
    }
}

TEST_CASE("store_: layers by name") {
    Generator g(1);
    Model model(g);
    std::string names;
    const StoreReport report = store_(model, Storage::int8, {}, [&](std::string_view name) {
        names.append(name).append(" ");
        return name == "lm_head" || name.starts_with("layers.0");
    });
    CHECK(report.layers == 5);
    CHECK(names ==
          "layers.0.gate_proj layers.0.up_proj layers.0.down_proj layers.1.gate_proj layers.1.up_proj "
          "layers.1.down_proj last.0 extra lm_head ");
    CHECK(model.lm_head.weight.is_same(model.wte.weight));
    CHECK(model.layers[0].up_proj.stored == nullptr);
    CHECK(model.layers[1].up_proj.stored != nullptr);
    Linear alone(32, 4, g);
    CHECK(store_(alone, Storage::int4).layers == 1);
    CHECK(alone(zeros<float>({2, 32})).shape() == Shape{2, 4});
}

TEST_CASE("store_: floats that nobody else holds are freed, and shared ones become one") {
    Generator g(1);
    std::vector<Linear<>> layers(3);
    layers[0] = Linear(256, 256, g);
    layers[1] = layers[0];
    layers[2] = Linear(256, 256, g);
    Sequential<ModuleList<Linear<>>> module(layers);
    layers.clear();
    const auto live = pool::statistics().live_bytes;
    const StoreReport report = store_(module, Storage::int8);
    CHECK(report.layers == 3);
    CHECK(report.bytes_before == 2 * 256 * 256 * 4);
    CHECK(live - pool::statistics().live_bytes > report.bytes_before - report.bytes_after - 65536);
    auto& list = module.get<0>();
    CHECK(list[0].stored == list[1].stored);
    CHECK(list[0].stored != list[2].stored);
    widen_(module);
    CHECK(list[0].weight.is_same(list[1].weight));
    CHECK(!list[0].weight.is_same(list[2].weight));
}

TEST_CASE("store_: gradients go through to what is trained before") {
    Generator g(1);
    Model model(g);
    store_(model, Storage::int4);
    sum(model(Tensor<int64_t>{1, 2})).backward();
    CHECK(model.wte.weight.grad().defined());
    CHECK(model.extra->bias.grad().defined());
}

TEST_CASE("store_: errors") {
    Generator g(1);
    Model model(g);
    model.layers[1].up_proj.weight.mutable_data()[70] = std::numeric_limits<float>::infinity();
    CHECK(message<ValueError>([&] { store_(model, Storage::int8, {.group = 32}); }) ==
          "store_: 'layers.1.up_proj': quantize: w holds a value that is not finite in row 2, group 0");
    CHECK(model.layers[1].up_proj.weight.defined());
    CHECK(model.layers[1].gate_proj.stored != nullptr);
    CHECK(message<ValueError>([&] { store_(model, Storage::int8, {.group = 5}); }) ==
          "store_: 'layers.1.up_proj': quantize: the group is 5; it must be a power of two from 32");
    CHECK(message<ValueError>([&] { state_dict(model); }) ==
          "state_dict: 'layers.0.gate_proj' holds a weight in int8, which is no tensor: save and load before "
          "store_, or make it one with widen_");
    CHECK(message<ShapeError>([] { stored_weight(zeros<float>({3}), Storage::bfloat16); }) ==
          "stored_weight: w (3,) must be a matrix (out, in)");
    CHECK(message<ShapeError>([&] {
              model.layers[0].up_proj(zeros<float>({2, 3}));
          }) ==
          "linear: x (2, 3) and weight (64, 32) do not fit: the last size of x must be the second of weight "
          "(out, in)");
}
