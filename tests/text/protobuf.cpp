#include <tapegrad/text/protobuf.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"

using namespace tapegrad;
using detail::ProtobufField;
using detail::ProtobufReader;

namespace {
struct Read {
    explicit Read(std::string_view message) : reader(file(), message, 100) {}
    static const InputFile& file() {
        static const TemporaryFolder folder;
        static const InputFile f = [] {
            write_text(folder / "x", "");
            return InputFile("protobuf", folder / "x");
        }();
        return f;
    }
    ProtobufReader reader;
    ProtobufField field;
    bool next() { return reader.next(field); }
};
}

TEST_CASE("protobuf: fields of every kind") {
    Read r(
        std::string_view("\x08\x96\x01\x15\x00\x00\x80\x3F\x1A\x03"
                         "abc"
                         "\x21\x01\x02\x03\x04\x05\x06\x07\x08",
                         22));
    REQUIRE(r.next());
    CHECK(r.field.number == 1);
    CHECK(r.reader.number(r.field) == 150);
    CHECK(r.reader.boolean(r.field));
    CHECK_THROWS_AS(r.reader.real(r.field), IoError);
    CHECK_THROWS_AS(r.reader.bytes(r.field), IoError);
    REQUIRE(r.next());
    CHECK(r.reader.real(r.field) == 1.0F);
    CHECK(r.field.offset == 103);
    REQUIRE(r.next());
    CHECK(r.reader.bytes(r.field) == "abc");
    CHECK(r.field.bytes_offset == 110);
    CHECK_THROWS_AS(r.reader.number(r.field), IoError);
    REQUIRE(r.next());
    CHECK(r.field.kind == ProtobufField::Kind::fixed64);
    CHECK(r.field.value == 0x0807060504030201u);
    CHECK(!r.next());
}

TEST_CASE("protobuf: what is refused") {
    for (const std::string_view bad :
         {std::string_view("\x08", 1), std::string_view("\x08\x80", 2),
          std::string_view("\x0A\x05"
                           "abc",
                           5),
          std::string_view("\x0D\x00\x00", 3), std::string_view("\x09\x00", 2), std::string_view("\x0B", 1),
          std::string_view("\x0C", 1), std::string_view("\x0F", 1), std::string_view("\x00\x00", 2),
          std::string_view("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11),
          std::string_view("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12)}) {
        Read r(bad);
        CHECK_THROWS_AS(r.next(), IoError);
    }
    Read empty("");
    CHECK(!empty.next());
}
