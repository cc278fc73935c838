#include <tapegrad/io/gguf_value.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("gguf_value: a value of each type") {
    const auto check_integer = [](const GgufValue& v, GgufType type, int64_t value) {
        CHECK(v.type() == type);
        CHECK(v.integer() == value);
        CHECK(v.real() == static_cast<double>(value));
        CHECK(!v.is_array());
        CHECK(static_cast<int64_t>(v.bytes().size()) == size_of(type));
    };
    check_integer(std::uint8_t{200}, GgufType::uint8, 200);
    check_integer(std::int8_t{-100}, GgufType::int8, -100);
    check_integer(std::uint16_t{60000}, GgufType::uint16, 60000);
    check_integer(std::int16_t{-30000}, GgufType::int16, -30000);
    check_integer(std::uint32_t{4000000000}, GgufType::uint32, 4000000000);
    check_integer(std::int32_t{-2000000000}, GgufType::int32, -2000000000);
    check_integer(std::uint64_t{1} << 62, GgufType::uint64, int64_t{1} << 62);
    check_integer(std::int64_t{-5}, GgufType::int64, -5);
    CHECK(GgufValue(1.5F).real() == 1.5);
    CHECK(GgufValue(0.1).real() == 0.1);
    CHECK(GgufValue(true).boolean());
    CHECK(!GgufValue(false).boolean());
    CHECK(GgufValue("text").string() == "text");
    CHECK(GgufValue(std::string("a\0b", 3)).string().size() == 3);
    CHECK(GgufValue(std::string_view()).string().empty());
}

TEST_CASE("gguf_value: lists") {
    const GgufValue numbers(std::vector<float>{1, 2.5F});
    CHECK(numbers.is_array());
    CHECK(numbers.count() == 2);
    CHECK(numbers.real(1) == 2.5);
    CHECK(numbers.type_name() == "array of float32");
    const GgufValue texts(std::vector<std::string>{"a", "", "ccc"});
    CHECK(texts.string(0) == "a");
    CHECK(texts.string(1).empty());
    CHECK(texts.string(2) == "ccc");
    CHECK(GgufValue(std::vector<bool>{true, false}).boolean(0));
    CHECK(GgufValue(std::vector<std::int32_t>{}).count() == 0);
    CHECK(texts == GgufValue(std::vector<std::string>{"a", "", "ccc"}));
    CHECK(texts != GgufValue(std::vector<std::string>{"a", "", "ccd"}));
}

TEST_CASE("gguf_value: errors") {
    CHECK_THROWS_WITH_AS(GgufValue("x").integer(), "gguf_value: holds string, not an integer", DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(true).real(), "gguf_value: holds bool, not a number", DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(1.5).integer(), "gguf_value: holds float64, not an integer", DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(std::vector<float>{1}).string(),
                         "gguf_value: holds array of float32, not a string", DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(std::uint8_t{1}).boolean(), "gguf_value: holds uint8, not a bool",
                         DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(~std::uint64_t{0}).integer(),
                         "gguf_value: 18446744073709551615 is above 2^63 - 1", DtypeError);
    CHECK_THROWS_WITH_AS(GgufValue(std::vector<float>{1}).real(1), "gguf_value: there is no value 1 among 1",
                         IndexError);
    CHECK_THROWS_WITH_AS(GgufValue(1.0F).real(-1), "gguf_value: there is no value -1 among 1", IndexError);
    CHECK(name(static_cast<GgufType>(13)) == "?");
    CHECK(size_of(static_cast<GgufType>(13)) == 0);
}
