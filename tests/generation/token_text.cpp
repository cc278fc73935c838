#include <tapegrad/generation/token_text.hpp>

#include <doctest/doctest.h>

#include <tapegrad/text/load_tokenizer.hpp>

using namespace tapegrad;

TEST_CASE("token text: goes on behind a prompt, with the space between") {
    for (const char* file : {"tests/golden/text_llama2-tokenizer.json", "tests/golden/text_gpt2-vocab.json",
                             "tests/golden/text_sp_unigram.model"}) {
        CAPTURE(std::string(file));
        const Tokenizer tokenizer = load_tokenizer(file);
        const std::string prompt = "the first of some words", rest = " and the last of them.";
        const auto begun = tokenizer.encode(prompt), whole = tokenizer.encode(prompt + rest);
        REQUIRE(whole.size() > begun.size());
        REQUIRE(std::equal(begun.begin(), begun.end(), whole.begin()));
        const TextMaker make = text_by(tokenizer);
        const TokenText stream = make(begun);
        std::string shown;
        for (std::size_t i = begun.size(); i < whole.size(); ++i) shown += stream.push(whole[i]);
        CHECK(shown + stream.finish() == rest);
    }
}

TEST_CASE("token text: without a prompt it is the decoder's") {
    const Tokenizer tokenizer = load_tokenizer("tests/golden/text_llama2-tokenizer.json");
    const TokenText stream = text_by(tokenizer)({});
    std::string shown;
    for (const int64_t id : tokenizer.encode("some words")) shown += stream.push(id);
    CHECK(shown + stream.finish() == "some words");
}
