#include <tapegrad/text/bpe_model.hpp>

#include <doctest/doctest.h>

#include "../support/encode.hpp"

using namespace tapegrad;
using support::encode;

namespace {
using Ids = std::vector<int64_t>;
BpeModel model(std::initializer_list<const char*> tokens,
               std::initializer_list<std::array<const char*, 2>> merges, BpeOptions options) {
    Vocabulary v;
    for (const char* token : tokens) v.add(token, v.size());
    detail::MergeTable table;
    for (const auto& [a, b] : merges) {
        const auto id = [&](const std::string& t) { return static_cast<std::uint32_t>(v.find(t)); };
        table.set(id(a), id(b),
                  {static_cast<std::uint32_t>(table.size()),
                   id(a + std::string(b).substr(options.continuing_subword_prefix.size()))});
    }
    return BpeModel(std::move(v), std::move(table), std::move(options));
}
}

TEST_CASE("bpe model: characters, unknown ones left out, apart or in one") {
    CHECK(encode(model({"a", "b", "ab"}, {{"a", "b"}}, {}), "abxa") == Ids{2, 0});
    CHECK(encode(model({"a", "b", "ab", "?"}, {{"a", "b"}}, {.unk = 3}), "xyab\u4e2d") == Ids{3, 3, 2, 3});
    CHECK(encode(model({"a", "b", "ab", "?"}, {{"a", "b"}}, {.fuse_unk = true, .unk = 3}), "xyab\u4e2d") ==
          Ids{3, 2, 3});
    CHECK(encode(model({"a"}, {}, {}), "").empty());
}

TEST_CASE("bpe model: fallback to bytes, where all are there") {
    const auto m = model({"a", "?", "<0xC3>", "<0xA4>"}, {}, {.byte_fallback = true, .unk = 1});
    CHECK(encode(m, "a\u00e4x") == Ids{0, 2, 3, 1});
}

TEST_CASE("bpe model: bytes") {
    const auto m = model({"a", "\u0120", "\u0120a", "\u00c3"}, {{"\u0120", "a"}}, {.byte_level = true});
    CHECK(encode(m, " a\xC3\xA4") == Ids{2, 3});
    const auto raw = model({"a", " ", " a", "\xC3"}, {{" ", "a"}}, {.raw_bytes = true});
    CHECK(encode(raw, " a\xC3") == Ids{2, 3});
}

TEST_CASE("bpe model: a piece that is a token") {
    const auto without = model({"a", "b", "ab"}, {}, {});
    CHECK(encode(without, "ab") == Ids{0, 1});
    CHECK(encode(model({"a", "b", "ab"}, {}, {.ignore_merges = true}), "ab") == Ids{2});
    CHECK(encode(model({"a", "\u0120", "\u0120a"}, {}, {.byte_level = true, .ignore_merges = true}), " a") ==
          Ids{2});
}

TEST_CASE("bpe model: prefix of what continues, suffix of what ends") {
    const auto m =
        model({"a", "a</w>", "b", "b</w>", "ab</w>"}, {{"a", "b</w>"}}, {.end_of_word_suffix = "</w>"});
    CHECK(encode(m, "ab") == Ids{4});
    CHECK(encode(m, "ba") == Ids{2, 1});
    const auto p =
        model({"a", "##a", "##b", "a##b", "ab"}, {{"a", "##b"}}, {.continuing_subword_prefix = "##"});
    CHECK(encode(p, "ab") == Ids{4});
    CHECK(encode(p, "aa") == Ids{0, 1});
}
