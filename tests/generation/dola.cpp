#include <tapegrad/generation/dola.hpp>

#include <tapegrad/generation/generate.hpp>
#include <tapegrad/ops/argmax.hpp>

#include "../support/message.hpp"
#include "golden.hpp"
#include "toy_models.hpp"

using namespace tapegrad;
using support::message, support::Remembering, support::generation_case;

TEST_CASE_TEMPLATE("dola: as its formula", T, float, double) {
    const Tensor<T> last = generation_case<T>("logits"), layers = generation_case<T>("layers");
    const auto layer = [&](int64_t i) { return select(layers, 0, i); };
    CHECK(support::close(contrast_layers<T>(last, {layer(1)}), generation_case<T>("dola_static"), 2e-6));
    CHECK(support::close(contrast_layers<T>(last, {layer(0), layer(1), layer(2)}), generation_case<T>("dola"),
                         2e-6));
    // Each row takes its own, and the others' shapes do not matter: (4, 1, V) is four rows as well.
    const auto rows = [](const Tensor<T>& x) { return unsqueeze(x, 1); };
    CHECK(support::close(contrast_layers<T>(rows(last), {rows(layer(0)), rows(layer(1)), rows(layer(2))}),
                         rows(generation_case<T>("dola")), 2e-6));
    // A layer that says the same as the last is never the farthest.
    CHECK(
        support::close(contrast_layers<T>(last, {last, layer(1)}), generation_case<T>("dola_static"), 2e-6));
    const Tensor<T> finite = contrast_layers<T>(last, {layer(1)}, 0.1, -1000);
    CHECK(amin(finite).item() == T(-1000));
}

TEST_CASE_TEMPLATE("dola model: hidden states through the head", T, float, double) {
    const Remembering<T> inner{30, 2};
    const DolaModel model(inner, {.layers = {0, 1}});
    static_assert(LanguageModel<decltype(model)>);
    Generator generator(3);
    const std::vector<std::vector<int64_t>> prompts{{1, 2, 3}, {7}};
    const Generated out = generate(model, prompts, {.max_new_tokens = 6}, Greedy{}, generator);
    for (std::size_t b = 0; b < 2; ++b) {
        std::vector<int64_t> known = prompts[b];
        for (const int64_t token : out.sequences[b].tokens) {
            std::vector<Tensor<T>> hidden;
            LanguageModelInput<typename Remembering<T>::Cache, T> input;
            input.hidden_states = &hidden;
            const Tensor<T> logits =
                inner(from_vector(known, {1, std::ssize(known)}), input);  // of all tokens
            const Tensor<T> scores =
                contrast_layers<T>(logits, {inner.head(hidden[0]), inner.head(hidden[1])});
            CHECK(argmax(select(scores, 1, std::ssize(known) - 1), -1).item() == token);
            known.push_back(token);
        }
    }
    std::vector<Tensor<T>> hidden;
    LanguageModelInput<typename Remembering<T>::Cache, T> input;
    input.hidden_states = &hidden;
    model(from_vector<int64_t>({1, 2}, {1, 2}), input);
    CHECK(hidden.size() == 3);
}

TEST_CASE("dola layers: every second of a half") {
    using Layers = std::vector<int64_t>;
    CHECK(dola_layers(32, false) == Layers{0, 2, 4, 6, 8, 10, 12, 14});
    CHECK(dola_layers(32, true) == Layers{16, 18, 20, 22, 24, 26, 28, 30});
    CHECK(dola_layers(12, false, true) == Layers{2, 4});
    CHECK(dola_layers(48, false) == Layers{0, 2, 4, 6, 8, 10, 12, 14, 16, 18});
    CHECK(dola_layers(48, true) == Layers{28, 30, 32, 34, 36, 38, 40, 42, 44, 46});
    CHECK(dola_layers(2, false, true) == Layers{1});
    CHECK(dola_layers(2, true) == Layers{1});
    CHECK(dola_layers(1, false, true) == Layers{0});
}

TEST_CASE("dola: errors") {
    const Tensor<float> x = zeros<float>({2, 3});
    CHECK(message<ValueError>([&] { contrast_layers<float>(x, {}); }) ==
          "dola: there is no layer to contrast with");
    CHECK(message<ValueError>([&] { contrast_layers<float>(x, {x}, 0); }) ==
          "dola: relative_top 0 is outside (0, 1]");
    const Remembering<float> inner{5};
    CHECK(message<ValueError>([&] { DolaModel(inner, {}); }) == "dola: there is no layer to contrast with");
    for (const int64_t layer : {-1, 2}) {
        const DolaModel model(inner, {.layers = {layer}});
        CHECK(message<IndexError>([&] {
                  model(zeros<int64_t>({1, 1}), {});
              }) == "dola: layer " + std::to_string(layer) + " is outside [0, 2), those below the last");
    }
}
