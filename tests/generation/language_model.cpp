#include <tapegrad/generation/language_model.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "toy_models.hpp"

using namespace tapegrad;

namespace {
/// Gives logits of the wrong shape.
struct Wrong {
    using Cache = support::Bigram<float>::Cache;
    Cache make_cache() const { return {}; }
    Tensor<float> operator()(const Tensor<int64_t>&, const LanguageModelInput<Cache, float>&) const {
        return zeros<float>({2, 3, 5});
    }
};
}

TEST_CASE("language model: what is one, and of which type its logits are") {
    static_assert(LanguageModel<support::Bigram<float>>);
    static_assert(LanguageModel<support::Remembering<double>>);
    static_assert(!LanguageModel<Tensor<float>>);
    static_assert(std::is_same_v<LogitOf<support::Bigram<float>>, float>);
    static_assert(std::is_same_v<LogitOf<support::Remembering<double>>, double>);
}

TEST_CASE("language model: logits of another shape") {
    const auto logits = [](const Shape& ids, bool last_only) {
        return support::message<ShapeError>([&] {
            LanguageModelInput<Wrong::Cache, float> input;
            input.last_only = last_only;
            detail::logits_of<Wrong, float>("generate", Wrong(), zeros<int64_t>(ids), input);
        });
    };
    CHECK(logits({2, 3}, false) == "nothing thrown");
    CHECK(logits({2, 4}, false) == "generate: the model gave logits (2, 3, 5) for ids (2, 4)");
    CHECK(logits({2, 3}, true) ==
          "generate: the model gave logits (2, 3, 5) for ids (2, 3), of the last token alone");
}
