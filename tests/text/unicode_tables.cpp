#include <tapegrad/text/unicode_tables.hpp>

#include <doctest/doctest.h>

TEST_CASE("unicode tables: every number ends") {
    namespace unicode = tapegrad::detail::unicode;
    for (const std::string_view table :
         {unicode::categories, unicode::lower, unicode::combining_classes, unicode::decompositions,
          unicode::marks, unicode::bert_punctuation, unicode::bert_nonspacing, unicode::bert_other}) {
        REQUIRE(!table.empty());
        for (const char c : table) CHECK((c >= 48 && c <= 112 && c != 92));
        CHECK((table.back() - 48 - (table.back() > 92)) < 32);
    }
}
