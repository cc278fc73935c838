#include <tapegrad/text/gguf_tokenizer.hpp>

#include <tapegrad/io/gguf_writer.hpp>

#include "../support/message.hpp"
#include "cases.hpp"

using namespace tapegrad;

namespace {

/// Byte-level BPE of the letters a and b and their pair, with a special token.
GgufMetadata small_bpe() {
    return {{"tokenizer.ggml.model", "gpt2"},
            {"tokenizer.ggml.pre", "gpt-2"},
            {"tokenizer.ggml.tokens", std::vector<std::string>{"a", "b", "ab", "<s>", "<user>", "[PAD5]"}},
            {"tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1, 1, 3, 4, 5}},
            {"tokenizer.ggml.merges", std::vector<std::string>{"a b"}},
            {"tokenizer.ggml.bos_token_id", std::uint32_t{3}},
            {"tokenizer.ggml.add_bos_token", true}};
}
GgufMetadata small_pieces() {
    return {
        {"tokenizer.ggml.model", "llama"},
        {"tokenizer.ggml.tokens", std::vector<std::string>{"<unk>", "<s>", "a", "b", "ab", "▁", "[PAD6]"}},
        {"tokenizer.ggml.token_type", std::vector<std::int32_t>{2, 3, 1, 1, 1, 1, 5}},
        {"tokenizer.ggml.scores", std::vector<float>{0, 0, -3, -4, -1, -2, -1000}},
        {"tokenizer.ggml.bos_token_id", std::uint32_t{1}}};
}
Tokenizer load(const GgufMetadata& metadata) {
    const TemporaryFolder folder;
    save_gguf(folder / "m.gguf", {}, metadata);
    return load_gguf_tokenizer(folder / "m.gguf");
}
std::string error_of(GgufMetadata metadata, const char* key, const GgufValue& value) {
    metadata.set(key, value);
    const std::string found = support::message<IoError>([&] { static_cast<void>(load(metadata)); });
    return found.substr(found.find("m.gguf: ") + 8);
}
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int32_t>;

}

TEST_CASE("gguf_tokenizer: byte-level BPE") {
    const Tokenizer t = load(small_bpe());
    CHECK(t.encode("abba") == std::vector<int64_t>{2, 1, 0});
    CHECK(t.encode("a<s>b", {.add_special = true, .allow_special = true}) ==
          std::vector<int64_t>{3, 0, 3, 1});
    CHECK(t.encode("<user>ab") == std::vector<int64_t>{4, 2});
    CHECK(t.decode({2, 1, 0}) == "abba");
    CHECK(t.is_special(3));
    CHECK(!t.is_special(4));
    CHECK(t.id_of("[PAD5]") == -1);
}

TEST_CASE("gguf_tokenizer: pieces with scores") {
    const Tokenizer t = load(small_pieces());
    CHECK(t.encode("ab a") == std::vector<int64_t>{5, 4, 5, 2});
    CHECK(t.encode("b", {.add_special = true}) == std::vector<int64_t>{1, 5, 3});
    CHECK(t.decode({5, 4, 5, 2}) == "ab a");
    CHECK(t.encode("[PAD6]", {.allow_special = true}) != std::vector<int64_t>{6});
    GgufMetadata bare = small_pieces();
    bare.set("tokenizer.ggml.add_space_prefix", false);
    CHECK(load(bare).encode("ab") == std::vector<int64_t>{4});
}

TEST_CASE("gguf_tokenizer: errors name the file and the key") {
    const GgufMetadata bpe = small_bpe(), pieces = small_pieces();
    CHECK(error_of(bpe, "tokenizer.ggml.model", "none") == "tokenizer.ggml.model: 'none' is not known here");
    CHECK(error_of(bpe, "tokenizer.ggml.model", true) == "tokenizer.ggml.model: holds bool, not a string");
    CHECK(error_of(bpe, "tokenizer.ggml.pre", "tekken") == "tokenizer.ggml.pre: 'tekken' is not known here");
    CHECK(error_of(bpe, "tokenizer.ggml.tokens", Texts{"a", "b", "ab", "<s>", "", "x"}) ==
          "tokenizer.ggml.tokens: the token 4 is empty or not UTF-8");
    CHECK(error_of(bpe, "tokenizer.ggml.tokens", Texts{"a", "b", "ab", "<s>", "a", "x"}) ==
          "tokenizer.ggml.tokens: the token 'a' is there twice");
    CHECK(error_of(bpe, "tokenizer.ggml.tokens", "a") == "tokenizer.ggml.tokens: holds string, not a list");
    CHECK(error_of(bpe, "tokenizer.ggml.token_type", Numbers{1}) ==
          "tokenizer.ggml.token_type: 1 values for 6 tokens");
    CHECK(error_of(bpe, "tokenizer.ggml.token_type", Numbers{1, 1, 7, 1, 1, 1}) ==
          "tokenizer.ggml.token_type: the type 7 of the token 'ab'");
    CHECK(error_of(bpe, "tokenizer.ggml.merges", Texts{"ab"}) ==
          "tokenizer.ggml.merges: 'ab' is not two tokens with a space between them");
    CHECK(error_of(bpe, "tokenizer.ggml.merges", Texts{"a b c"}) ==
          "tokenizer.ggml.merges: 'a b c' is not two tokens with a space between them");
    CHECK(error_of(bpe, "tokenizer.ggml.merges", Texts{"b a"}) ==
          "at byte 0: merges: the token 'ba' is not in the vocabulary");
    CHECK(error_of(bpe, "tokenizer.ggml.bos_token_id", std::uint32_t{6}) ==
          "tokenizer.ggml.bos_token_id: 6 among 6 tokens");
    CHECK(error_of(pieces, "tokenizer.ggml.scores", std::vector<float>{0, 1}) ==
          "tokenizer.ggml.scores: 2 values for 7 tokens");
    CHECK(error_of(pieces, "tokenizer.ggml.scores", std::vector<std::uint8_t>(3, 0)) ==
          "tokenizer.ggml.scores: 3 values for 7 tokens");
    CHECK(error_of(pieces, "tokenizer.ggml.scores", std::vector<float>(7, std::nanf(""))) ==
          "at byte 0: the score of '<unk>' is not finite");
    CHECK(error_of(pieces, "tokenizer.ggml.token_type", Numbers{1, 3, 1, 1, 1, 1, 5}) ==
          "at byte 384: there is no unknown piece");
    GgufMetadata bytes = pieces;
    bytes.set("tokenizer.ggml.token_type", Numbers{2, 3, 1, 1, 1, 1, 6});
    for (const char* byte : {"<0x-1>", "<0xZZ>", "<0x100>", "0x00"})
        CHECK(error_of(bytes, "tokenizer.ggml.tokens", Texts{"<unk>", "<s>", "a", "b", "ab", "▁", byte}) ==
              "at byte 0: the piece '" + std::string(byte) + "' is no byte");
    CHECK(error_of(bytes, "tokenizer.ggml.tokens", Texts{"<unk>", "<s>", "a", "b", "ab", "▁", "<0x0A>"})
              .ends_with(": there are 1 pieces of bytes, with byte_fallback on"));
}
