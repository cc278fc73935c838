#include <tapegrad/text/normalization.hpp>

#include <doctest/doctest.h>

#include "cases.hpp"

using namespace tapegrad;

TEST_CASE("normalization: the forms of tokenizers for every text") {
    const auto expected = cases::read_json(golden("text_normalization.json"));
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
        const std::string& text = cases::strings()[i];
        CAPTURE(text);
        const auto& forms = expected.items[i].items;
        CHECK(normalize(text, NormalForm::nfd) == forms[0].text);
        CHECK(normalize(text, NormalForm::nfc) == forms[1].text);
        CHECK(normalize(text, NormalForm::nfkd) == forms[2].text);
        CHECK(normalize(text, NormalForm::nfkc) == forms[3].text);
    }
}

TEST_CASE("normalization: composition, order of marks, Hangul") {
    CHECK(normalize("e\u0301", NormalForm::nfc) == "\u00e9");
    CHECK(normalize("\u00e9", NormalForm::nfd) == "e\u0301");
    CHECK(normalize("a\u0308\u0323", NormalForm::nfd) == "a\u0323\u0308");
    CHECK(normalize("a\u0308\u0323", NormalForm::nfc) == "\u1ea1\u0308");
    CHECK(normalize("\u212b", NormalForm::nfc) == "\u00c5");
    CHECK(normalize("\u0344", NormalForm::nfc) == "\u0308\u0301");  // not composed again
    CHECK(normalize("\ud55c", NormalForm::nfd) == "\u1112\u1161\u11ab");
    CHECK(normalize("\u1112\u1161\u11ab", NormalForm::nfc) == "\ud55c");
    CHECK(normalize("\ufb01\u00bd", NormalForm::nfkc) == "fi1\u20442");
    CHECK(normalize("\ufb01", NormalForm::nfc) == "\ufb01");
    CHECK(normalize("\u1e9b\u0323", NormalForm::nfkc) == "\u1e69");
    CHECK(normalize("a\xff", NormalForm::nfc) == "a\ufffd");
    CHECK(normalize("", NormalForm::nfkc).empty());
}

TEST_CASE("normalization: a million marks") {
    std::string text = "a";
    for (int i = 0; i < 500'000; ++i) text += i % 2 == 0 ? "\u0301" : "\u0323";
    CHECK(normalize(text, NormalForm::nfc).size() == text.size());
}
