#include <tapegrad/text/sentencepiece_bpe.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
using K = TokenKind;
struct Piece {
    std::string text;
    double score;
    K kind = K::normal;
};
std::vector<int64_t> encode(const std::vector<Piece>& pieces, std::string_view text, bool fallback = false) {
    Vocabulary v;
    std::vector<double> scores;
    UnigramOptions options{.unk = 0, .byte_fallback = fallback};
    for (const Piece& p : pieces) {
        v.add(p.text, v.size());
        scores.push_back(p.score);
        options.kinds.push_back(p.kind);
    }
    std::vector<int64_t> out;
    detail::SentencePieceBpe(std::move(v), scores, options).encode(text, out);
    return out;
}
using Ids = std::vector<int64_t>;
}

TEST_CASE("sentencepiece bpe: the highest score first, the leftmost of equal ones") {
    const std::vector<Piece> pieces{
        {"<unk>", 0, K::unknown}, {"a", -9}, {"b", -9}, {"ab", -1}, {"ba", 0}, {"aa", -1}};
    CHECK(encode(pieces, "aba") == Ids{1, 4});
    CHECK(encode(pieces, "aab") == Ids{5, 2});
    CHECK(encode(pieces, "").empty());
}

TEST_CASE("sentencepiece bpe: unknown characters, and those that only longer pieces have") {
    const std::vector<Piece> pieces{{"<unk>", 0, K::unknown}, {"a", -9}, {"xy", -1}};
    CHECK(encode(pieces, "axya") == Ids{1, 2, 1});
    CHECK(encode(pieces, "axza\u4e2d") == Ids{1, 0, 1, 0});
    std::vector<Piece> bytes = pieces;
    for (unsigned byte = 0; byte < 256; ++byte) bytes.push_back({detail::byte_token(byte), 0, K::byte});
    CHECK(encode(bytes, "xa\u00e4", true) == Ids{3 + 'x', 1, 3 + 0xC3, 3 + 0xA4});
}

TEST_CASE("sentencepiece bpe: user-defined pieces are found first and never merge") {
    const std::vector<Piece> pieces{
        {"<unk>", 0, K::unknown}, {"a", -9}, {"b", -9}, {"ab", 0, K::user_defined}, {"abb", -1}};
    CHECK(encode(pieces, "abb") == Ids{3, 2});
}
