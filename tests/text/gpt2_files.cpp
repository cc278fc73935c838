#include <tapegrad/text/gpt2_files.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
Tokenizer gpt2() {
    return load_gpt2_tokenizer(golden("text_gpt2-vocab.json"), golden("text_gpt2-merges.txt"));
}
}

TEST_CASE("gpt2 files: ids and texts are those of tokenizers") {
    cases::check(gpt2(), "gpt2", {.allow_special = true}, {.skip_special = false});
}

TEST_CASE("gpt2 files: any bytes come back") {
    const Tokenizer t = gpt2();
    std::string all;
    for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(static_cast<unsigned char>(byte));
    CHECK(t.decode(t.encode(all + all)) == all + all);
}

TEST_CASE("gpt2 files: special text is text unless allowed") {
    const Tokenizer t = gpt2();
    CHECK(t.encode("<|endoftext|>", {.allow_special = true}) == std::vector<int64_t>{0});
    CHECK(t.encode("<|endoftext|>").size() > 1);
    CHECK(t.decode(t.encode("<|endoftext|>")) == "<|endoftext|>");
}

TEST_CASE("gpt2 files: what is refused") {
    const TemporaryFolder folder;
    const std::string vocab = folder / "vocab.json", merges = folder / "merges.txt";
    write_text(vocab, R"({"a": 0, "b": 1, "ab": 2})");
    write_text(merges, "#version: 0.2\na b\n");
    CHECK(load_gpt2_tokenizer(vocab, merges).encode("ab") == std::vector<int64_t>{2});
    CHECK_THROWS_AS(load_gpt2_tokenizer(folder / "missing", merges), IoError);
    write_text(merges, "a\n");
    CHECK_THROWS_WITH_AS(
        load_gpt2_tokenizer(vocab, merges),
        ("merges.txt: " + merges + ": at byte 0: the merge 'a' is not two tokens with a space between them")
            .c_str(),
        IoError);
    for (const char* bad : {"a b c\n", "b a\n", "a x\n", "a b\n\nb a\n", "\n"}) {
        CAPTURE(bad);
        write_text(merges, bad);
        CHECK_THROWS_AS(load_gpt2_tokenizer(vocab, merges), IoError);
    }
    write_text(merges, "");
    write_text(vocab, R"([["a", 0]])");
    CHECK_THROWS_AS(load_gpt2_tokenizer(vocab, merges), IoError);
}
