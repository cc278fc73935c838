#include <tapegrad/text/pre_tokenizer.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using detail::MetaspacePieces;
using detail::SplitBehavior;

namespace {
using Pieces = std::vector<std::string>;
Pieces cut(std::string_view text, const PreTokenizer& pre_tokenizer, bool at_begin = true) {
    std::deque<std::string> kept;
    detail::Pieces pieces{{text}, kept, at_begin};
    pre_tokenizer.apply(pieces);
    return {pieces.list.begin(), pieces.list.end()};
}
}

TEST_CASE("pre-tokenizer: byte level") {
    CHECK(cut("Hi you", detail::ByteLevel(false, true)) == Pieces{"Hi", " you"});
    CHECK(cut("Hi you", detail::ByteLevel(true, true)) == Pieces{" Hi", " you"});
    CHECK(cut(" Hi you", detail::ByteLevel(true, false)) == Pieces{" Hi you"});
    CHECK(cut("", detail::ByteLevel(true, true)).empty());
}

TEST_CASE("pre-tokenizer: metaspace") {
    const std::string m(detail::metaspace);
    CHECK(cut("a b  c", MetaspacePieces(m, MetaspacePieces::Prepend::always, true)) ==
          Pieces{m + "a", m + "b", m, m + "c"});
    CHECK(cut(" a", MetaspacePieces(m, MetaspacePieces::Prepend::always, true)) == Pieces{m + "a"});
    CHECK(cut("a b", MetaspacePieces(m, MetaspacePieces::Prepend::never, false)) == Pieces{"a" + m + "b"});
    CHECK(cut("a", MetaspacePieces(m, MetaspacePieces::Prepend::first, true)) == Pieces{m + "a"});
    CHECK(cut("a", MetaspacePieces(m, MetaspacePieces::Prepend::first, true), false) == Pieces{"a"});
}

TEST_CASE("pre-tokenizer: at characters") {
    CHECK(cut("a12b3", *detail::split_at(is_number, SplitBehavior::isolated)) ==
          Pieces{"a", "1", "2", "b", "3"});
    CHECK(cut("a12b3", *detail::split_at(is_number, SplitBehavior::contiguous)) ==
          Pieces{"a", "12", "b", "3"});
    CHECK(cut("12", *detail::split_at(is_number, SplitBehavior::contiguous)) == Pieces{"12"});
    CHECK(cut("  a \u3000b ", *detail::split_at(is_space, SplitBehavior::removed)) == Pieces{"a", "b"});
    CHECK(cut(" ", *detail::split_at(is_space, SplitBehavior::removed)).empty());
}

TEST_CASE("pre-tokenizer: split") {
    const detail::Split split({detail::find_pattern(R"(\p{N})"), {}}, SplitBehavior::isolated, false);
    CHECK(cut("a12", split) == Pieces{"a", "1", "2"});
}
