#include <tapegrad/text/unigram.hpp>

#include <doctest/doctest.h>

#include "../support/encode.hpp"

using namespace tapegrad;
using support::encode;

namespace {
using Ids = std::vector<int64_t>;
struct Token {
    const char* text;
    double score;
};
UnigramModel model(std::initializer_list<Token> tokens, UnigramOptions options) {
    Vocabulary v;
    std::vector<double> scores;
    for (const Token& t : tokens) {
        v.add(t.text, v.size());
        scores.push_back(t.score);
    }
    return UnigramModel(std::move(v), std::move(scores), std::move(options));
}
}

TEST_CASE("unigram: the best sum, not the longest token") {
    const auto m = model({{"<unk>", 0}, {"a", -1}, {"b", -1}, {"ab", -3}, {"abc", -2}, {"c", -4}}, {});
    CHECK(encode(m, "ab") == Ids{1, 2});
    CHECK(encode(m, "abc") == Ids{4});
    CHECK(encode(m, "").empty());
}

TEST_CASE("unigram: unknown characters in a row are one") {
    const auto m = model({{"<unk>", 0}, {"a", -1}}, {});
    CHECK(encode(m, "xya\u4e2d") == Ids{0, 1, 0});
    CHECK(encode(m,
                 "\xff"
                 "a") == Ids{0, 1});
    const auto bytes =
        model({{"<unk>", 0}, {"a", -1}, {"<0xC3>", -9}, {"<0xA4>", -9}}, {.byte_fallback = true});
    CHECK(encode(bytes, "a\u00e4x") == Ids{1, 0});  // x has no byte
    CHECK(encode(bytes, "a\u00e4a") == Ids{1, 2, 3, 1});
}

TEST_CASE("unigram: kinds of SentencePiece") {
    using K = TokenKind;
    const auto m =
        model({{"<unk>", 0}, {"<s>", 0}, {"a", -2}, {"aa", -1}, {"aaa", 0}, {"b", -1}},
              {.kinds = {K::unknown, K::control, K::normal, K::unused, K::user_defined, K::normal}});
    CHECK(encode(m, "aa") == Ids{2, 2});
    CHECK(encode(m, "aaaa") == Ids{2, 4});
    CHECK(encode(m, "<s>") == Ids{0});
}

TEST_CASE("unigram: a million letters") {
    const auto m = model({{"<unk>", 0}, {"a", -1}, {"aaaa", -1.5}}, {});
    CHECK(encode(m, std::string(1'000'000, 'a')).size() == 250'000);
}
