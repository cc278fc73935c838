#include <tapegrad/generation/contrastive.hpp>

#include <tapegrad/generation/generate.hpp>
#include <tapegrad/ops/argmax.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "golden.hpp"
#include "toy_models.hpp"

using namespace tapegrad;
using support::message, support::Remembering, support::generation_case;

TEST_CASE_TEMPLATE("contrast: as its formula", T, float, double) {
    const Tensor<T> expert = generation_case<T>("logits"), amateur = generation_case<T>("amateur");
    CHECK(support::close(contrast(expert, amateur), generation_case<T>("contrast"), 2e-6));
    CHECK(support::close(
        contrast(
            expert, amateur,
            {.alpha = 0.3, .amateur_temperature = 0.5, .expert = 1.5, .amateur = 0.5, .thrown_out = -1000}),
        generation_case<T>("contrast_options"), 2e-6));
}

TEST_CASE("contrast: gradients to both") {
    const Tensor<double> expert = support::normal<double>({2, 5}, 1),
                         amateur = support::normal<double>({2, 5}, 2);
    CHECK_GRAD([](const auto& x) { return contrast(x[0], x[1], {.alpha = 1e-3, .thrown_out = 0}); },
               {expert, amateur});
}

TEST_CASE_TEMPLATE("contrastive model: two models, each with its cache", T, float, double) {
    const Remembering<T> expert{30, 2}, amateur{30, 0.5};
    const ContrastiveModel model(expert, amateur, {.alpha = 0.2});
    static_assert(LanguageModel<decltype(model)>);
    Generator generator(3);
    const std::vector<std::vector<int64_t>> prompts{{1, 2, 3}, {7}};
    const Generated out = generate(model, prompts, {.max_new_tokens = 8, .samples = 2}, Greedy{}, generator);
    for (std::size_t b = 0; b < 4; ++b) {
        std::vector<int64_t> known = prompts[b / 2];
        for (const int64_t token : out.sequences[b].tokens) {
            const Tensor<int64_t> ids = from_vector(known, {1, std::ssize(known)});
            const Tensor<T> scores =
                contrast(expert(ids, {.last_only = true}), amateur(ids, {.last_only = true}), {.alpha = 0.2});
            CHECK(argmax(scores, -1).item() == token);
            known.push_back(token);
        }
    }
    // Forked caches go on alone.
    auto cache = model.make_cache();
    LanguageModelInput<typename decltype(model)::Cache, T> input;
    input.cache = &cache;
    model(from_vector(prompts[0], {1, 3}), input);
    auto fork = cache.fork();
    CHECK(fork.length() == 3);
    const Tensor<T> first = model(from_vector<int64_t>({5}, {1, 1}), input);
    input.cache = &fork;
    CHECK(support::same_bits(first, model(from_vector<int64_t>({5}, {1, 1}), input)));
}

TEST_CASE("contrast: errors") {
    const Tensor<float> x = zeros<float>({2, 3}), y = zeros<float>({2, 4});
    CHECK(message<ValueError>([&] { contrast(x, x, {.alpha = 0}); }) ==
          "contrast: alpha 0 is outside (0, 1]");
    CHECK(message<ValueError>([&] { contrast(x, x, {.amateur_temperature = 0}); }) ==
          "contrast: amateur_temperature 0 is not a finite number above 0");
    CHECK(message<ShapeError>([&] { contrast(x, y); }) ==
          "contrast: expert (2, 3) and amateur (2, 4) must have the same shape");
    const Remembering<float> model{5};
    CHECK(message<ValueError>([&] { ContrastiveModel(model, model, {.alpha = 2}); }) ==
          "contrast: alpha 2 is outside (0, 1]");
}
