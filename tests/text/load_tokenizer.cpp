#include <tapegrad/text/load_tokenizer.hpp>

#include <tapegrad/io/gguf_writer.hpp>
#include <tapegrad/text/save_gguf_tokenizer.hpp>

#include "cases.hpp"

using namespace tapegrad;

TEST_CASE("load tokenizer: by file") {
    CHECK(load_tokenizer(golden("text_gpt2-vocab.json")).vocab_size() == 600);
    CHECK(load_tokenizer(golden("text_bert-tokenizer.json")).id_of("[CLS]") == 2);
    CHECK(load_tokenizer(golden("text_sp_bpe.model")).id_of("<s>") == 1);
    const TemporaryFolder folder;
    save_gguf(folder / "m.gguf", {}, gguf_tokenizer(golden("text_gpt2-vocab.json"), 600));
    CHECK(load_tokenizer(folder / "m.gguf").vocab_size() == 600);
}

TEST_CASE("load tokenizer: by what is in a folder") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(load_tokenizer(folder.path), IoError);
    write_text(folder / "vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\nA\n");
    CHECK(load_tokenizer(folder.path).encode("A") == std::vector<int64_t>{3});
    write_text(folder / "tokenizer.model", read_text(golden("text_sp_unigram.model")));
    CHECK(load_tokenizer(folder.path).id_of("<sep>") >= 0);
    write_text(folder / "vocab.json", read_text(golden("text_gpt2-vocab.json")));
    write_text(folder / "merges.txt", read_text(golden("text_gpt2-merges.txt")));
    CHECK(load_tokenizer(folder.path).vocab_size() == 600);
    write_text(folder / "tokenizer.json", read_text(golden("text_bert-tokenizer.json")));
    CHECK(load_tokenizer(folder.path).id_of("[CLS]") == 2);
}

TEST_CASE("load tokenizer: small letters or not") {
    const TemporaryFolder folder;
    write_text(folder / "bert-cased-vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\nA\n");
    CHECK(load_tokenizer(folder / "bert-cased-vocab.txt").encode("A") == std::vector<int64_t>{4});
}

TEST_CASE("load tokenizer: what is refused") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(load_tokenizer(folder / "missing.model"), IoError);
    write_text(folder / "x.model", "");
    CHECK_THROWS_AS(load_tokenizer(folder / "x.model"), IoError);
    write_text(folder / "x.tiktoken", read_text(golden("text_ranks.tiktoken")));
    CHECK_THROWS_WITH_AS(
        load_tokenizer(folder / "x.tiktoken"),
        ("load_tokenizer: " + (folder / "x.tiktoken") +
         ": at byte 0: 449 tokens are of no encoding that is known; load_tiktoken takes its pattern "
         "and special tokens")
            .c_str(),
        IoError);
}
