#include <tapegrad/text/added_tokens.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
using Parts = std::vector<std::pair<std::string, int64_t>>;
Parts split(const AddedTokens& tokens, std::string_view text, bool normalized = false, bool special = true) {
    Parts out;
    tokens.split(text, normalized, special, [&](detail::Segment s) { out.emplace_back(s.text, s.id); });
    return out;
}
}

TEST_CASE("added tokens: the leftmost and of these the longest") {
    const AddedTokens tokens(
        {{.content = "<a>", .id = 1}, {.content = "<a><b>", .id = 2}, {.content = "b>", .id = 3}}, {});
    CHECK(split(tokens, "x<a><b>y<a>b>") ==
          Parts{{"x", -1}, {"<a><b>", 2}, {"y", -1}, {"<a>", 1}, {"b>", 3}});
    CHECK(split(tokens, "").empty());
    CHECK(split(tokens, "<a") == Parts{{"<a", -1}});
    CHECK(tokens.find("<a>")->id == 1);
    CHECK(tokens.find("<c>") == nullptr);
    CHECK(tokens.find(2)->content == "<a><b>");
    CHECK(tokens.find(7) == nullptr);
}

TEST_CASE("added tokens: special ones are text where they are not allowed") {
    const AddedTokens tokens({{.content = "<s>", .id = 1, .special = true}, {.content = "s", .id = 2}}, {});
    CHECK(split(tokens, "<s>s") == Parts{{"<s>", 1}, {"s", 2}});
    CHECK(split(tokens, "<s>s", false, false) == Parts{{"<s>", -1}, {"s", 2}});
}

TEST_CASE("added tokens: white space around, words alone") {
    const AddedTokens strip({{.content = "x", .id = 1, .lstrip = true, .rstrip = true}}, {});
    CHECK(split(strip, "a \u3000x \nb") == Parts{{"a", -1}, {"x", 1}, {"b", -1}});
    CHECK(split(strip, " x x ") == Parts{{"x", 1}, {"x", 1}});
    const AddedTokens alone({{.content = "no", .id = 1, .single_word = true}}, {});
    CHECK(split(alone, "no nono \u00e9no no_ (no)") ==
          Parts{{"no", 1}, {" nono \u00e9no no_ (", -1}, {"no", 1}, {")", -1}});
}

TEST_CASE("added tokens: normalized ones are normalized themselves") {
    const AddedTokens tokens({{.content = "YES", .id = 1, .normalized = true}},
                             {std::make_shared<detail::Lowercase>()});
    CHECK(split(tokens, "a yes", true) == Parts{{"a ", -1}, {"yes", 1}});
    CHECK(split(tokens, "a YES") == Parts{{"a YES", -1}});
}
