#include <tapegrad/text/tokenizer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/text/bpe_model.hpp>

using namespace tapegrad;

namespace {
using Ids = std::vector<int64_t>;
/// Letters, and words of a space and letters.
Tokenizer small() {
    Vocabulary v;
    for (const char* token : {"a", "b", "\u0120", "ab", "\u0120ab"}) v.add(token, v.size());
    detail::MergeTable merges;
    merges.set(0, 1, {0, 3});
    merges.set(2, 3, {1, 4});
    TokenizerParts parts;
    parts.model = std::make_shared<BpeModel>(std::move(v), std::move(merges), BpeOptions{.byte_level = true});
    parts.added = {{.content = "<s>", .id = 7, .special = true}, {.content = "AB", .id = 6}};
    parts.pre_tokenizers.push_back(std::make_shared<detail::ByteLevel>(false, true));
    parts.decoders.push_back(std::make_shared<detail::DecodeByteLevel>());
    parts.before = {7};
    return Tokenizer(std::move(parts));
}
}

TEST_CASE("tokenizer: encode") {
    const Tokenizer t = small();
    CHECK(t.encode("ab ab a") == Ids{3, 4, 2, 0});
    CHECK(t.encode("").empty());
    CHECK(t.encode("ab", {.add_special = true}) == Ids{7, 3});
    CHECK(t.encode("a<s>ABb", {.allow_special = true}) == Ids{0, 7, 6, 1});
    CHECK(t.encode("a<s>b") == Ids{0, 1});  // the rest has no tokens here
}

TEST_CASE("tokenizer: decode") {
    const Tokenizer t = small();
    CHECK(t.decode({3, 4, 2, 0, 7, 6}) == "ab ab aAB");
    CHECK(t.decode({7, 3}, {.skip_special = false}) == "<s>ab");
    CHECK(t.decode(Ids{}).empty());
    CHECK_THROWS_WITH_AS(t.decode({5}), "tokenizer: there is no token 5; the vocabulary has 8 ids",
                         IndexError);
    CHECK_THROWS_AS(t.decode({-1}), IndexError);
    CHECK_THROWS_AS(t.decode({int64_t{1} << 40}), IndexError);
}

TEST_CASE("tokenizer: tokens and ids") {
    const Tokenizer t = small();
    CHECK(t.vocab_size() == 8);
    CHECK(t.id_of("ab") == 3);
    CHECK(t.id_of("<s>") == 7);
    CHECK(t.id_of("c") == -1);
    CHECK(t.token_of(4) == "\u0120ab");
    CHECK(t.token_of(6) == "AB");
    CHECK(t.is_special(7));
    CHECK(!t.is_special(6));
    CHECK(!t.is_special(0));
}

TEST_CASE("tokenizer: pieces that come again are remembered rightly") {
    const Tokenizer t = small();
    std::string text;
    Ids expected;
    for (int i = 0; i < 3000; ++i) {
        text += i % 3 == 0 ? " ab" : i % 3 == 1 ? " a" : " b";
        const Ids ids = t.encode(i % 3 == 0 ? " ab" : i % 3 == 1 ? " a" : " b");
        expected.insert(expected.end(), ids.begin(), ids.end());
    }
    CHECK(t.encode(text) == expected);
}
