#include <tapegrad/generation/perplexity.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>

#include "../support/message.hpp"
#include "toy_models.hpp"

using namespace tapegrad;
using support::Bigram, support::message, support::Remembering;

TEST_CASE_TEMPLATE("perplexity: windows, as the recipe in PyTorch", T, float, double) {
    const SafetensorsFile golden("tests/golden/perplexity.safetensors");
    const auto ids = to_vector(golden.load<int64_t>("ids"));
    const Remembering<T> model{30};
    for (const auto& [context, stride] :
         {std::pair(16, 8), std::pair(16, 16), std::pair(64, 32), std::pair(10, 3), std::pair(2, 1)}) {
        const std::string name = std::to_string(context) + '_' + std::to_string(stride);
        CAPTURE(name);
        const auto want = to_vector(golden.load<double>(name + ".nll"));
        const Perplexity got = perplexity(model, ids, {.context = context, .stride = stride});
        CHECK(got.positions == to_vector(golden.load<int64_t>(name + ".positions")));
        REQUIRE(got.scores.log_probs.size() == want.size());
        double sum = 0;
        for (std::size_t i = 0; i < want.size(); ++i) {
            CHECK(got.scores.log_probs[i] ==
                  doctest::Approx(-want[i]).epsilon(sizeof(T) == 4 ? 1e-5 : 1e-12));
            sum += want[i];
        }
        CHECK(got.perplexity() == doctest::Approx(std::exp(sum / static_cast<double>(want.size()))));
        CHECK(got.scores.entropies.size() == want.size());
    }
}

TEST_CASE_TEMPLATE("perplexity: of a text and of a file", T, float, double) {
    const Bigram<T> model(256, 4);
    const auto encode = [](std::string_view s) {
        std::vector<int64_t> ids;
        for (const char c : s) ids.push_back(static_cast<unsigned char>(c));
        return ids;
    };
    const std::string text = "Every token but the first is judged once.";
    const Perplexity got = perplexity_of_text(model, text, encode, {.context = 8, .stride = 4});
    CHECK(got.bytes == std::ssize(text));
    CHECK(got.scores.size() == std::ssize(text) - 1);
    CHECK(got.bits_per_byte() ==
          doctest::Approx(std::log2(got.perplexity()) * static_cast<double>(got.scores.size()) /
                          static_cast<double>(text.size())));
    const Perplexity file = perplexity_of_file(model, "tests/golden/printing.txt", encode);
    CHECK(file.bytes > 1000);
    CHECK(file.scores.size() == file.bytes - 1);
    CHECK_THROWS_AS(perplexity_of_file(model, "tests/golden/no such file", encode), IoError);
}

TEST_CASE("perplexity: errors") {
    const Bigram<float> model(10, 3);
    const std::vector<int64_t> ids{1, 2, 3};
    const auto error = [&](std::span<const int64_t> of, const PerplexityOptions& options) {
        return message<ValueError>([&] { perplexity(model, of, options); });
    };
    CHECK(error(ids, {.context = 1}) == "perplexity: context 1 is less than 2");
    CHECK(error(ids, {.stride = 0}) == "perplexity: stride 0 is outside [1, context 1024]");
    CHECK(error(ids, {.context = 8, .stride = 9}) == "perplexity: stride 9 is outside [1, context 8]");
    CHECK(error(std::span(ids).first(1), {}) ==
          "perplexity: 1 tokens: there have to be two, the first is not judged");
}
