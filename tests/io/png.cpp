#include <tapegrad/io/png.hpp>

#include <doctest/doctest.h>

#ifdef TAPEGRAD_WITH_PNG

#include <zlib.h>

#include <tapegrad/io/bytes.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

/// What tests/golden/png.py writes and checks.
Tensor<uint8_t> content(int64_t channels, int64_t height = 7, int64_t width = 13) {
    Tensor<uint8_t> x = empty<uint8_t>({channels, height, width});
    uint8_t* out = x.mutable_data();
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = 0; y < height; ++y)
            for (int64_t i = 0; i < width; ++i)
                *out++ = static_cast<uint8_t>(31 * y + 17 * i + 5 * y * i + 59 * c);
    return x;
}
void check_equal(const Tensor<uint8_t>& a, const Tensor<uint8_t>& b) {
    CHECK(a.shape() == b.shape());
    CHECK(to_vector(a) == to_vector(b));
}

std::string big(std::size_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
    return out;
}
std::string chunk(const std::string& type, const std::string& data) {
    return big(data.size()) + type + data + big(tapegrad::crc32(as_bytes(type + data)));
}
const std::string mark("\x89PNG\r\n\x1a\n"), end = chunk("IEND", "");
/// The header of 2 x 1 pixels in colour, with byte `at` changed.
std::string header(std::size_t at = 9, int value = 2) {
    std::string data{0, 0, 0, 2, 0, 0, 0, 1, 8, 2, 0, 0, 0};
    data[at] = static_cast<char>(value);
    return chunk("IHDR", data);
}
std::string picture(const std::string& rows) {
    std::string out(100, '\0');
    uLongf size = out.size();
    ::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
               static_cast<uLong>(rows.size()));
    return chunk("IDAT", out.substr(0, size));
}
const std::string row("\0abcdef", 7);

struct Reader {
    TemporaryFolder folder;
    std::string path = folder / "x.png";
    std::string answer(const std::string& bytes) const {
        write_text(path, bytes);
        try {
            std::string text = "pixels: ";
            const auto x = load_png(path, {.limit = 1000});
            for (const uint8_t v : to_vector(x)) text += static_cast<char>(v);
            return text;
        } catch (const IoError& e) {
            const std::string before = "png: " + path + ": ", text = e.what();
            CHECK(text.starts_with(before));
            return text.substr(before.size());
        }
    }
    /// What is said of these chunks behind the mark.
    std::string chunks(const std::string& bytes) const { return answer(mark + bytes); }
};

}

TEST_CASE("png: pictures that Pillow wrote") {
    const char* const names[] = {"", "grey", "grey_alpha", "rgb", "rgba"};
    for (int64_t channels = 1; channels <= 4; ++channels)
        check_equal(load_png(golden("png_" + std::string(names[channels]) + ".png")), content(channels));
    check_equal(load_png(golden("png_filters.png")), content(3));
    const auto coloured = load_png(golden("png_palette.png")), index = content(1);
    CHECK(coloured.shape() == Shape{3, 7, 13});
    for (int64_t y = 0; y < 7; ++y)
        for (int64_t x = 0; x < 13; ++x) {
            const int i = index(0, y, x);
            CHECK(coloured(0, y, x) == i);
            CHECK(coloured(1, y, x) == 255 - i);
            CHECK(coloured(2, y, x) == 7 * i % 256);
        }
}

TEST_CASE("png: what is written is read") {
    // TAPEGRAD_KEEP=folder leaves the files for `tests/golden/png.py check`.
    const TemporaryFolder temporary;
    const char* const keep = std::getenv("TAPEGRAD_KEEP");
    const std::string folder = (keep != nullptr ? keep : temporary.path) + "/";
    const char* const names[] = {"", "grey", "grey_alpha", "rgb", "rgba"};
    for (int64_t channels = 1; channels <= 4; ++channels) {
        const std::string path = folder + names[channels] + ".png";
        save_png(path, content(channels));
        check_equal(load_png(path), content(channels));
    }
    const std::string path = temporary / "x.png";
    for (const int64_t n : {1, 2, 300}) {
        save_png(path, content(3, n, 301 - n));
        check_equal(load_png(path), content(3, n, 301 - n));
        save_png(path, full<uint8_t>({n, n}, uint8_t{200}));
        check_equal(load_png(path), full<uint8_t>({1, n, n}, uint8_t{200}));
    }
    // Any strides: a picture whose rows are columns.
    const Tensor<uint8_t> x = content(3);
    save_png(path, detail::view_of(x, {3, 13, 7}, {91, 1, 13}));
    CHECK(load_png(path)(2, 5, 6) == x(2, 6, 5));
}

