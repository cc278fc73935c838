#include <tapegrad/io/byte_source.hpp>

#include <doctest/doctest.h>

#include "gzipped.hpp"
#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("byte_source: a file, and bytes that came from it") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    write_text(path, "0123456789");
    const InputFile file("reader", path);
    const FileSource whole(file);
    const Bytes some = as_bytes("abc", 3);
    const MemorySource part(file, "entry 'x'", {some.begin(), some.end()});
    char bytes[4] = {}, &c = bytes[0];
    whole.read(7, &c, 1);
    CHECK(c == '7');
    part.read(2, &c, 1);
    CHECK(c == 'c');
    part.read(3, &c, 0);
    CHECK(whole.size() == 10);
    CHECK(part.size() == 3);
    CHECK_THROWS_WITH_AS(whole.fail(4, "no ", 5), ("reader: " + path + ": at byte 4: no 5").c_str(), IoError);
    CHECK_THROWS_WITH_AS(
        part.read(2, bytes, 2),
        ("reader: " + path + ": entry 'x': at byte 2: 2 bytes are wanted, there are 3").c_str(), IoError);
    CHECK_THROWS_AS(part.read(-1, &c, 1), IoError);
    CHECK_THROWS_AS(part.read(4, &c, 0), IoError);
}

TEST_CASE("byte_source: a file is unpacked when it is compressed") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    const auto read = [&](int64_t limit, bool cut = false) {
        const auto bytes = read_unpacked(InputFile("reader", path), limit, cut);
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    write_text(path, "plain text");
    CHECK(read(3) == "plain text");
    CHECK(read(3, true) == "pla");
#ifdef TAPEGRAD_WITH_ZLIB
    const std::string packed = gzipped("hello");
    write_text(path, packed);
    CHECK(read(5) == "hello");
    CHECK(read(3, true) == "hel");
    write_text(path, gzipped(std::string(100'000, 'h')));
    CHECK(read(100'000).size() == 100'000);
    CHECK_THROWS_AS(read(99'999), IoError);
    write_text(path, packed.substr(0, 15));
    CHECK_THROWS_WITH_AS(
        read(4), ("reader: " + path + ": at byte 15: the compressed data ends early").c_str(), IoError);
#else
    write_text(path, "\x1f\x8b\x08");
    CHECK_THROWS_AS(read(5), IoError);
#endif
}
