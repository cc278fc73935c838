#include <tapegrad/data/idx.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../io/gzipped.hpp"
#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {

std::string idx_file(int type, std::initializer_list<std::uint32_t> sizes, const std::string& elements) {
    std::string text{0, 0, static_cast<char>(type), static_cast<char>(sizes.size())};
    for (const std::uint32_t size : sizes)
        for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift & 0xFF);
    return text + elements;
}

}

TEST_CASE("idx: bytes, and numbers in big endian order") {
    const TemporaryFolder folder;
    write_text(folder / "a", idx_file(0x08, {2, 3}, std::string("\x00\x01\x02\x7f\x80\xff", 6)));
    const auto bytes = load_idx<uint8_t>(folder / "a");
    CHECK(bytes.shape() == Shape{2, 3});
    CHECK(to_vector(bytes) == std::vector<uint8_t>{0, 1, 2, 127, 128, 255});
    write_text(folder / "b", idx_file(0x0C, {2}, std::string("\x00\x00\x01\x02\xff\xff\xff\xfe", 8)));
    CHECK(to_vector(load_idx<int32_t>(folder / "b")) == std::vector<int32_t>{258, -2});
    write_text(folder / "c", idx_file(0x0D, {1}, std::string("\x3f\xc0\x00\x00", 4)));
    CHECK(load_idx<float>(folder / "c")(0) == 1.5F);
    write_text(folder / "d", idx_file(0x0E, {}, std::string("\xc0\x04\x00\x00\x00\x00\x00\x00", 8)));
    CHECK(load_idx<double>(folder / "d").item() == -2.5);
    write_text(folder / "e", idx_file(0x08, {0, 28, 28}, ""));
    CHECK(load_idx<uint8_t>(folder / "e").shape() == Shape{0, 28, 28});
}

#ifdef TAPEGRAD_WITH_ZLIB
TEST_CASE("idx: compressed with gzip") {
    const TemporaryFolder folder;
    const std::string path = folder / "x";
    const std::string pixels(10 * 28 * 28, 'p');
    write_text(path, gzipped(idx_file(0x08, {10, 28, 28}, pixels)));
    const auto x = load_idx<uint8_t>(path);
    CHECK(x.shape() == Shape{10, 28, 28});
    CHECK(x(9, 27, 27) == 'p');
    write_text(path, gzipped(idx_file(0x08, {}, "x")));
    CHECK(load_idx<uint8_t>(path).item() == 'x');
    // A head that promises little is not followed by much, whatever the compression holds.
    write_text(path, gzipped(idx_file(0x08, {2}, std::string(1'000'000, 'p'))));
    CHECK_THROWS_WITH_AS(load_idx<uint8_t>(path), doctest::Contains(": more comes out than belongs there"),
                         IoError);
    write_text(path, gzipped(idx_file(0x08, {2}, "p")));
    CHECK_THROWS_WITH_AS(
        load_idx<uint8_t>(path),
        ("idx: " + path + ": at byte 8: shape (2,) needs 2 bytes of elements, the file has 1").c_str(),
        IoError);
}
#endif

TEST_CASE("idx: images with labels") {
    const TemporaryFolder folder;
    write_text(folder / "images", idx_file(0x08, {2, 1, 2}, "abcd"));
    write_text(folder / "labels", idx_file(0x08, {2}, "\x03\x09"));
    const LabelledImages both = load_labelled_images(folder / "images", folder / "labels");
    CHECK(both.images(1, 0, 1) == 'd');
    CHECK(to_vector(both.labels) == std::vector<int64_t>{3, 9});
}

TEST_CASE("idx: broken files are refused with their place") {
    const TemporaryFolder folder;
    const std::string path = folder / "x";
    const auto refused = [&](const std::string& text, const std::string& reason) {
        CAPTURE(reason);
        write_text(path, text);
        CHECK_THROWS_WITH_AS(load_idx<uint8_t>(path), ("idx: " + path + ": at byte " + reason).c_str(),
                             IoError);
    };
    refused("", "0: the file has 0 bytes, its head alone 4");
#ifdef TAPEGRAD_WITH_ZLIB
    refused("\x1f\x8b\x08\x08 more", "9: the compressed data ends early");
#else
    refused("\x1f\x8b\x08\x08 more", "0: " + std::string(detail::no_compression));
#endif
    refused("text", "0: no IDX file: it does not begin with two zeros");
    refused(idx_file(0x0D, {1}, "abcd"), "2: the element type is 13, that of uint8 is 8");
    refused(idx_file(0x08, {1, 1, 1, 1, 1, 1, 1, 1, 1}, "a"), "3: the rank is 9; at most 8 are supported");
    refused(std::string("\0\0\x08\xff", 4), "3: the rank is 255; at most 8 are supported");
    refused(std::string("\0\0\x08\x02\0\0", 6), "4: 2 sizes are wanted, the file has 6 bytes");
    refused(idx_file(0x08, {2, 2}, "abc"), "12: shape (2, 2) needs 4 bytes of elements, the file has 3");
    refused(idx_file(0x08, {2, 2}, "abcde"), "12: shape (2, 2) needs 4 bytes of elements, the file has 5");
    refused(idx_file(0x08, {0xffffffff, 0xffffffff}, ""), "8: shape (4294967295, 4294967295) overflows");
    const std::string whole = idx_file(0x08, {2, 3}, "abcdef");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        write_text(path, whole.substr(0, n));
        CHECK_THROWS_AS(load_idx<uint8_t>(path), IoError);
    }
}

TEST_CASE("idx: images and labels that do not belong together") {
    const TemporaryFolder folder;
    const std::string images = folder / "images", labels = folder / "labels";
    write_text(images, idx_file(0x08, {2, 1, 1}, "ab"));
    write_text(labels, idx_file(0x08, {3}, "abc"));
    CHECK_THROWS_WITH_AS(load_labelled_images(images, labels),
                         ("idx: " + labels + ": labels (3,) for images (2, 1, 1)").c_str(), IoError);
    write_text(labels, idx_file(0x08, {2}, "\x01\x0a"));
    CHECK_THROWS_WITH_AS(load_labelled_images(images, labels),
                         ("idx: " + labels + ": at byte 9: label 10 of 10 classes").c_str(), IoError);
    CHECK_THROWS_AS(load_labelled_images(labels, labels), IoError);
}
