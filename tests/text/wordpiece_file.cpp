#include <tapegrad/text/wordpiece_file.hpp>

#include "cases.hpp"

using namespace tapegrad;

TEST_CASE("wordpiece file: the ids of the same vocabulary in tokenizer.json") {
    const TemporaryFolder folder;
    for (const bool lowercase : {true, false}) {
        const std::string name = lowercase ? "bert" : "bert_cased";
        const auto json = cases::read_json(golden("text_" + name + "-tokenizer.json"));
        const auto* vocab = json.find("model")->find("vocab");
        std::vector<std::string> tokens(vocab->items.size());
        for (std::size_t i = 0; i < tokens.size(); ++i)
            tokens[static_cast<std::size_t>(vocab->items[i].number)] = vocab->keys[i];
        std::string lines;
        for (const std::string& token : tokens) lines += token + "\n";
        write_text(folder / "vocab.txt", lines);
        cases::check(load_bert_tokenizer(folder / "vocab.txt", {.lowercase = lowercase}), name,
                     {.add_special = true, .allow_special = true});
    }
}

TEST_CASE("wordpiece file: what is refused") {
    const TemporaryFolder folder;
    const std::string path = folder / "vocab.txt";
    write_text(path, "[UNK]\r\n[CLS]\r\n[SEP]\r\na");
    CHECK(load_bert_tokenizer(path).encode("a b", {.add_special = true}) == std::vector<int64_t>{1, 3, 0, 2});
    for (const char* bad :
         {"", "[UNK]\n[CLS]\n", "[UNK]\n[SEP]\n", "[CLS]\n[SEP]\n", "[UNK]\n[CLS]\n[SEP]\na\na\n"}) {
        write_text(path, bad);
        CHECK_THROWS_AS(load_bert_tokenizer(path), IoError);
    }
    CHECK_THROWS_AS(load_bert_tokenizer(folder / "missing"), IoError);
}
