#include <tapegrad/io/input_file.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("input_file: reads at any place") {
    const TemporaryFolder folder;
    write_text(folder / "a", "0123456789");
    const InputFile file("reader", folder / "a");
    CHECK(file.size() == 10);
    char text[4] = {};
    file.read(7, text, 3);
    CHECK(std::string(text) == "789");
    file.read(10, text, 0);
}

TEST_CASE("input_file: errors") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    CHECK_THROWS_WITH_AS(InputFile("reader", path),
                         ("reader: " + path + ": cannot be opened: No such file or directory").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(InputFile("reader", folder.path),
                         ("reader: " + folder.path + ": is no regular file").c_str(), IoError);
    write_text(path, "0123456789");
    const InputFile file("reader", path);
    char text[16];
    CHECK_THROWS_WITH_AS(file.read(8, text, 3),
                         ("reader: " + path + ": at byte 8: 3 bytes are wanted, the file has 10").c_str(),
                         IoError);
    CHECK_THROWS_AS(file.read(-1, text, 1), IoError);
    CHECK_THROWS_AS(file.read(11, text, 0), IoError);
    CHECK_THROWS_AS(file.read(1, text, INT64_MAX), IoError);
    std::filesystem::resize_file(path, 4);
    CHECK_THROWS_WITH_AS(
        file.read(0, text, 8),
        ("reader: " + path + ": at byte 4: the file became shorter while it was read").c_str(), IoError);
}

TEST_CASE("input_file: names in messages are short and printable") {
    CHECK(detail::shown("a\nb") == "'a?b'");
    CHECK(detail::shown(std::string(1000, 'x')).size() == 85);
}
