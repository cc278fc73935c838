#include <tapegrad/text/scanner.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tapegrad;

namespace {
template <class Scan>
std::vector<std::string> pieces(std::string_view text, Scan scan) {
    const detail::Scanner scanner(text);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = scan(scanner, at);
        if (end == at) end = scanner.read(at).end;
        out.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}
using Pieces = std::vector<std::string>;
Pieces words(std::string_view text, detail::WordPattern pattern) {
    return pieces(text, [&](const auto& s, std::size_t at) { return detail::scan_words(s, at, pattern); });
}
}

TEST_CASE("scanner: GPT-2") {
    const auto scan = detail::scan_gpt2;
    CHECK(pieces("I'll say 'S it's  1234 a1", scan) ==
          Pieces{"I", "'ll", " say", " '", "S", " it", "'s", " ", " 1234", " a", "1"});
    CHECK(pieces("a  \n b\t", scan) == Pieces{"a", "  \n", " b", "\t"});
    CHECK(pieces("\u00e9t\u00e9 \u4e2d\u6587!? \U0001F600", scan) ==
          Pieces{"\u00e9t\u00e9", " \u4e2d\u6587", "!?", " \U0001F600"});
    CHECK(pieces("x   ", scan) == Pieces{"x", "   "});
    CHECK(pieces("a\u0301", scan) == Pieces{"a", "\u0301"});
    CHECK(pieces(std::string_view("a\xff\xfe z"), scan) == Pieces{"a", "\xff\xfe", " z"});
}

TEST_CASE("scanner: cl100k and its kin") {
    CHECK(words("I'LL $foo 12345\n\n x", {}) ==
          Pieces{"I", "'LL", " $", "foo", " ", "123", "45", "\n\n", " x"});
    CHECK(words("12345", {.digits = 1}) == Pieces{"1", "2", "3", "4", "5"});
    CHECK(words("'\u017f've", {}) == Pieces{"'\u017f", "'ve"});
    CHECK(words("a  \n  ", {}) == Pieces{"a", "  \n", "  "});
    CHECK(words("a  \n  ", {.whole_tail = true}) == Pieces{"a", "  \n  "});
    CHECK(words("!!\r\n\r\nx", {}) == Pieces{"!!\r\n\r\n", "x"});
    CHECK(words("e\u0301a", {}) == Pieces{"e", "\u0301a"});
    CHECK(words("e\u0301a", {.word = detail::kind::letter | detail::kind::mark}) == Pieces{"e\u0301a"});
}

TEST_CASE("scanner: o200k") {
    const auto scan = detail::scan_o200k;
    CHECK(pieces("HelloWorld's XMLHttp ABC/\n", scan) ==
          Pieces{"Hello", "World's", " XMLHttp", " ABC", "/\n"});
    CHECK(pieces("\u0301ABC", scan) == Pieces{"\u0301", "ABC"});
    CHECK(pieces("A\u4e2dBC", scan) == Pieces{"A\u4e2d", "BC"});
    CHECK(pieces("1234 a", scan) == Pieces{"123", "4", " a"});
}

TEST_CASE("scanner: DeepSeek and CLIP") {
    CHECK(pieces("(foo) +x 1a\n\n", detail::scan_deepseek) ==
          Pieces{"(foo", ")", " +", "x", " ", "1a", "\n\n"});
    CHECK(pieces("it's 12 ??", detail::scan_clip) == Pieces{"it", "'s", " ", "1", "2", " ", "??"});
}

TEST_CASE("scanner: every character is regarded a bounded number of times") {
    for (const char* unit : {" ", "\n", " \n", "A", "\u4e2d", "'", "\u0301", "1", "Aa", "A\u4e2d"}) {
        std::string text;
        while (text.size() < 1'000'000) text += unit;
        for (const auto scan : {detail::scan_gpt2, detail::scan_o200k, detail::scan_deepseek})
            CHECK(!pieces(text, scan).empty());
        CHECK(!words(text, {}).empty());
    }
}
