#include <tapegrad/text/save_tokenizer.hpp>

#include <tapegrad/text/gpt2_files.hpp>
#include <tapegrad/text/train_bpe.hpp>

#include "cases.hpp"

using namespace tapegrad;

TEST_CASE("save tokenizer: the files that were read") {
    const TemporaryFolder folder;
    const std::string vocab = golden("text_gpt2-vocab.json"), merges = golden("text_gpt2-merges.txt");
    save_gpt2_files(load_gpt2_tokenizer(vocab, merges), folder / "vocab.json", folder / "merges.txt");
    CHECK(read_text(folder / "merges.txt") == read_text(merges));
    const auto before = cases::read_json(vocab), after = cases::read_json(folder / "vocab.json");
    REQUIRE(before.items.size() == after.items.size());
    for (std::size_t i = 0; i < after.items.size(); ++i)
        CHECK(before.find(after.keys[i])->number == after.items[i].number);
    cases::check(load_gpt2_tokenizer(folder / "vocab.json", folder / "merges.txt"), "gpt2",
                 {.allow_special = true}, {.skip_special = false});
}

TEST_CASE("save tokenizer: tokenizer.json") {
    const TemporaryFolder folder;
    BpeTrainer trainer({.vocab_size = 300, .special = {"<s>"}, .pattern = std::string(cl100k_pattern)});
    trainer.add("some text, some \"text\"");
    save_tokenizer_json(trainer.train(), folder / "tokenizer.json");
    const auto root = cases::read_json(folder / "tokenizer.json");
    CHECK(root.find("added_tokens")->items.size() == 1);
    CHECK(root.find("pre_tokenizer")->find("pretokenizers")->items[0].find("pattern")->find("Regex")->text ==
          cl100k_pattern);
    CHECK(root.find("model")->find("vocab")->find("\"")->number == 2);
}

TEST_CASE("save tokenizer: errors") {
    Vocabulary v;
    v.add("a", 0);
    TokenizerParts parts;
    parts.model = std::make_shared<BpeModel>(v, detail::MergeTable(), BpeOptions{});
    CHECK_THROWS_AS(save_tokenizer_json(Tokenizer(parts), "/nowhere/x"), ValueError);
    parts.model = std::make_shared<BpeModel>(v, detail::MergeTable(), BpeOptions{.byte_level = true});
    CHECK_THROWS_AS(save_tokenizer_json(Tokenizer(parts), "/nowhere/x"), ValueError);
    parts.pre_tokenizers.push_back(std::make_shared<detail::ByteLevel>(false, true));
    CHECK_THROWS_AS(save_tokenizer_json(Tokenizer(parts), "/nowhere/x"), IoError);
    CHECK_THROWS_AS(save_gpt2_files(Tokenizer(parts), "/nowhere/x", "/nowhere/y"), IoError);
}
