#include <tapegrad/models/gpt.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/optim/adamw.hpp>
#include <tapegrad/optim/clip.hpp>

#include "../io/temporary.hpp"
#include "../support/tensors.hpp"
#include "golden_model.hpp"

using namespace tapegrad;
using support::relative_error;

namespace {

constexpr GPTConfig tiny{.vocab_size = 11, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 8};

}

// PyTorch's own float32 is up to 1.4e-6 from the stored float64 results, on the logits and every gradient.
TEST_CASE("gpt: logits, loss, gradients and ten steps equal PyTorch's") {
    using T = float;
    const SafetensorsFile file(golden("gpt_train.safetensors"));
    const GPTConfig config{.vocab_size = 65, .block_size = 64, .n_layer = 2, .n_head = 4, .n_embd = 64};
    Generator generator(1);
    GPT<T> model(config, generator);
    const LoadReport report = load_state_dict(model, file.load_all(), {.strict = false});
    CHECK(report.missing.empty());
    CHECK(report.misshaped.empty());
    const auto ids = file.load<int64_t>("idx"), targets = file.load<int64_t>("targets");

    const Tensor<T> logits = model(ids), loss = model.loss(ids, targets);
    CHECK(relative_error(logits, file.load<float>("logits")) < 1e-4);
    CHECK(static_cast<double>(loss.item()) ==
          doctest::Approx(static_cast<double>(file.load<float>("loss").item())).epsilon(1e-4));
    loss.backward();
    int checked = 0;
    for_each_parameter(model, [&](std::string_view name, const Tensor<T>& p) {
        CAPTURE(std::string(name));
        CHECK(relative_error(p.grad(), file.load<float>("grad." + std::string(name))) < 1e-4);
        ++checked;
    });
    CHECK(checked == 2 + 2 * 12 + 2);

    const std::vector<Tensor<T>> params = parameters<T>(model);
    AdamW optimizer(decay_groups(params, AdamWOptions{.lr = 1e-3, .beta2 = 0.99, .weight_decay = 0.1}));
    const auto losses = to_vector(file.load<float>("losses")),
               norms = to_vector(file.load<float>("grad_norms"));
    for (std::size_t step = 0; step < 10; ++step) {
        optimizer.zero_grad();
        const Tensor<T> now = model.loss(ids, targets);
        now.backward();
        const double norm = clip_grad_norm(params, 1.0);
        optimizer.step();
        CHECK(static_cast<double>(now.item()) ==
              doctest::Approx(static_cast<double>(losses[step])).epsilon(1e-3));
        CHECK(norm == doctest::Approx(static_cast<double>(norms[step])).epsilon(1e-3));
    }
    const StateDict state = state_dict(model);
    for (const char* name : {"transformer.h.0.mlp.c_fc.bias", "transformer.h.1.attn.c_attn.weight",
                             "transformer.ln_f.weight", "transformer.wte.weight"})
        CHECK(relative_error(state.get<T>(name), file.load<float>("final." + std::string(name))) < 1e-3);
}

TEST_CASE("gpt: names, ties and the number of parameters") {
    Generator generator(1);
    const GPT<float> model(tiny, generator);
    const StateDict state = state_dict(model);
    CHECK(state.begin()->name == "transformer.wte.weight");
    CHECK(state.contains("transformer.h.1.mlp.c_proj.bias"));
    CHECK(state.contains("lm_head.weight"));
    CHECK(state.find("lm_head.weight")->is_same(model.transformer.wte.weight));
    const int64_t c = 8, block = 12 * c * c + 13 * c;
    CHECK(count_parameters(model) == 11 * c + 8 * c + 2 * block + 2 * c);
    CHECK(parameters(model).size() == 2 + 2 * 12 + 2);
    const GPT<float> copy = clone(model);
    CHECK(copy.lm_head.weight.is_same(copy.transformer.wte.weight));

    GPTConfig plain = tiny;
    plain.bias = false;
    const GPT<float> without(plain, generator);
    CHECK(parameters(without).size() == 2 + 2 * 6 + 1);
    CHECK(!state_dict(without).contains("transformer.ln_f.bias"));
}

TEST_CASE("gpt: the start") {
    Generator generator(3);
    const GPTConfig config{.vocab_size = 100, .block_size = 64, .n_layer = 2, .n_head = 4, .n_embd = 64};
    const GPT<float> model(config, generator);
    const auto deviation = [](const Tensor<float>& x) {
        double sum = 0;
        for (const float v : to_vector(x)) sum += static_cast<double>(v) * static_cast<double>(v);
        return std::sqrt(sum / static_cast<double>(x.numel()));
    };
    // The deviation of n values has a relative error of 1 / sqrt(2 n) = 0.01; five of those.
    CHECK(deviation(model.transformer.wte.weight) == doctest::Approx(0.02).epsilon(0.05));
    CHECK(deviation(model.transformer.h[0].attn.c_proj.weight) == doctest::Approx(0.01).epsilon(0.06));
    CHECK(deviation(model.transformer.h[1].mlp.c_proj.weight) == doctest::Approx(0.01).epsilon(0.05));
    CHECK(deviation(model.transformer.h[0].attn.c_attn.bias) == 0);
    CHECK(deviation(model.transformer.ln_f.weight) == 1);
    // An untrained model knows nothing: log(100) nats.
    const auto ids = zeros<int64_t>({2, 64});
    CHECK(static_cast<double>(model.loss(ids, ids + 1).item()) ==
          doctest::Approx(std::log(100.0)).epsilon(0.05));
}

