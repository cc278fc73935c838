#include <tapegrad/text/save_gguf_tokenizer.hpp>

#include <tapegrad/io/gguf_writer.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
Tokenizer through_gguf(const GgufMetadata& metadata) {
    const TemporaryFolder folder;
    save_gguf(folder / "m.gguf", {}, metadata);
    return load_gguf_tokenizer(folder / "m.gguf");
}
}

TEST_CASE("save_gguf_tokenizer: what went through GGUF gives the same ids as the reference") {
    cases::check(through_gguf(gguf_tokenizer(
                     load_gpt2_tokenizer(golden("text_gpt2-vocab.json"), golden("text_gpt2-merges.txt")))),
                 "gpt2", {.allow_special = true}, {.skip_special = false});
    cases::check(through_gguf(gguf_tokenizer(golden("text_llama3-tokenizer.json"))), "llama3",
                 {.add_special = true, .allow_special = true});
    cases::check(through_gguf(gguf_tokenizer(golden("text_sp_bpe.model"))), "sp_bpe", {});
}

TEST_CASE("save_gguf_tokenizer: keys") {
    const GgufMetadata llama3 = gguf_tokenizer(golden("text_llama3-tokenizer.json"), 2000);
    CHECK(llama3.string("tokenizer.ggml.model") == "gpt2");
    CHECK(llama3.string("tokenizer.ggml.pre") == "llama-bpe");
    CHECK(llama3.boolean("tokenizer.ggml.add_bos_token"));
    CHECK(llama3.integer("tokenizer.ggml.bos_token_id") == 0);
    CHECK(llama3.at("tokenizer.ggml.tokens").count() == 2000);
    CHECK(llama3.at("tokenizer.ggml.tokens").string(1999) == "[PAD1999]");
    CHECK(llama3.at("tokenizer.ggml.token_type").integer(1999) == 5);
    CHECK(llama3.at("tokenizer.ggml.token_type").integer(0) == 3);
    const GgufMetadata qwen2 = gguf_tokenizer(golden("text_qwen2-tokenizer.json"));
    CHECK(qwen2.string("tokenizer.ggml.pre") == "qwen2");
    CHECK(!qwen2.boolean("tokenizer.ggml.add_bos_token"));
    const Tokenizer before = load_tokenizer(golden("text_qwen2-tokenizer.json")), after = through_gguf(qwen2);
    for (const char* text : {"Hello, world!  12345\n\n", "<|im_start|>user\nI'M here", "  a\t b"})
        CHECK(after.encode(text, {.allow_special = true}) == before.encode(text, {.allow_special = true}));
    const GgufMetadata pieces = gguf_tokenizer(golden("text_sp_bpe.model"));
    CHECK(pieces.string("tokenizer.ggml.model") == "llama");
    CHECK(pieces.at("tokenizer.ggml.scores").count() == pieces.at("tokenizer.ggml.tokens").count());
}

TEST_CASE("save_gguf_tokenizer: what llama.cpp has no name for") {
    CHECK_THROWS_WITH_AS(gguf_tokenizer(golden("text_starcoder-tokenizer.json")),
                         "gguf_tokenizer: llama.cpp has no name for the cuts of this tokenizer", ValueError);
    CHECK_THROWS_WITH_AS(gguf_tokenizer(golden("text_bert-tokenizer.json")),
                         "gguf_tokenizer: only byte-level BPE is written of a loaded tokenizer", ValueError);
    CHECK_THROWS_WITH_AS(gguf_tokenizer(golden("text_sp_unigram.model")),
                         "gguf_tokenizer: tests/golden/text_sp_unigram.model: only SentencePiece's BPE is "
                         "written, not unigram",
                         ValueError);
}