TEST_CASE("png: errors") {
    CHECK_THROWS_WITH_AS(
        encode_png(zeros<uint8_t>({5, 2, 2})),
        "png: a picture of shape (5, 2, 2) is not (height, width) or (1 to 4, height, width)", ShapeError);
    CHECK_THROWS_AS(encode_png(zeros<uint8_t>({0, 2})), ShapeError);
    CHECK_THROWS_AS(encode_png(zeros<uint8_t>({4})), ShapeError);
    CHECK_THROWS_AS(encode_png(zeros<uint8_t>({1, 3, 2, 2})), ShapeError);
    CHECK_THROWS_AS(load_png("missing.png"), IoError);
}

TEST_CASE("png: other chunks are passed over, the picture may be in parts or in few bits") {
    const Reader r;
    const std::string whole = picture(row), data = whole.substr(8, whole.size() - 12);
    CHECK(r.chunks(header() + whole + end) == "pixels: adbecf");
    CHECK(r.chunks(header() + chunk("tEXt", "x") + chunk("IDAT", data.substr(0, 3)) + chunk("IDAT", "") +
                   chunk("IDAT", data.substr(3)) + chunk("tIME", "1234567") + end) == "pixels: adbecf");
    CHECK(r.chunks(header(9, 3) + chunk("PLTE", "rgbRGB") + picture(std::string("\0\1\0", 3)) + end) ==
          "pixels: RrGgBb");
    const std::string grey = chunk("IHDR", std::string("\0\0\0\2\0\0\0\1\1\0\0\0\0", 13));  // of 1 bit
    CHECK(r.chunks(grey + picture(std::string("\0\x40", 2)) + end) == std::string("pixels: \0\xff", 10));
}

TEST_CASE("png: broken files are refused") {
    const Reader r;
    CHECK(r.answer("") == "the file is empty");
    CHECK(r.answer("no PNG file") == "Not a PNG file");
    CHECK(r.chunks(header().replace(20, 1, "x")) == "IHDR: CRC error");
    CHECK(r.chunks(header() + picture(row.substr(0, 6)) + end) == "Not enough image data");
    CHECK(r.chunks(header(8, 16) + picture(row) + end) == "16 bits a channel; at most 8 are supported");
    CHECK(r.chunks(header(2, 2) + picture(row) + end) ==
          "a picture of 514 x 1 with 3 channels is above the limit of 1000 bytes");
    CHECK(r.chunks(header(1, 1) + picture(row) + end) ==
          "a picture of 65538 x 1 with 3 channels is above the limit of 1000 bytes");
    // How libpng says it is its own affair.
    const std::string rest = picture(row) + end;
    for (const std::string& broken :
         {std::string(), rest, header(), header() + std::string("\x80\0\0\0IDAT", 8),
          chunk("IHDR", "abc") + rest, header(3, 0) + rest, header(4, 0x80) + rest, header(8, 3) + rest,
          header(9, 5) + rest, header(10, 1) + rest, header(11, 1) + rest, header(12, 2) + rest,
          header() + chunk("ABCD", "") + rest, header() + end,
          header(9, 3) + picture(std::string("\0\1\1", 3)) + end, header() + picture("\5abcdef") + end,
          header() + chunk("IDAT", "no zlib") + end}) {
        CAPTURE(broken);
        CHECK(!r.chunks(broken).starts_with("pixels: "));
    }
}

TEST_CASE("png: every prefix and every flipped bit ends in an answer") {
    const Reader r;
    const std::string good = mark + header() + picture(row) + end, wanted = "pixels: adbecf";
    for (std::size_t n = 0; n < good.size() - end.size() - 4; ++n)
        CHECK(!r.answer(good.substr(0, n)).starts_with("pixels: "));
    for (std::size_t i = 0; i < 8 * good.size(); ++i) {
        CAPTURE(i);
        std::string flipped = good;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        const std::string found = r.answer(flipped);
        CHECK((!found.starts_with("pixels: ") || (found == wanted && i / 8 >= good.size() - end.size())));
    }
}

TEST_CASE("png: smooth pictures shrink") {
    Tensor<uint8_t> x = empty<uint8_t>({100, 100});
    for (int i = 0; i < 10'000; ++i) x.mutable_data()[i] = static_cast<uint8_t>(i % 100 + 2 * (i / 100));
    CHECK(encode_png(x).size() < 1000);
}

#endif
