#include <tapegrad/text/prefix_trie.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using detail::PrefixTrie;

TEST_CASE("prefix trie: the longest text that another begins with") {
    PrefixTrie trie;
    CHECK(trie.empty());
    CHECK(trie.longest("abc", 0).value == -1);
    trie.add("a", 1);
    trie.add("abc", 2);
    trie.add(std::string_view("\0\xff", 2), 3);
    CHECK(!trie.empty());
    CHECK(trie.longest("abcd", 0).value == 2);
    CHECK(trie.longest("abcd", 0).end == 3);
    CHECK(trie.longest("abd", 0).value == 1);
    CHECK(trie.longest("xabd", 1).end == 2);
    CHECK(trie.longest("bc", 0).value == -1);
    CHECK(trie.longest(std::string_view("\0\xff", 2), 0).value == 3);
    CHECK(trie.value(trie.walk("ab")) == -1);
    CHECK(trie.longest("cx", 0, trie.walk("ab")).value == 2);
    CHECK(trie.walk("zz") == PrefixTrie::none);
    trie.add("a", 9);
    CHECK(trie.longest("a", 0).value == 9);
}

TEST_CASE("prefix trie: many") {
    PrefixTrie trie;
    for (int i = 0; i < 5000; ++i) trie.add(std::to_string(i * 7), i);
    for (int i = 0; i < 5000; ++i) CHECK(trie.value(trie.walk(std::to_string(i * 7))) == i);
}
