#include <tapegrad/io/zip_writer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/zip.hpp>

#include "temporary.hpp"

using namespace tapegrad;

#ifdef TAPEGRAD_WITH_ZLIB
TEST_CASE("zip_writer: entries stored and deflated come back") {
    const TemporaryFolder folder;
    const std::string long_text(100'000, 'z');
    {
        ZipWriter zip("writer", folder / "a");
        zip.add("one", "head", as_bytes(std::string("body")), false);
        zip.add("folder/två", "", as_bytes(long_text), true);
        zip.add("empty", "", {}, true);
        CHECK(folder.files() == 1);
        zip.commit();
    }
    const ZipFile zip("reader", folder / "a");
    REQUIRE(zip.entries().size() == 3);
    const auto text = [&](std::size_t i) {
        const auto bytes = zip.read(zip.entries()[i]);
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    CHECK(zip.entries()[0].name == "one");
    CHECK(!zip.entries()[0].deflated);
    CHECK(text(0) == "headbody");
    CHECK(zip.entries()[1].name == "folder/två");
    CHECK(zip.entries()[1].deflated);
    CHECK(zip.entries()[1].packed < 2000);
    CHECK(text(1) == long_text);
    CHECK(text(2).empty());
}
#endif

TEST_CASE("zip_writer: more entries than 16 bits count") {
    const TemporaryFolder folder;
    ZipWriter zip("writer", folder / "a");
    for (int i = 0; i < 70'000; ++i) zip.add(std::to_string(i), "", {}, false);
    zip.commit();
    const ZipFile read("reader", folder / "a");
    CHECK(read.entries().size() == 70'000);
    CHECK(read.entries()[69'999].name == "69999");
    CHECK(read.read(read.entries()[69'999]).empty());
}

TEST_CASE("zip_writer: errors") {
    const TemporaryFolder folder;
    {
        ZipWriter zip("writer", folder / "a");
        CHECK_THROWS_WITH_AS(zip.add("", "", {}, false), "zip: the name of an entry has 0 bytes", ValueError);
        CHECK_THROWS_WITH_AS(zip.add(std::string(70'000, 'n'), "", {}, false),
                             "zip: the name of an entry has 70000 bytes", ValueError);
    }
    CHECK(folder.files() == 0);
}
