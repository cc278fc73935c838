#include <tapegrad/core/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace tapegrad;

namespace {
struct Named {
    std::string to_string() const { return "<named>"; }
};
}

TEST_CASE("error: every kind is an Error, and an Error a std::runtime_error") {
    static_assert(std::is_base_of_v<std::runtime_error, Error>);
    static_assert(std::is_base_of_v<Error, ShapeError> && std::is_base_of_v<Error, IndexError>);
    static_assert(std::is_base_of_v<Error, DtypeError> && std::is_base_of_v<Error, ValueError>);
    static_assert(std::is_base_of_v<Error, AutogradError> && std::is_base_of_v<Error, IoError>);
    CHECK_THROWS_AS(detail::fail<IoError>("read", "no"), Error);
}

TEST_CASE("error: the operation comes first, then the parts") {
    CHECK_THROWS_WITH_AS(detail::fail<ShapeError>("matmul", "a and b do not multiply"),
                         "matmul: a and b do not multiply", ShapeError);
    CHECK_THROWS_WITH_AS(detail::fail<ValueError>("dropout", "p is ", 1.5, ", not in [0, 1]"),
                         "dropout: p is 1.5, not in [0, 1]", ValueError);
    CHECK_THROWS_WITH_AS(detail::fail<Error>("x"), "x: ", Error);
}

TEST_CASE("error: texts of parts") {
    CHECK(detail::text() == "");
    CHECK(detail::text("a", std::string("b"), std::string_view("c"), 'd') == "abcd");
    CHECK(detail::text(1, ' ', -2L, ' ', 3u) == "1 -2 3");
    CHECK(detail::text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(detail::text(Named{}) == "<named>");
    CHECK(detail::text(true) == "1");
}

TEST_CASE("error: floating numbers are as short as they may be and still tell which they are") {
    CHECK(detail::text(0.5) == "0.5");
    CHECK(detail::text(2.0) == "2");
    CHECK(detail::text(100.0f) == "100");
    CHECK(detail::text(-0.25f) == "-0.25");
    CHECK(detail::text(0.0) == "0");
    CHECK(detail::text(1234567.0) == "1234567");
    CHECK(detail::text(0.1f) == "0.1");
    CHECK(detail::text(0.1) == "0.1");
    CHECK(detail::text(static_cast<double>(0.1f)) == "0.10000000149011612");
    CHECK(detail::text(1.0 / 3) == "0.3333333333333333");
    CHECK(detail::text(-1e-8) == "-1e-08");
    CHECK(detail::text(std::nextafter(1.0, 0.0)) == "0.9999999999999999");
    CHECK(detail::text(-std::numeric_limits<double>::denorm_min()) == "-5e-324");
    CHECK(detail::text(std::numeric_limits<double>::lowest()) == "-1.7976931348623157e+308");
    CHECK(detail::text(-0.0) == "-0");
    CHECK(detail::text(-std::numeric_limits<float>::infinity()) == "-inf");
    CHECK(detail::text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(detail::text(std::numeric_limits<double>::quiet_NaN()) == "nan");
}
