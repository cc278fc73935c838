#include <tapegrad/text/vocabulary_json.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
struct File {
    TemporaryFolder folder;
    InputFile file = [this] {
        write_text(folder / "x", "");
        return InputFile("json", folder / "x");
    }();
};
Vocabulary vocabulary(std::string_view json, std::vector<double>* scores = nullptr) {
    static const File f;
    detail::VocabularyEvents events(f.file);
    parse_json(json, events);
    if (scores != nullptr) *scores = events.scores;
    return events.take(0);
}
std::size_t merges(std::string_view json) {
    static const File f;
    detail::MergesEvents events(f.file);
    parse_json(json, events);
    return events.parts.size();
}
}

TEST_CASE("vocabulary json: ids and scores") {
    CHECK(vocabulary(R"({"a": 0, "b": 3})").find("b") == 3);
    std::vector<double> scores;
    CHECK(vocabulary(R"([["a", 0], ["b", -1.5]])", &scores).find("b") == 1);
    CHECK(scores == std::vector<double>{0, -1.5});
    CHECK(vocabulary("{}").size() == 0);
}

TEST_CASE("vocabulary json: what is refused") {
    for (const char* bad : {R"({"a": -1})",
                            R"({"a": 4294967296})",
                            R"({"a": 0, "b": 0})",
                            R"({"a": 0, "a": 1})",
                            R"({"a": 1000000})",
                            R"({"a": "b"})",
                            R"({"a": null})",
                            R"({"a": {}})",
                            R"({"a": []})",
                            R"({"a": 1.5})",
                            "5",
                            "\"a\"",
                            R"([["a"]])",
                            R"([["a", 0, 1]])",
                            R"([["a", "b"]])",
                            R"([[0, "a"]])",
                            R"(["a"])",
                            R"([[["a", 0]]])",
                            R"([["a", 0], ["a", 1]])",
                            R"([["a", 1e999]])",
                            "[0]",
                            "{"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(vocabulary(bad), IoError);
    }
}

TEST_CASE("vocabulary json: merges") {
    CHECK(merges(R"(["a b", "ab c"])") == 4);
    CHECK(merges(R"([["a", "b"], ["a b", "c"]])") == 4);
    for (const char* bad : {R"(["ab"])", R"(["a b c"])", R"([["a"]])", R"([["a", "b", "c"]])",
                            R"([[["a", "b"]]])", "{}", "[1]", "[null]"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(merges(bad), IoError);
    }
}

TEST_CASE("vocabulary json: the table of merges") {
    const File f;
    Vocabulary v;
    for (const char* token : {"a", "b", "ab", "##b"}) v.add(token, v.size());
    detail::TextList parts;
    parts.add("a");
    parts.add("b");
    CHECK(detail::merge_table(f.file, 0, v, parts).find(0, 1).symbol == 2);
    parts.add("a");
    parts.add("##b");
    CHECK_THROWS_AS(detail::merge_table(f.file, 0, v, parts), IoError);
    CHECK_THROWS_AS(detail::merge_table(f.file, 0, v, parts, "##"), IoError);
}