TEST_CASE("gpt: a place sees only what is before it") {
    Generator generator(1);
    const GPT<float> model(tiny, generator);
    Tensor<int64_t> ids{{1, 2, 3, 4, 5, 6}}, other{{1, 2, 3, 9, 9, 9}};
    const Tensor<float> a = model(ids), b = model(other);
    for (int t = 0; t < 3; ++t)
        for (int v = 0; v < 11; ++v) CHECK(a(0, t, v) == b(0, t, v));
    CHECK(a(0, 3, 0) != b(0, 3, 0));
}

TEST_CASE_TEMPLATE("gpt: step by step against a cache equals all at once", T, float, double) {
    Generator generator(1);
    GPTConfig config = tiny;
    config.init_std = 0.4;
    const GPT<T> model(config, generator);
    const Tensor<int64_t> ids{{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}};
    const Tensor<T> want = model(ids);
    auto cache = model.make_cache();
    std::vector<Tensor<T>> steps;  // recorded: gradients flow through the cache
    for (int64_t i = 0; i < 6; i += 3) {
        steps.push_back(model(narrow(ids, 1, i, 3), {.cache = &cache}));
        CHECK(support::close(steps.back(), narrow(want, 1, i, 3), 1e-5));
    }
    CHECK(support::close(model(ids, {.last_only = true}), narrow(want, 1, 5, 1), 1e-5));
    const auto whole = grad(sum(square(want)), parameters<T>(model)),
               stepwise = grad(sum(square(cat(steps, 1))), parameters<T>(model));
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(support::close(stepwise[i], whole[i], 1e-3));
    CHECK_THROWS_WITH_AS(
        model(narrow(ids, 1, 0, 3), {.cache = &cache}),
        "GPT: ids (2, 3) must be (batch, length), length up to block_size 8 less 6 cached tokens",
        ShapeError);
}

TEST_CASE("gpt: padding in front, and layers that backward computes again") {
    Generator generator(1);
    GPTConfig config = tiny;
    config.init_std = 0.4;
    config.dropout = 0.2;
    GPT<double> model(config, generator);
    const Tensor<int64_t> ids{{1, 2, 3, 4, 5, 6}, {0, 0, 7, 8, 9, 10}};
    Generator a(5), b(5);
    const auto kept = grad(model.loss(ids, ids, a), parameters<double>(model)),
               again = grad(model.loss(ids, ids, {.checkpoint = true}, b), parameters<double>(model));
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(support::same_bits(again[i], kept[i]));
    CHECK(a.state() == b.state());
    eval(model);
    const Tensor<bool> mask = ids > 0;
    const Tensor<double> both =
        model(ids, {.mask = mask, .positions = Tensor<int64_t>{{0, 1, 2, 3, 4, 5}, {0, 0, 0, 1, 2, 3}}});
    CHECK(
        support::close(narrow(narrow(both, 0, 1, 1), 1, 2, 4), model(Tensor<int64_t>{{7, 8, 9, 10}}), 1e-12));
    std::vector<Tensor<double>> states;
    const Tensor<double> logits = model(ids, {.hidden_states = &states});
    CHECK(states.size() == 3);
    CHECK(support::same_bits(model.head(states.back()), logits));
}

TEST_CASE("gpt: dropout acts in training, from the given generator alone") {
    Generator generator(1);
    GPTConfig config = tiny;
    config.dropout = 0.3;
    GPT<float> model(config, generator);
    const Tensor<int64_t> ids{{1, 2, 3, 4}};
    Generator a(7), b(7);
    const auto first = to_vector(model(ids, a)), again = to_vector(model(ids, b)),
               other = to_vector(model(ids, b));
    CHECK(first == again);
    CHECK(first != other);
    eval(model);
    CHECK(to_vector(model(ids, a)) == to_vector(model(ids, a)));
}

TEST_CASE("gpt: errors") {
    Generator generator(1);
    GPTConfig bad = tiny;
    bad.n_head = 3;
    CHECK_THROWS_WITH_AS(GPT<float>(bad, generator), "GPT: n_embd 8 is no multiple of n_head 3", ValueError);
    const GPT<float> model(tiny, generator);
    CHECK_THROWS_WITH_AS(model(zeros<int64_t>({1, 9})),
                         "GPT: ids (1, 9) must be (batch, length), length up to block_size 8", ShapeError);
    CHECK_THROWS_AS(model(full<int64_t>({1, 2}, 11)), IndexError);
}
