#include <tapegrad/text/tokenizer_json.hpp>

#include <tapegrad/text/save_tokenizer.hpp>
#include <tapegrad/text/train_bpe.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
std::string file_of(const std::string& name) { return golden("text_" + name + "-tokenizer.json"); }
Tokenizer from(const std::string& json) {
    const TemporaryFolder folder;
    write_text(folder / "x", json);
    return load_tokenizer_json(folder / "x");
}
}

TEST_CASE("tokenizer json: ids and texts of every family") {
    for (const char* name : {"llama3", "qwen2", "deepseek", "starcoder", "clip", "added", "llama2",
                             "metaspace", "unigram", "bert", "bert_cased"}) {
        CAPTURE(name);
        cases::check(load_tokenizer_json(file_of(name)), name, {.add_special = true, .allow_special = true});
    }
}

TEST_CASE("tokenizer json: what was trained and saved here") {
    const TemporaryFolder folder;
    BpeTrainer trainer({.vocab_size = 500, .special = {"<s>"}, .pattern = std::string(o200k_pattern)});
    trainer.add(read_text(golden("text_corpus.txt")));
    const Tokenizer before = trainer.train();
    save_tokenizer_json(before, folder / "x");
    const Tokenizer after = load_tokenizer_json(folder / "x");
    CHECK(after.vocab_size() == before.vocab_size());
    for (const std::string& text : cases::strings()) CHECK(after.encode(text) == before.encode(text));
    save_tokenizer_json(after, folder / "y");
    CHECK(read_text(folder / "x") == read_text(folder / "y"));
}

TEST_CASE("tokenizer json: what is refused, by name") {
    const std::string head =
        R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]})";
    CHECK(from(head + "}").encode("ab") == std::vector<int64_t>{2});
    CHECK(from(head + R"(, "added_tokens": [{"id": 0, "content": "a"}, {"id": 9, "content": "c"}]})")
              .vocab_size() == 10);
    for (
        const char* rest : {
            R"(, "added_tokens": [{"id": 9, "content": ""}]})",
            R"(, "added_tokens": [{"id": 1, "content": "a"}]})",
            R"(, "added_tokens": [{"id": 1, "content": "c"}]})",
            R"(, "added_tokens": [{"id": -1, "content": "c"}]})",
            R"(, "added_tokens": [{"id": 4294967296, "content": "c"}]})",
            R"(, "added_tokens": [{"id": 8, "content": "c"}, {"id": 8, "content": "d"}]})",
            R"(, "added_tokens": [{"id": 8, "content": "c"}, {"id": 9, "content": "c"}]})",
            R"(, "added_tokens": [{"content": "c"}]})",
            R"(, "added_tokens": {}})",
            R"(, "post_processor": {"type": "TemplateProcessing", "single": [], "special_tokens": {}}})",
            R"(, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}, {"Sequence": {"id": "A"}}], "special_tokens": {}}})",
            R"(, "post_processor": {"type": "RobertaProcessing", "sep": ["a"], "cls": ["a", 0]}})",
            R"(, "post_processor": {"type": "Other"}})",
        }) {
        CAPTURE(rest);
        CHECK_THROWS_AS(from(head + rest), IoError);
    }
    for (const char* model : {
             "5",
             "[]",
             "{}",
             R"({"type": "BPE"})",
             R"({"type": "BPE", "vocab": {}})",
             R"({"type": "WordLevel", "vocab": {}})",
             R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]})",
             R"({"type": "BPE", "vocab": {"a": 0}, "merges": {}})",
             R"({"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1})",
             R"({"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "b"})",
             R"({"type": "BPE", "vocab": [["a", 0]], "merges": []})",
             R"({"type": "Unigram", "vocab": [], "unk_id": 0})",
             R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1})",
             R"({"type": "Unigram", "vocab": [["a", 0]]})",
             R"({"type": "Unigram", "vocab": {"a": 0}, "unk_id": 0})",
             R"({"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "b"})",
             R"({"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "a", "max_input_chars_per_word": -1})",
         }) {
        CAPTURE(model);
        CHECK_THROWS_AS(from(std::string(R"({"model": )") + model + "}"), IoError);
    }
    CHECK_THROWS_AS(from(""), IoError);
    CHECK_THROWS_AS(from("[]"), IoError);
    CHECK_THROWS_AS(from(std::string(100'000, '[')), IoError);
}

TEST_CASE("tokenizer json: damaged files") {
    const TemporaryFolder folder;
    for (const char* name : {"llama3", "unigram", "bert", "llama2"})
        cases::check_hostile(folder / "x", read_text(file_of(name)), 250, [](const std::string& path) {
            const Tokenizer t = load_tokenizer_json(path);
            const auto ids =
                t.encode("Some text, 12 \u4e2d\xff <s>", {.add_special = false, .allow_special = true});
            CHECK_NOTHROW(t.decode(ids));
        });
}
