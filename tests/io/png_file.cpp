#include <tapegrad/io/png_file.hpp>

#include <doctest/doctest.h>

#include <functional>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

std::string chunk(const std::string& type, const std::string& data) {
    std::string out;
    detail::append_big(out, static_cast<std::uint32_t>(data.size()));
    out += type + data;
    detail::append_big(out, crc32(as_bytes(data), crc32(as_bytes(type))));
    return out;
}
const std::string mark(detail::png_mark, 8), end = chunk("IEND", "");
/// The header of 2 x 1 pixels, with byte `at` changed.
std::string header(int colour = 2, std::size_t at = 0, int value = 0) {
    std::string data{0, 0, 0, 2, 0, 0, 0, 1, 8, static_cast<char>(colour), 0, 0, 0};
    data[at] = static_cast<char>(value);
    return chunk("IHDR", data);
}
std::string picture(const std::string& rows) { return chunk("IDAT", deflate_zlib(as_bytes(rows))); }
const std::string row("\0abcdef", 7);

struct Reader {
    TemporaryFolder folder;
    std::string path = folder / "x.png";
    std::string answer(const std::string& bytes) const {
        write_text(path, bytes);
        try {
            const InputFile file("png", path);
            const auto pixels = detail::PngReader(file).read().pixels;
            return "read: " + std::string(pixels.begin(), pixels.end());
        } catch (const IoError& e) {
            const std::string before = "png: " + path + ": at byte ", text = e.what();
            return text.starts_with(before) ? text.substr(before.size()) : text;
        }
    }
    /// What is said of these chunks behind the mark.
    std::string chunks(const std::string& bytes) const { return answer(mark + bytes); }
};

}

TEST_CASE("png_file: Paeth's choice, ties to the left, then above") {
    CHECK(detail::paeth(1, 2, 3) == 1);
    CHECK(detail::paeth(10, 20, 10) == 20);
    CHECK(detail::paeth(10, 20, 20) == 10);
    CHECK(detail::paeth(10, 20, 15) == 15);
    CHECK(detail::paeth(7, 7, 7) == 7);
}

TEST_CASE("png_file: chunks that need not be known are passed over, the picture may be in parts") {
    const Reader r;
    const std::string whole = picture(row), data = whole.substr(8, whole.size() - 12);
    CHECK(r.chunks(header() + whole + end) == "read: abcdef");
    CHECK(r.chunks(header() + chunk("tEXt", "x") + chunk("IDAT", data.substr(0, 3)) + chunk("IDAT", "") +
                   chunk("IDAT", data.substr(3)) + chunk("tIME", "1234567") + end) == "read: abcdef");
    CHECK(r.chunks(header(3) + chunk("PLTE", "rgbRGB") + picture(std::string("\0\1\0", 3)) + end) ==
          "read: RGBrgb");
}

TEST_CASE("png_file: broken files are refused with their place") {
    const Reader r;
    CHECK(r.answer("") == "0: no PNG file: it does not begin with its mark");
    CHECK(r.answer("\x89PNG\n") == "0: no PNG file: it does not begin with its mark");
    CHECK(r.chunks("") == "8: 8 bytes are wanted, the file has 8");
    CHECK(r.chunks(picture(row)) == "8: the first chunk is IDAT, not IHDR");
    CHECK(r.chunks(header()) == "33: 8 bytes are wanted, the file has 33");
    CHECK(r.chunks(header() + std::string("\x80\0\0\0IDAT", 8)) ==
          "33: chunk IDAT of 2147483648 bytes in a file of 41");
    CHECK(r.chunks(header().replace(20, 1, "x")) == "8: chunk IHDR: the checksum differs");
    CHECK(r.chunks(chunk("IHDR", "abc")) == "8: IHDR of 3 bytes, or a second one");
    CHECK(r.chunks(header() + header()) == "33: IHDR of 13 bytes, or a second one");
    CHECK(r.chunks(header(2, 3, 0)) == "16: a picture of 0 x 1");
    CHECK(r.chunks(header(2, 4, 0x80)) == "16: a picture of 2 x 2147483649");
    for (const int bits : {0, 1, 3, 4, 16})
        CHECK(r.chunks(header(2, 8, bits)) ==
              "24: " + std::to_string(bits) + " bits a channel; 8 are supported");
    for (const int colour : {1, 5, 7, 255})
        CHECK(r.chunks(header(colour)) == "25: colours of the unknown kind " + std::to_string(colour));
    CHECK(r.chunks(header(2, 10, 1)) == "26: compression 1 and filters 0; both must be 0");
    CHECK(r.chunks(header(2, 11, 1)) == "26: compression 0 and filters 1; both must be 0");
    CHECK(r.chunks(header(2, 12, 1)) == "28: interlacing 1; only 0 is supported");
    CHECK(r.chunks(header() + chunk("ABCD", "")) == "33: the chunk ABCD is not known, and must be");
    CHECK(r.chunks(header() + chunk("\n\xff..", "")) == "33: the chunk ???? is not known, and must be");
    CHECK(r.chunks(header() + end) == "45: the picture is missing");
    CHECK(r.chunks(header() + picture(row) + end + "x") == "75: bytes follow the last chunk");
    CHECK(r.chunks(header() + picture(row) + chunk("tEXt", "") + picture(row)) ==
          "75: a part of the picture behind other chunks");
    CHECK(r.chunks(header(3) + chunk("PLTE", "rgbR")) == "33: a palette of 4 bytes, or out of place");
    CHECK(r.chunks(header(3) + chunk("PLTE", std::string(771, 'x'))) ==
          "33: a palette of 771 bytes, or out of place");
    CHECK(r.chunks(header(3) + picture(std::string("\0\1\1", 3)) + end) == "41: colour 1 of a palette of 0");
    CHECK(r.chunks(header() + picture(row.substr(0, 6)) + end) ==
          "41: the picture has 6 bytes, 2 x 1 needs 7");
    CHECK(r.chunks(header() + picture(row + "x") + end) ==
          "41: more comes out than belongs there, 15 bytes into the picture");
    CHECK(r.chunks(header() + picture("\5abcdef") + end) == "41: row 0 has the unknown filter 5");
    CHECK(r.chunks(header() + chunk("IDAT", "no zlib") + end) ==
          "41: no zlib stream, 0 bytes into the picture");
    CHECK(r.chunks(header(2, 4, 0x7f) + picture(row) + end) ==
          "41: a picture of 2 x 2130706433 does not fit into 18 bytes");
}

TEST_CASE("png_file: every prefix and every flipped bit ends in an answer") {
    const Reader r;
    const std::string good = mark + header() + picture(row) + end;
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(!r.answer(good.substr(0, n)).starts_with("read"));
    for (std::size_t i = 0; i < 8 * good.size(); ++i) {
        std::string flipped = good;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        CHECK(!r.answer(flipped).starts_with("read"));
    }
}

TEST_CASE("png_file: smooth pictures shrink") {
    std::string pixels;
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 100; ++x) pixels += static_cast<char>(x + 2 * y);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(pixels.data());
    CHECK(detail::png_file(bytes, 100, 100, 1).size() < 1000);
}
