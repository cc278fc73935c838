#include <tapegrad/text/wordpiece.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("wordpiece: the longest first, or the whole word unknown") {
    Vocabulary v;
    for (const char* token : {"[UNK]", "un", "##aff", "##able", "##a", "u", "\u4e2d"}) v.add(token, v.size());
    const auto encode = [](const WordPieceModel& m, std::string_view piece) {
        std::vector<int64_t> out{99};
        m.encode(piece, out);
        return std::vector<int64_t>(out.begin() + 1, out.end());
    };
    using Ids = std::vector<int64_t>;
    const WordPieceModel m(v, {.unk = 0});
    CHECK(encode(m, "unaffable") == Ids{1, 2, 3});
    CHECK(encode(m, "unx") == Ids{0});
    CHECK(encode(m, "\u4e2d") == Ids{6});
    CHECK(encode(m, "").empty());
    CHECK(encode(m, "u" + std::string(99, 'a')).size() == 100);
    CHECK(encode(m, "u" + std::string(100, 'a')) == Ids{0});
    CHECK(encode(WordPieceModel(v, {.unk = 0, .max_input_chars_per_word = 2}), "una") == Ids{0});
    CHECK(encode(WordPieceModel(v, {.unk = 0, .continuing_subword_prefix = "@"}), "una") == Ids{0});
}
