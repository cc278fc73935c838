#include <tapegrad/io/gguf_metadata.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("gguf_metadata: values by key, in order") {
    GgufMetadata m{{"general.architecture", "llama"},
                   {"llama.block_count", std::uint32_t{2}},
                   {"llama.rope.freq_base", 1e4F},
                   {"flag", true},
                   {"tokens", std::vector<std::string>{"a", "b"}},
                   {"types", std::vector<std::int32_t>{1, 3}},
                   {"scores", std::vector<float>{0.5F}}};
    CHECK(m.size() == 7);
    CHECK(m.begin()->first == "general.architecture");
    CHECK(m.string("general.architecture") == "llama");
    CHECK(m.integer("llama.block_count") == 2);
    CHECK(m.integer("other", 7) == 7);
    CHECK(m.real("llama.rope.freq_base") == 1e4);
    CHECK(m.real("llama.block_count", 0.0) == 2);
    CHECK(m.real("other", 0.25) == 0.25);
    CHECK(m.boolean("flag"));
    CHECK(m.boolean("other", true));
    CHECK(m.string("other", "none") == "none");
    CHECK(m.strings("tokens") == std::vector<std::string>{"a", "b"});
    CHECK(m.integers("types") == std::vector<int64_t>{1, 3});
    CHECK(m.reals("scores") == std::vector<double>{0.5});
    m.set("flag", "no");
    m.set("a", std::uint8_t{1});
    CHECK(m.string("flag") == "no");
    CHECK(m.size() == 8);
    CHECK((m.end() - 1)->first == "a");
    CHECK(m.find("b") == nullptr);
    CHECK(GgufMetadata().size() == 0);
}

TEST_CASE("gguf_metadata: errors name the file and the key") {
    const GgufMetadata m(
        "/x.gguf", {{"n", "text"}, {"list", std::vector<std::uint8_t>{1}}, {"large", ~std::uint64_t{0}}});
    CHECK_THROWS_WITH_AS(m.at("other"), "gguf: /x.gguf: there is no key 'other'", IoError);
    CHECK_THROWS_WITH_AS(m.integer("other"), "gguf: /x.gguf: there is no key 'other'", IoError);
    CHECK_THROWS_WITH_AS(m.integer("n"), "gguf: /x.gguf: n: holds string, not an integer", IoError);
    CHECK_THROWS_WITH_AS(m.real("n"), "gguf: /x.gguf: n: holds string, not a number", IoError);
    CHECK_THROWS_WITH_AS(m.boolean("n"), "gguf: /x.gguf: n: holds string, not a bool", IoError);
    CHECK_THROWS_WITH_AS(m.string("large"), "gguf: /x.gguf: large: holds uint64, not a string", IoError);
    CHECK_THROWS_WITH_AS(m.integer("large"), "gguf: /x.gguf: large: 18446744073709551615 is above 2^63 - 1",
                         IoError);
    CHECK_THROWS_WITH_AS(m.integer("list"), "gguf: /x.gguf: list: holds array of uint8, not a single value",
                         IoError);
    CHECK_THROWS_WITH_AS(m.integers("n"), "gguf: /x.gguf: n: holds string, not a list", IoError);
    CHECK_THROWS_WITH_AS(m.strings("list"), "gguf: /x.gguf: list: holds array of uint8, not a string",
                         IoError);
    // Real numbers were wanted, and there are bytes.
    CHECK(m.reals("list") == std::vector<double>{1});
    CHECK_THROWS_WITH_AS(GgufMetadata("/x.gguf", {{"a", 1}, {"b", 1}, {"a", 2}}),
                         "gguf: /x.gguf: the key 'a' is there twice", IoError);
}
