#include <tapegrad/text/normalizer.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
std::string apply(const Normalizer& normalizer, std::string text) {
    normalizer.apply(text);
    return text;
}
}

TEST_CASE("normalizer: each of them") {
    CHECK(apply(detail::NormalizeForm(NormalForm::nfkc), "\ufb01") == "fi");
    CHECK(apply(detail::Lowercase(), "\u00c4B\u03a3\u0130\xff") == "\u00e4b\u03c3i\u0307\ufffd");
    CHECK(apply(detail::Prepend("_"), "a") == "_a");
    CHECK(apply(detail::Prepend("_"), "").empty());
    CHECK(apply(detail::Replace({nullptr, " "}, "__"), " a b") == "__a__b");
    CHECK(apply(detail::Replace({nullptr, ""}, "x"), "ab") == "ab");
    CHECK(apply(detail::Replace({detail::find_pattern(R"(\s+)"), {}}, " "), "a \n\tb ") == "a b ");
    CHECK(apply(detail::Remove(detail::is_accent), "e\u0301a\u0903") == "ea");
}

TEST_CASE("normalizer: spaces at the ends") {
    CHECK(apply(detail::StripSpaces(true, true), " \u3000a b\n") == "a b");
    CHECK(apply(detail::StripSpaces(true, false), " a ") == "a ");
    CHECK(apply(detail::StripSpaces(false, true), " a ") == " a");
    CHECK(apply(detail::StripSpaces(true, false), " \n ").empty());
    CHECK(apply(detail::StripSpaces(false, true), " \n ").empty());
    CHECK(apply(detail::StripSpaces(true, true), "").empty());
}
