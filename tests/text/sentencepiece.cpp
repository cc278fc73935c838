#include <tapegrad/text/sentencepiece.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
std::string varint(std::size_t n) {
    std::string out;
    for (; n >= 0x80; n >>= 7) out += static_cast<char>(static_cast<unsigned char>((n & 0x7F) | 0x80));
    return out + static_cast<char>(n);
}
std::string field(unsigned number, const std::string& bytes) {
    return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string number(unsigned n, unsigned value) { return varint(n << 3) + varint(value); }
std::string piece(const std::string& text, unsigned type = 1) {
    return field(1, field(1, text) + number(3, type));
}
Tokenizer load(const std::string& bytes) {
    const TemporaryFolder folder;
    write_text(folder / "x", bytes);
    return load_sentencepiece(folder / "x");
}
}

TEST_CASE("sentencepiece: ids and texts of both models") {
    for (const char* name : {"sp_unigram", "sp_bpe"}) {
        CAPTURE(name);
        cases::check(load_sentencepiece(golden("text_" + std::string(name) + ".model")), name, {});
    }
}

TEST_CASE("sentencepiece: special tokens") {
    const std::string path = golden("text_sp_bpe.model");
    const Tokenizer t = load_sentencepiece(path, {.add_bos = true, .add_eos = true});
    const auto ids = t.encode("fox", {.add_special = true});
    CHECK(ids.front() == t.id_of("<s>"));
    CHECK(ids.back() == t.id_of("</s>"));
    CHECK(t.decode(ids) == "fox");
    CHECK(t.is_special(1));
    CHECK(t.encode("<s>").size() > 1);
}

TEST_CASE("sentencepiece: what is refused") {
    const std::string good = piece("<unk>", 2) + piece("a");
    CHECK(load(good).encode("a").size() == 2);
    for (const std::string& bad :
         {std::string(), piece("a"), piece("<unk>", 2), good + piece("a"), good + piece("b", 2),
          good + piece("b", 7), good + piece("b", 0), good + piece(""), good + piece("\xff"),
          good + piece(std::string(2000, 'a')), good + piece("<0x41>", 6), good + field(2, number(35, 1)),
          good + field(2, number(3, 3)), good + field(2, number(3, 2)) + piece("b", 5),
          good + field(3, field(2, "abc")), good + field(5, field(2, "abcdefgh")),
          good + field(1, field(1, "b") + "\x15\x00\x00\xc0\x7f"), good + "\x0A", good + "\x0B"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(load(bad), IoError);
    }
}

TEST_CASE("sentencepiece: damaged files") {
    const TemporaryFolder folder;
    for (const char* name : {"sp_unigram", "sp_bpe"})
        cases::check_hostile(folder / "x", read_text(golden("text_" + std::string(name) + ".model")), 300,
                             [](const std::string& path) {
                                 const Tokenizer t = load_sentencepiece(path);
                                 CHECK_NOTHROW(t.decode(t.encode("Some text, 12 \u4e2d\xff \ufb01\u3000")));
                             });
}
