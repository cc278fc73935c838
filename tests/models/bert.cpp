#include <tapegrad/models/bert.hpp>

#include <doctest/doctest.h>

#include <tapegrad/models/configs.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "golden_model.hpp"

using namespace tapegrad;
using support::message;

namespace {

constexpr BertConfig tiny{.vocab_size = 11,
                          .hidden_size = 8,
                          .num_hidden_layers = 2,
                          .num_attention_heads = 2,
                          .intermediate_size = 12,
                          .max_position_embeddings = 6,
                          .initializer_range = 0.4};

}

TEST_CASE("bert: hidden states and pooler of transformers, with a shorter text in the batch") {
    Generator generator(1);
    const ConfigFile file(support::model_folder("bert") + "/config.json");
    Bert<float> model(bert_config(file), generator);
    load_safetensors(support::model_folder("bert") + "/model.safetensors", model);
    const SafetensorsFile expected(support::model_folder("bert") + "/expected.safetensors");
    const Tensor<bool> mask = expected.load<int64_t>("mask") > 0;
    const Tensor<float> hidden = model(expected.load<int64_t>("ids"), {.mask = mask});
    CHECK(support::relative_error(hidden, expected.load<float>("hidden")) < 2e-6);
    CHECK(support::relative_error(model.pooled(hidden), expected.load<float>("pooled")) < 2e-6);
}

TEST_CASE_TEMPLATE("bert: padding changes nothing, token types do", T, float, double) {
    Generator generator(1);
    const Bert<T> model(tiny, generator);
    const Tensor<int64_t> ids{{1, 2, 3, 0}}, alone{{1, 2, 3}}, types{{0, 0, 1, 1}};
    const Tensor<bool> mask{{true, true, true, false}};
    const Tensor<T> padded = model(ids, {.mask = mask});
    CHECK(support::close(narrow(padded, 1, 0, 3), model(alone), 1e-5));
    CHECK(support::close(sentence_embedding(padded, mask), sentence_embedding(model(alone)), 1e-5));
    CHECK(support::same_bits(model(ids, {.token_types = zeros<int64_t>({1, 4})}), model(ids)));
    CHECK_FALSE(support::close(model(ids, {.token_types = types}), model(ids), 1e-3));
}

TEST_CASE("bert: the vector of a sentence") {
    const Tensor<double> hidden{{{3, 0}, {0, 8}}, {{5, 0}, {9, 9}}};
    const Tensor<bool> mask{{true, true}, {true, false}};
    const Tensor<double> y = sentence_embedding(hidden, mask);
    CHECK(support::close(y, Tensor<double>{{3 / std::sqrt(73.0), 8 / std::sqrt(73.0)}, {1, 0}}, 1e-12));
    CHECK(support::same_bits(sentence_embedding(hidden, zeros<bool>({2, 2})), zeros<double>({2, 2})));
    const std::vector<Tensor<double>> v{hidden};
    const auto f = [&](const auto& x) { return sentence_embedding(x[0], mask); };
    CHECK_GRAD(f, v, 2);
}

TEST_CASE("bert: errors") {
    Generator generator(1);
    const Bert<float> model(tiny, generator);
    CHECK(message<ShapeError>([&] {
              static_cast<void>(model(zeros<int64_t>({1, 7})));
          }) == "Bert: ids (1, 7) must be (batch, length), length up to 6");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(model(zeros<int64_t>({1, 3}), {.mask = full<bool>({1, 2}, true)}));
          }) == "Bert: mask (1, 2) for ids (1, 3)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(sentence_embedding(zeros<float>({2, 3})));
          }) ==
          "sentence_embedding: hidden (2, 3) must be (batch, length, width), and the mask (batch, length)");
    CHECK(message<ShapeError>([&] {
              BertConfig c = tiny;
              c.num_attention_heads = 3;
              const Bert<float> wrong(c, generator);
          }) == "Bert: hidden_size 8 is no multiple of 3 heads");
}
