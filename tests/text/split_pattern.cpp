#include <tapegrad/text/split_pattern.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using detail::SplitBehavior;

namespace {
std::vector<std::string> split(std::string_view text, const detail::SplitPattern& pattern,
                               SplitBehavior behavior, bool invert = false) {
    std::vector<std::string_view> out;
    detail::split_text(text, pattern, behavior, invert, out);
    return {out.begin(), out.end()};
}
using Pieces = std::vector<std::string>;
}

TEST_CASE("split pattern: behaviors") {
    const detail::SplitPattern dash{nullptr, "-"};
    const char* text = "The-final--countdown-";
    CHECK(split(text, dash, SplitBehavior::removed) == Pieces{"The", "final", "countdown"});
    CHECK(split(text, dash, SplitBehavior::isolated) ==
          Pieces{"The", "-", "final", "-", "-", "countdown", "-"});
    CHECK(split(text, dash, SplitBehavior::merged_with_previous) ==
          Pieces{"The-", "final-", "-", "countdown-"});
    CHECK(split(text, dash, SplitBehavior::merged_with_next) ==
          Pieces{"The", "-final", "-", "-countdown", "-"});
    CHECK(split(text, dash, SplitBehavior::contiguous) ==
          Pieces{"The", "-", "final", "--", "countdown", "-"});
    CHECK(split(text, dash, SplitBehavior::removed, true) == Pieces{"-", "-", "-", "-"});
    CHECK(split("-a", dash, SplitBehavior::merged_with_previous) == Pieces{"-", "a"});
    CHECK(split("", dash, SplitBehavior::isolated).empty());
    CHECK(split("abc", {nullptr, ""}, SplitBehavior::isolated) == Pieces{"abc"});
}

TEST_CASE("split pattern: what does not match stays together") {
    const detail::SplitPattern numbers{detail::find_pattern(R"(\p{N}{1,3})"), {}};
    CHECK(split("ab12345c", numbers, SplitBehavior::isolated) == Pieces{"ab", "123", "45", "c"});
    const detail::SplitPattern cjk{detail::find_pattern("[一-龥\u3040-ゟ゠-ヿ]+"), {}};
    CHECK(split("ab中文カc", cjk, SplitBehavior::isolated) == Pieces{"ab", "中文カ", "c"});
    const detail::SplitPattern spaces{detail::find_pattern(R"(\s+)"), {}};
    CHECK(split(" a \n b", spaces, SplitBehavior::removed) == Pieces{"a", "b"});
}

TEST_CASE("split pattern: known ones are found, others are not") {
    for (const auto& pattern : detail::known_patterns)
        CHECK((detail::find_pattern(pattern.text) == pattern.scan));
    CHECK((detail::find_pattern("(a+)+$") == nullptr));
    CHECK((detail::find_pattern("") == nullptr));
}
