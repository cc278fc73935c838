#include <tapegrad/text/bert.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
std::string apply(const detail::BertNormalizer& normalizer, std::string text) {
    normalizer.apply(text);
    return text;
}
}

TEST_CASE("bert: what is done to a text") {
    const detail::BertNormalizer all(true, true, true, true), none(false, false, false, false);
    CHECK(apply(all, "H\u00c9llo\tW\u00f6rld\x7f\u200d!") == "hello world!");
    CHECK(apply(all, "a\u4e2db") == "a \u4e2d b");
    CHECK(apply(all,
                "a\xff"
                "b") == "ab");
    CHECK(apply(none, "\u00c9\u4e2d\t") == "\u00c9\u4e2d\t");
}

TEST_CASE("bert: where it is cut") {
    std::deque<std::string> kept;
    detail::Pieces pieces{{"don't  stop\u2014$5"}, kept};
    for (const auto& p : detail::bert_pre_tokenizers()) p->apply(pieces);
    CHECK(std::vector<std::string>(pieces.list.begin(), pieces.list.end()) ==
          std::vector<std::string>{"don", "'", "t", "stop", "\u2014", "$", "5"});
    CHECK(detail::is_bert_punctuation('^'));
    CHECK(!detail::is_bert_punctuation(0xA3));
    CHECK(!detail::is_bert_punctuation(0x2E43));  // younger than Unicode 8
}
