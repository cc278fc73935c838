#include <tapegrad/models/llama.hpp>

#include <doctest/doctest.h>

#include <tapegrad/models/configs.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "golden_model.hpp"

using namespace tapegrad;
using support::message;

namespace {

constexpr LlamaConfig tiny{.vocab_size = 31,
                           .hidden_size = 24,
                           .intermediate_size = 40,
                           .num_hidden_layers = 2,
                           .num_attention_heads = 4,
                           .num_key_value_heads = 2,
                           .initializer_range = 0.3};

Tensor<int64_t> some_ids(int64_t batch, int64_t length) {
    Generator generator(3);
    return randint(0, 31, {batch, length}, generator);
}

}

TEST_CASE("llama: logits and gradients of transformers: LLaMA with every scaling, Mistral, Qwen2") {
    Generator generator(1);
    const auto check = [&](const char* name, LlamaConfig (*read)(const ConfigFile&)) {
        const ConfigFile file(support::model_folder(name) + "/config.json");
        Llama<float> model(read(file), generator);
        support::check_model(name, model);
    };
    for (const char* name : {"llama", "llama_linear", "llama3", "llama_yarn", "llama_ntk"})
        check(name, llama_config);
    check("mistral", mistral_config);
    check("qwen2", qwen2_config);
}

TEST_CASE_TEMPLATE("llama: step by step against a cache equals all at once", T, float, double) {
    const no_grad scope;
    for (const int64_t window : {0, 3, 5}) {
        Generator generator(1);
        LlamaConfig c = tiny;
        c.sliding_window = window;
        c.first_window_layer = 1;
        const Llama<T> model(c, generator);
        const Tensor<int64_t> ids = some_ids(2, 14);
        const Tensor<T> want = model(ids);  // (2, 14, 31)
        for (const int64_t prompt : {1, 6}) {
            auto cache = model.make_cache();
            CHECK(support::close(model(narrow(ids, 1, 0, prompt), {.cache = &cache}),
                                 narrow(want, 1, 0, prompt), 1e-5));
            for (int64_t i = prompt; i < 14; ++i) {
                const Tensor<T> y = model(narrow(ids, 1, i, 1), {.cache = &cache, .last_only = true});
                CHECK(support::close(y, narrow(want, 1, i, 1), 1e-5));
            }
            CHECK(cache.length() == 14);
            CHECK(cache.elements_per_token() == 2 * 2 * 2 * 6);
        }
    }
}

TEST_CASE("llama: gradients flow through cached decoding") {
    Generator generator(1);
    const Llama<double> model(tiny, generator);
    const Tensor<int64_t> ids = some_ids(1, 6);
    const auto loss_of = [&](bool stepwise) {
        if (!stepwise) return sum(square(model(ids)));
        auto cache = model.make_cache();
        Tensor<double> total(0.0);
        for (int64_t i = 0; i < 6; i += 2)
            total = total + sum(square(model(narrow(ids, 1, i, 2), {.cache = &cache})));
        return total;
    };
    const auto whole = grad(loss_of(false), parameters<double>(model)),
               steps = grad(loss_of(true), parameters<double>(model));
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(support::close(steps[i], whole[i], 1e-10));
}

TEST_CASE("llama: a shorter text of a batch, padded in front, is as alone") {
    const no_grad scope;
    Generator generator(1);
    const Llama<double> model(tiny, generator);
    const Tensor<int64_t> ids = some_ids(2, 7);
    const Tensor<bool> mask{{true, true, true, true, true, true, true},
                            {false, false, false, true, true, true, true}};
    const Tensor<int64_t> positions{{0, 1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 1, 2, 3}};
    const Tensor<double> both = model(ids, {.mask = mask, .positions = positions});
    CHECK(support::close(narrow(both, 0, 0, 1), model(narrow(ids, 0, 0, 1)), 1e-12));
    const Tensor<int64_t> alone = narrow(narrow(ids, 0, 1, 1), 1, 3, 4);
    CHECK(support::close(narrow(narrow(both, 0, 1, 1), 1, 3, 4), model(alone), 1e-12));
    // The same against a cache.
    auto cache = model.make_cache();
    model(narrow(ids, 1, 0, 4),
          {.cache = &cache, .mask = narrow(mask, 1, 0, 4), .positions = narrow(positions, 1, 0, 4)});
    const Tensor<double> rest =
        model(narrow(ids, 1, 4, 3), {.cache = &cache, .mask = mask, .positions = narrow(positions, 1, 4, 3)});
    CHECK(support::close(rest, narrow(both, 1, 4, 3), 1e-12));
}

TEST_CASE("llama: checkpointed layers, hidden states, tied weights") {
    Generator generator(1);
    LlamaConfig c = tiny;
    c.tie_word_embeddings = true;
    const Llama<double> model(c, generator);
    CHECK(model.lm_head.weight.is_same(model.model.embed_tokens.weight));
    const Tensor<int64_t> ids = some_ids(2, 5);
    const auto kept = grad(model.loss(ids, ids), parameters<double>(model)),
               again = grad(model.loss(ids, ids, {.checkpoint = true}), parameters<double>(model));
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(support::same_bits(kept[i], again[i]));
    std::vector<Tensor<double>> states;
    const Tensor<double> logits = model(ids, {.hidden_states = &states});
    REQUIRE(states.size() == 3);
    CHECK(support::same_bits(model.head(states.back()), logits));
}

TEST_CASE("llama: errors") {
    Generator generator(1);
    const Llama<float> model(tiny, generator);
    CHECK(message<ShapeError>([&] {
              static_cast<void>(model(Tensor<int64_t>{1, 2}));
          }) == "language model: ids (2,) must be (batch, length)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(model(Tensor<int64_t>{{1, 2}}, {.mask = Tensor<bool>{{true}}}));
          }) == "language model: mask (1, 1) must be (1, 2): the cached tokens and these");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(model(Tensor<int64_t>{{1, 2}}, {.positions = Tensor<int64_t>{1}}));
          }) == "language model: positions (1,) for ids (1, 2)");
    CHECK(message<IndexError>([&] {
              static_cast<void>(model(Tensor<int64_t>{{1, 31}}));
          }) == "embedding: id 31 at place 1 is outside [0, 31)");
    CHECK(message<ShapeError>([&] {
              LlamaConfig c = tiny;
              c.num_key_value_heads = 3;
              const Llama<float> wrong(c, generator);
          }) == "GroupedAttention: width 24, 4 heads and 3 of keys and values do not divide");
}
