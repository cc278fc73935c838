#include <tapegrad/text/json_value.hpp>

#include <optional>

#include "cases.hpp"

using namespace tapegrad;

namespace {
struct Read {
    explicit Read(const std::string& text) : path(folder / "x") {
        write_text(path, text);
        file.emplace("json", path);
        detail::JsonTree tree(*file);
        parse_json(text, tree);
        root = std::move(tree.root());
    }
    detail::JsonObject object() const { return {*file, "", root}; }
    TemporaryFolder folder;
    std::string path;
    std::optional<InputFile> file;
    detail::JsonValue root;
};
}

TEST_CASE("json value: a tree") {
    const Read r(R"({"a": [1, -2.5, null, true], "b": {"c": "x"}, "n": null})");
    const auto o = r.object();
    CHECK(o.array("a").size() == 4);
    CHECK(o.array("a")[0].number == 1);
    CHECK(o.array("a")[1].real == -2.5);
    CHECK(o.array("a")[2].is_null());
    CHECK(o.object("b").string("c") == "x");
    CHECK(o.find("n") == nullptr);
    CHECK(o.boolean("missing", true));
    CHECK(o.string("missing", "y") == "y");
}

TEST_CASE("json value: errors name the file, the place and the member") {
    const Read r(R"({"a": {"b": 7}})");
    const std::string at = "json: " + r.path + ": at byte ";
    CHECK_THROWS_WITH_AS(r.object().array("x"), (at + "1: has no x").c_str(), IoError);
    CHECK_THROWS_WITH_AS(r.object().object("a").string("b"), (at + "14: a.b: must be a string").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(r.object().object("a").integer("b", 0, 6),
                         (at + "14: a.b: must be an integer in [0, 6]").c_str(), IoError);
    CHECK_THROWS_AS(r.object().object("a").boolean("b", true), IoError);
    CHECK_THROWS_AS(r.object().object("a").object("b"), IoError);
    CHECK_THROWS_AS(r.object().array("a"), IoError);
}

TEST_CASE("json value: what is refused") {
    CHECK_THROWS_AS(Read(std::string(1000, '[')), IoError);
    CHECK_THROWS_AS(Read(std::string(33, '[') + std::string(33, ']')), IoError);
    CHECK_NOTHROW(Read(std::string(32, '[') + std::string(32, ']')));
    CHECK_THROWS_AS(Read(R"({"a": 1, "b": 2, "a": 3})"), IoError);
    CHECK_THROWS_AS(Read(""), IoError);
    CHECK_THROWS_AS(Read("{\"a\": 1"), IoError);
    std::string many = "[0";
    for (int i = 0; i < 1'000'001; ++i) many += ",0";
    CHECK_THROWS_AS(Read(many + "]"), IoError);
}

TEST_CASE("json value: a large part goes to its handler") {
    struct Sum final : JsonEvents {
        int64_t sum = 0;
        void begin_array() override {}
        void integer(int64_t v) override { sum += v; }
        void error(int64_t, const std::string&) override { throw IoError("sum"); }
    } sum;
    const TemporaryFolder folder;
    write_text(folder / "x", "");
    const InputFile file("json", folder / "x");
    detail::JsonTree tree(file, {{"a.b", &sum}});
    parse_json(R"({"a": {"b": [1, 2, [3]], "c": [4]}, "b": [5]})", tree);
    CHECK(sum.sum == 6);
    CHECK(tree.root().find("a")->find("c")->items.size() == 1);
    CHECK(tree.root().find("a")->find("b")->items.empty());
}
