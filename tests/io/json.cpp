#include <tapegrad/io/json.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace tapegrad;

namespace {

struct Failure : std::runtime_error {
    Failure(int64_t at, const std::string& reason) : std::runtime_error(reason), offset(at) {}
    int64_t offset;
};
/// Writes down what it hears.
struct Log final : JsonEvents {
    std::string text;
    void null() override { text += "null "; }
    void boolean(bool v) override { text += v ? "true " : "false "; }
    void integer(int64_t v) override { text += std::to_string(v) + " "; }
    void large(std::uint64_t v) override { text += std::to_string(v) + "u "; }
    void real(double, const std::string& v) override { text += "real:" + v + " "; }
    void string(std::string& v) override { text += "'" + v + "' "; }
    void begin_object() override { text += "{ "; }
    void key(std::string& v) override { text += v + ": "; }
    void end_object() override { text += "} "; }
    void begin_array() override { text += "[ "; }
    void end_array() override { text += "] "; }
    void error(int64_t offset, const std::string& reason) override { throw Failure(offset, reason); }
};
struct Refusing final : JsonEvents {
    void error(int64_t offset, const std::string& reason) override { throw Failure(offset, reason); }
};

std::string heard(std::string_view text) {
    Log log;
    parse_json(text, log);
    return log.text;
}
std::string as_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}

TEST_CASE("json: events in order") {
    CHECK(heard(R"( {"a": [1, -2, null], "b": {"c": true}} )") == "{ a: [ 1 -2 null ] b: { c: true } } ");
    CHECK(heard(R"("é 😀")") == "'\u00e9 \U0001F600' ");
}

TEST_CASE("json: integers keep 64 bits, everything else is real") {
    CHECK(heard("9007199254740993") == "9007199254740993 ");
    CHECK(heard("9223372036854775807") == "9223372036854775807 ");
    CHECK(heard("9223372036854775808") == "9223372036854775808u ");
    CHECK(heard("18446744073709551616") == "real:18446744073709551616 ");
    CHECK(heard("-9223372036854775808") == "-9223372036854775808 ");
    CHECK(heard("1.0") == "real:1.0 ");
    CHECK(heard("1e3") == "real:1e3 ");
}

TEST_CASE("json: what is no JSON is refused, with its place") {
    for (const char* text : {"", "{", "{}}", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "nul", "\"\\ud800\"",
                             "\"\xff\"", "01", "'a'", "{} x", "NaN", "\"a\nb\"", "/* c */ 1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(heard(text), Failure);
    }
    try {
        heard(R"({"abc": [1, 2, oops]})");
        FAIL("no error");
    } catch (const Failure& e) {
        CHECK(e.offset >= 15);
        CHECK(e.offset <= 17);
    }
}

TEST_CASE("json: what a handler does not expect is refused, with its place") {
    for (const char* text : {"null", "true", "1", "1.5", "\"a\"", "{}", "[]", "18446744073709551615"}) {
        Refusing refusing;
        CAPTURE(text);
        CHECK_THROWS_AS(parse_json(text, refusing), Failure);
    }
    Refusing refusing;
    try {
        parse_json("   1.5", refusing);
    } catch (const Failure& e) {
        CHECK(std::string(e.what()) == "the number 1.5 is not expected");
        CHECK(e.offset == 6);
    }
}

TEST_CASE("json: depth costs no stack") {
    const std::string deep(100'000, '[');
    CHECK_THROWS_AS(heard(deep), Failure);
    CHECK(heard(deep + std::string(100'000, ']')).size() == 400'000);
}

TEST_CASE("json: UTF-8") {
    for (const char* good :
         {"", "a", "\xc3\xbc", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_utf8(good));
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xff"})
        CHECK(!is_utf8(bad));
}

TEST_CASE("json: strings are written so that they are read back") {
    CHECK(as_json("a \"b\" \\ \n \x01 \x7f") == "\"a \\\"b\\\" \\\\ \\u000a \\u0001 \x7f\"");
    std::string all;
    for (char c = 0; c < 127; ++c) all += c;
    all += "\xf0\x9f\x98\x80";
    CHECK(heard(as_json(all)) == "'" + all + "' ");
    CHECK_THROWS_WITH_AS(as_json("\xff"), "json: a text of 1 bytes is not UTF-8", ValueError);
}
