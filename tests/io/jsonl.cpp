#include <tapegrad/io/jsonl.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
std::string refused(const std::string& text) {
    try {
        parse_json_value(text, "reader", "x");
        return "not refused";
    } catch (const IoError& e) {
        return e.what();
    }
}
}

TEST_CASE("jsonl: a value as a tree") {
    const nlohmann::json v = parse_json_value(
        R"({"a": [1, -2.5, null, {"b": true}], "c": "é", "d": 18446744073709551615})", "json", "x");
    CHECK(v["a"][0].get<int64_t>() == 1);
    CHECK(v["a"][1].get<double>() == -2.5);
    CHECK(v["a"][2].is_null());
    CHECK(v["a"][3]["b"].get<bool>());
    CHECK(v["c"].get<std::string>() == "é");
    CHECK(v["d"].get<std::uint64_t>() == ~std::uint64_t{0});
    CHECK(parse_json_value("7", "json", "x").get<int>() == 7);
    CHECK(parse_json_value(std::string(100, '[') + std::string(100, ']'), "json", "x").is_array());
}

TEST_CASE("jsonl: what is damaged is refused with its place") {
    CHECK(refused(R"({"a": 1, "b": 2, "a": 3})") == "reader: x: at byte 20: the key 'a' is there twice");
    CHECK(refused(std::string(101, '[')) == "reader: x: at byte 101: values more than 100 deep");
    CHECK(refused(std::string(1'000'000, '[')) == "reader: x: at byte 101: values more than 100 deep");
    for (const char* text : {"", "{", "[1,]", "{\"a\":}", "nul", "\"\xff\"", "1 2", "NaN"}) {
        CAPTURE(text);
        CHECK(refused(text).starts_with("reader: x: at byte "));
    }
}

TEST_CASE("jsonl: line by line") {
    const TemporaryFolder folder;
    const std::string path = folder / "x.jsonl", text(100'000, 't');
    write_text(path, "{\"n\": 1}\n\n  \r\n{\"n\": 2, \"text\": \"" + text + "\"}\r\n[3]");
    JsonLines lines(path);
    REQUIRE(lines.next());
    CHECK(lines.value()["n"].get<int>() == 1);
    CHECK(lines.line() == 1);
    REQUIRE(lines.next());
    CHECK(lines.value()["text"].get<std::string>() == text);
    CHECK(lines.line() == 4);
    REQUIRE(lines.next());
    CHECK(lines.value()[0].get<int>() == 3);
    CHECK(!lines.next());
    CHECK(!lines.next());
    write_text(path, "");
    CHECK(!JsonLines(path).next());
    write_text(path, "{\"n\": [1, 2], \"m\": {}}");
    CHECK(read_json(path)["n"][1].get<int>() == 2);
}

TEST_CASE("jsonl: errors name the line") {
    const TemporaryFolder folder;
    const std::string path = folder / "x.jsonl";
    write_text(path, "{}\n\n{\"a\": oops}\n{}\n");
    JsonLines lines(path);
    CHECK(lines.next());
    try {
        lines.next();
        FAIL("no error");
    } catch (const IoError& e) {
        CHECK(std::string(e.what()).starts_with("jsonl: " + path + ": line 3: at byte 7: invalid JSON: "));
    }
    CHECK(lines.next());  // the line after it
    CHECK_THROWS_WITH_AS(
        JsonLines(folder / "y"),
        ("jsonl: " + (folder / "y") + ": cannot be opened: No such file or directory").c_str(), IoError);
}
