#include <tapegrad/text/unicode.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("unicode: categories") {
    CHECK(category_of('A') == Category::Lu);
    CHECK(category_of('z') == Category::Ll);
    CHECK(category_of(0x01C5) == Category::Lt);
    CHECK(category_of(0x02B0) == Category::Lm);
    CHECK(category_of(0x4E2D) == Category::Lo);
    CHECK(category_of(0x0301) == Category::Mn);
    CHECK(category_of(0x0903) == Category::Mc);
    CHECK(category_of(0x0488) == Category::Me);
    CHECK(category_of('7') == Category::Nd);
    CHECK(category_of(0x2167) == Category::Nl);
    CHECK(category_of(0xBD) == Category::No);
    CHECK(category_of('_') == Category::Pc);
    CHECK(category_of(0x2014) == Category::Pd);
    CHECK(category_of(0xAB) == Category::Pi);
    CHECK(category_of('$') == Category::Sc);
    CHECK(category_of(0x1F600) == Category::So);
    CHECK(category_of(0x2028) == Category::Zl);
    CHECK(category_of(0) == Category::Cc);
    CHECK(category_of(0x200D) == Category::Cf);
    CHECK(category_of(0xE000) == Category::Co);
    CHECK(category_of(0x378) == Category::Cn);
    CHECK(category_of(0x10FFFF) == Category::Cn);
    CHECK(category_of(0x110000) == Category::Cn);
    CHECK(category_of(0x100) == Category::Lu);  // small and capital letters in turn
    CHECK(category_of(0x101) == Category::Ll);
    CHECK(category_of(0x1C89) == Category::Lu);  // of Unicode 16
}

TEST_CASE("unicode: how many there are of each kind") {
    long letters = 0, numbers = 0, marks = 0, punctuation = 0, symbols = 0, spaces = 0;
    for (char32_t p = 0; p < 0x110000; ++p) {
        letters += is_letter(p);
        numbers += is_number(p);
        marks += is_mark(p);
        punctuation += is_punctuation(p);
        symbols += is_symbol(p);
        spaces += is_space(p);
    }
    CHECK(letters == 141028);
    CHECK(numbers == 1911);
    CHECK(marks == 2501);
    CHECK(punctuation == 855);
    CHECK(symbols == 8514);
    CHECK(spaces == 25);
}

TEST_CASE("unicode: small letters") {
    CHECK(lower('A') == 'a');
    CHECK(lower('[') == '[');
    CHECK(lower(0xC4) == 0xE4);
    CHECK(lower(0x100) == 0x101);
    CHECK(lower(0x101) == 0x101);
    CHECK(lower(0x3A3) == 0x3C3);
    CHECK(lower(0x1E9E) == 0xDF);
    CHECK(lower(0x212A) == 'k');
    CHECK(lower(0x10400) == 0x10428);
    std::string text;
    append_lower(text, 0x130);
    append_lower(text, 'Q');
    CHECK(text == "i\u0307q");
}
