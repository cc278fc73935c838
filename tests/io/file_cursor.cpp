#include <tapegrad/io/file_cursor.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("file_cursor: numbers and texts follow each other") {
    const TemporaryFolder folder;
    std::string content;
    detail::append_little(content, std::uint32_t{7});
    detail::append_little(content, std::uint64_t{3});
    content += "abc";
    content += std::string(200'000, 'x');
    detail::append_little(content, std::uint16_t{0xBEEF});
    write_text(folder / "a", content);
    const InputFile file("cursor", folder / "a");
    FileCursor cursor(file);
    CHECK(cursor.take<std::uint32_t>("a number") == 7);
    CHECK(cursor.string(10, "a text") == "abc");
    CHECK(cursor.offset() == 15);
    std::string many;
    cursor.append(many, 200'000, "many");
    CHECK(many == std::string(200'000, 'x'));
    CHECK(cursor.left() == 2);
    CHECK(cursor.take<std::uint16_t>("the last") == 0xBEEF);
    CHECK(cursor.left() == 0);
    cursor.append(many, 0, "nothing");
    CHECK(FileCursor(file, 12).take<std::uint8_t>("a letter") == 'a');
}

TEST_CASE("file_cursor: the end of the file") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    std::string content;
    detail::append_little(content, ~std::uint64_t{0});
    detail::append_little(content, std::uint64_t{9});
    write_text(path, content + "abc");
    const InputFile file("cursor", path);
    const std::string at = "cursor: " + path + ": at byte ";
    FileCursor cursor(file);
    std::string out;
    CHECK_THROWS_WITH_AS(cursor.string(65535, "a key"),
                         (at + "0: a key: 18446744073709551615 bytes; at most 65535 are allowed").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(cursor.string(100, "a key"),
                         (at + "16: a key: 9 bytes are wanted, 3 are left").c_str(), IoError);
    CHECK_THROWS_WITH_AS(cursor.append(out, ~std::uint64_t{0}, "bytes"),
                         (at + "16: bytes: 18446744073709551615 bytes are wanted, 3 are left").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(cursor.take<std::uint32_t>("a number"),
                         (at + "16: a number: 4 bytes are wanted, 3 are left").c_str(), IoError);
    CHECK(cursor.take<std::uint8_t>("a letter") == 'a');
}
