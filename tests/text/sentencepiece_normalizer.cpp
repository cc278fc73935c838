#include <tapegrad/text/sentencepiece_normalizer.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
std::string apply(detail::SentencePieceRules rules, std::string text,
                  std::initializer_list<const char*> kept = {}) {
    detail::PrefixTrie trie;
    for (const char* t : kept) trie.add(t, 0);
    detail::SentencePieceNormalizer(rules, {}, trie).apply(text);
    return text;
}
}

TEST_CASE("sentencepiece normalizer: spaces") {
    const std::string s(detail::metaspace);
    CHECK(apply({}, "a b") == s + "a" + s + "b");
    CHECK(apply({}, "  a  b ") == s + "a" + s + "b");
    CHECK(apply({}, "   ").empty());
    CHECK(apply({}, "").empty());
    CHECK(apply({.remove_extra_whitespaces = false}, " a  ") == s + s + "a" + s + s);
    CHECK(apply({.add_dummy_prefix = false}, "a") == "a");
    CHECK(apply({.escape_whitespaces = false}, "a b") == " a b");
    CHECK(apply({.treat_whitespace_as_suffix = true}, " a b") == "a" + s + "b" + s);
}

TEST_CASE("sentencepiece normalizer: malformed bytes, pieces that are kept") {
    CHECK(apply({.add_dummy_prefix = false},
                "a\xff\xe2\x82"
                "b") ==
          "a\ufffd\ufffd\ufffd"
          "b");
    CHECK(apply({.add_dummy_prefix = false}, "a [ ] b", {"[ ]"}).find("[\u2581]") != std::string::npos);
}
