#include <tapegrad/text/train_bpe.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
Tokenizer trained(std::string_view text, BpeTraining options) {
    BpeTrainer trainer(std::move(options));
    trainer.add(text);
    return trainer.train();
}
}

TEST_CASE("train bpe: the vocabulary of tokenizers, id for id") {
    const Tokenizer t = trained(read_text(golden("text_corpus.txt")),
                                {.vocab_size = 600, .min_frequency = 0, .special = {"<|endoftext|>"}});
    cases::check(t, "gpt2", {.allow_special = true}, {.skip_special = false});
    const auto vocabulary = cases::read_json(golden("text_gpt2-vocab.json"));
    CHECK(t.vocab_size() == static_cast<int64_t>(vocabulary.items.size()));
    for (std::size_t i = 0; i < vocabulary.items.size(); ++i)
        CHECK(t.id_of(vocabulary.keys[i]) == vocabulary.items[i].number);
}

TEST_CASE("train bpe: the most frequent pair, of several the lowest") {
    const Tokenizer t = trained("aaab aab xy xy", {.vocab_size = 260, .min_frequency = 1});
    // ab does not reach over spaces; aa occurs three times, then xy twice as often as others
    CHECK(t.token_of(256) == "aa");
    CHECK(t.vocab_size() == 260);
}

TEST_CASE("train bpe: texts in any order and in parts") {
    BpeTrainer one({.vocab_size = 300}), two({.vocab_size = 300});
    one.add("hello world hello");
    one.add(" hello there");
    two.add("hello there hello");
    two.add("hello world");
    BpeTrainer three({.vocab_size = 300}), four({.vocab_size = 300});
    for (const char* text : {"ab ab abc", "bcd", "ab"}) three.add(text);
    for (const char* text : {"ab", "bcd", "ab ab abc"}) four.add(text);
    const Tokenizer a = three.train(), b = four.train();
    CHECK(a.vocab_size() == b.vocab_size());
    for (int64_t id = 0; id < a.vocab_size(); ++id) CHECK(a.token_of(id) == b.token_of(id));
}

TEST_CASE("train bpe: any pattern, no text, long pieces") {
    const Tokenizer t =
        trained("HelloWorld HelloWorld", {.vocab_size = 280, .pattern = std::string(o200k_pattern)});
    CHECK(t.id_of("World") >= 0);
    CHECK(t.id_of("HelloWorld") == -1);
    CHECK(trained("", {.vocab_size = 300}).vocab_size() == 256);
    const Tokenizer long_piece = trained(std::string(1'000'000, 'a'), {.vocab_size = 270});
    CHECK(long_piece.encode(std::string(1'000'000, 'a')).size() < 1000);
    const std::string bytes("\xff\xfe\x00\x80", 4);
    CHECK(t.decode(t.encode(bytes)) == bytes);
}

TEST_CASE("train bpe: errors") {
    CHECK_THROWS_WITH_AS(BpeTrainer({.vocab_size = 255}),
                         "train_bpe: a vocabulary of 255 is outside [256, 2147483646]", ValueError);
    CHECK_THROWS_WITH_AS(BpeTrainer({.pattern = "(a+)+"}), "train_bpe: the pattern (a+)+ is not known",
                         ValueError);
    CHECK_THROWS_AS(BpeTrainer({.special = {"<s>", "<s>"}}), ValueError);
    CHECK_THROWS_AS(BpeTrainer({.special = {""}}), ValueError);
    CHECK_THROWS_AS(BpeTrainer({.special = {"\xff"}}), ValueError);
}
