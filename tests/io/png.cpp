#include <tapegrad/io/png.hpp>

#include <doctest/doctest.h>

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
