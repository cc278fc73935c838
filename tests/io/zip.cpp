#include <tapegrad/io/zip.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/zip_writer.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

// Places in the archive below: the headers of the entries, their lengths being known.
constexpr std::size_t first = 0, second = 30 + 1 + 5, directory = second + 30 + 1 + 5;
constexpr std::size_t entry_size = 46 + 1, end = directory + 2 * entry_size;

/// Entries "a" of "hello" and "b" of "HELLO", stored.
std::string archive() {
    const TemporaryFolder folder;
    ZipWriter zip("writer", folder / "a");
    zip.add("a", "hello", {}, false);
    zip.add("b", "HELLO", {}, false);
    zip.commit();
    return read_text(folder / "a");
}
std::string with(std::string text, std::size_t at, const std::string& bytes) {
    return text.replace(at, bytes.size(), bytes);
}

struct Reader {
    TemporaryFolder folder;
    std::string path = folder / "x";
    /// What the reader says of the archive and all of its entries, after its name.
    std::string answer(const std::string& bytes) const {
        write_text(path, bytes);
        try {
            const ZipFile zip("zip", path);
            std::string text = "read:";
            for (const ZipEntry& entry : zip.entries())
                text += ' ' + entry.name + std::to_string(zip.read(entry).size());
            return text;
        } catch (const IoError& e) {
            const std::string before = "zip: " + path + ": at byte ", text = e.what();
            return text.starts_with(before) ? text.substr(before.size()) : text;
        }
    }
};

}

TEST_CASE("zip: archives with a comment") {
    const Reader reader;
    const std::string good = archive();
    REQUIRE(good.size() == end + 22);
    CHECK(reader.answer(good) == "read: a5 b5");
    std::string comment(65'535, 'c');
    CHECK(reader.answer(with(good, end + 20, "\xff\xff") + comment) == "read: a5 b5");
    comment.replace(100, 4, "PK\5\6");  // looks like an end record, and is none
    CHECK(reader.answer(with(good, end + 20, "\xff\xff") + comment) == "read: a5 b5");
    CHECK(reader.answer(std::string("PK\5\6", 4) + std::string(18, '\0')) == "read:");
}

TEST_CASE("zip: broken archives are refused with their place") {
    const Reader r;
    const std::string good = archive(), d = std::to_string(directory),
                      e = std::to_string(directory + entry_size);
    const auto changed = [&](std::size_t at, const std::string& bytes) {
        return r.answer(with(good, at, bytes));
    };
    CHECK(r.answer("") == "0: the file has 0 bytes, the end record of an archive alone 22");
    CHECK(r.answer(std::string(30, 'x')) == "30: no zip archive: there is no end record");
    CHECK(r.answer(good + "x") == "189: no zip archive: there is no end record");
    CHECK(changed(end + 4, "\1") == "170: an archive in several parts");
    CHECK(changed(end + 8, "\1") == "170: an archive in several parts");
    CHECK(changed(end + 8, std::string("\3\0\3\0", 4)) == "176: 3 entries in a directory of 94 bytes");
    CHECK(changed(end + 8, std::string("\1\0\1\0", 4)) ==
          "119: bytes follow the last entry of the directory");
    CHECK(changed(end + 16, "\x49") == "178: a directory of 94 bytes at 73 does not end at 166");
    CHECK(changed(end + 12, "\xff") == "178: a directory of 255 bytes at 72 does not end at 166");
    CHECK(changed(directory, "x") == d + ": entry 0 of the directory does not begin here");
    CHECK(changed(directory + 8, "\1") == "80: entry 'a' is encrypted");
    CHECK(changed(directory + 10, "\x63") ==
          "82: entry 'a' is packed by method 99; 0 (stored) and 8 (deflated) are known");
    CHECK(changed(directory + 28, "\xff\xff") == "100: entry 0 passes the end of the directory");
    CHECK(changed(directory + 42, "\xff") == "72: entry 'a' begins at 255, the directory at 72");
    CHECK(changed(directory + 42, "\1") == "1: the header of entry 'a' is not here");
    CHECK(changed(directory + 20, "\x40") == "0: entry 'a' has 64 bytes, which pass the directory at 72");
    CHECK(changed(directory + 20, "\4") == "0: the header of entry 'a' differs from the directory");
    CHECK(changed(first + 18, "\4") == "0: the header of entry 'a' differs from the directory");
    CHECK(changed(first + 8, "\x08") == "0: the header of entry 'a' differs from the directory");
    CHECK(changed(first + 30, "c") == "0: the header of entry 'a' differs from the directory");
    CHECK(r.answer(with(with(good, directory + 20, "\4"), 18, "\4")) ==
          "0: entry 'a' is stored, but has 4 bytes for 5");
    CHECK(r.answer(with(with(good, directory + 46, "b"), 30, "b")) == d + ": entry 'b' is there twice");
    CHECK(changed(directory + entry_size + 42, std::string("\0", 1)) ==
          "0: the header of entry 'b' differs from the directory");
    const std::string inside = std::string("\x1e\0", 2);  // "a" with an extra field over all of "b"'s header
    CHECK(r.answer(with(good, first + 28, inside)).starts_with("36: entry 'b' lies inside entry 'a'"));
    for (const char* name : {"/", "\\"})
        CHECK(changed(directory + 46, name) == "118: an entry may not be called '" + std::string(name) + "'");
    CHECK(changed(directory + 46, std::string(1, '\0')) == "118: an entry may not be called '?'");
    CHECK(changed(first + 31, "j") == "31: entry 'a': the checksum is 1288762854, not 907060870");
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(!r.answer(good.substr(0, n)).starts_with("read: a"));
}

TEST_CASE("zip: names that lead out of the folder") {
    const Reader reader;
    for (const char* name : {"..", "../a", "b/../a", "b/.."}) {
        const TemporaryFolder folder;
        ZipWriter zip("writer", folder / "a");
        zip.add(name, "", {}, false);
        zip.commit();
        CHECK(reader.answer(read_text(folder / "a"))
                  .ends_with("an entry may not be called '" + std::string(name) + "'"));
    }
}

#ifdef TAPEGRAD_WITH_ZLIB
TEST_CASE("zip: an entry that unpacks to another size") {
    const TemporaryFolder folder;
    ZipWriter zip("writer", folder / "a");
    zip.add("a", std::string(1000, 'x'), {}, true);
    zip.commit();
    const std::string good = read_text(folder / "a");
    const std::size_t at = good.size() - 22 - entry_size;
    const Reader r;
    CHECK(r.answer(good) == "read: a1000");
    CHECK(r.answer(with(with(good, at + 24, "\xe7"), 22, "\xe7"))
              .ends_with("entry 'a': more comes out than belongs there"));
    CHECK(
        r.answer(with(with(good, at + 24, "\xe9"), 22, "\xe9")).ends_with("bytes unpack to 1000, not 1001"));
}
#endif

TEST_CASE("zip: every flipped bit ends in an answer") {
    const Reader reader;
    const std::string good = archive();
    for (std::size_t i = 0; i < 8 * good.size(); ++i)
        CHECK(
            !reader.answer(with(good, i / 8, std::string(1, static_cast<char>(good[i / 8] ^ (1 << (i % 8))))))
                 .empty());
}
