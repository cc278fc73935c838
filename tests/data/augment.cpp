#include <tapegrad/data/augment.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace tapegrad;

namespace {
/// Picture c, pixel (y, x): 100 c + 10 y + x.
Tensor<int64_t> pictures(int64_t n, int64_t h, int64_t w) {
    Tensor<int64_t> x = empty<int64_t>({n, h, w});
    for (int64_t i = 0; i < x.numel(); ++i)
        x.mutable_data()[i] = 100 * (i / (h * w)) + 10 * (i / w % h) + i % w;
    return x;
}
}

TEST_CASE("augment: flips") {
    Generator generator(1);
    for (const int64_t w : {1, 2, 3, 8, 9, 17}) {
        const auto x = pictures(2, 3, w);
        const auto h = random_horizontal_flip(x, generator, 1), v = random_vertical_flip(x, generator, 1);
        for (int64_t c = 0; c < 2; ++c)
            for (int64_t y = 0; y < 3; ++y)
                for (int64_t i = 0; i < w; ++i) {
                    CHECK(h(c, y, i) == x(c, y, w - 1 - i));
                    CHECK(v(c, y, i) == x(c, 2 - y, i));
                }
        CHECK(random_horizontal_flip(x, generator, 0).is_same(x));
    }
    const auto wide = pictures(1, 2, 3);
    const auto tall = detail::view_of(wide, {3, 2}, {1, 3});
    CHECK(to_vector(detail::flipped(tall, 1)) == std::vector<int64_t>{10, 0, 11, 1, 12, 2});
    int flips = 0;
    for (int i = 0; i < 1000; ++i) flips += random_vertical_flip(wide, generator)(0, 0, 0) == 10 ? 1 : 0;
    CHECK(flips > 440);
    CHECK(flips < 560);
    CHECK(random_horizontal_flip(zeros<float>({0, 2}), generator, 1).shape() == Shape{0, 2});
}

TEST_CASE("augment: parts of a picture") {
    const auto x = pictures(2, 4, 5);
    CHECK(to_vector(crop(x, 1, 2, 2, 2)) == std::vector<int64_t>{12, 13, 22, 23, 112, 113, 122, 123});
    CHECK(to_vector(center_crop(x, 2, 1)) == std::vector<int64_t>{12, 22, 112, 122});
    CHECK(crop(x, 4, 5, 0, 0).shape() == Shape{2, 0, 0});
    Generator generator(2);
    std::set<std::pair<int64_t, int64_t>> corners;
    for (int i = 0; i < 200; ++i) {
        const auto part = random_crop(x, 3, 3, generator);
        const int64_t first = part(0, 0, 0);
        CHECK(part(1, 2, 2) == first + 122);
        corners.insert({first / 10, first % 10});
    }
    CHECK(corners.size() == 2 * 3);
}

TEST_CASE("augment: parts that pass the edge are filled up") {
    const auto x = pictures(2, 3, 4);
    Generator generator(3);
    std::set<int64_t> corners;
    for (int i = 0; i < 500; ++i) {
        const auto part = random_crop(x, 3, 4, generator, 2, int64_t{-1});
        CHECK(part.shape() == x.shape());
        // Find where the picture lies from any pixel of it, then every pixel is known.
        int64_t top = 99, left = 99;
        for (int64_t y = 0; y < 3; ++y)
            for (int64_t k = 0; k < 4; ++k)
                if (const int64_t v = part(0, y, k); v >= 0) {
                    top = v / 10 - y;
                    left = v % 10 - k;
                }
        REQUIRE(top != 99);
        corners.insert(10 * (top + 2) + left + 2);
        for (int64_t y = 0; y < 3; ++y)
            for (int64_t k = 0; k < 4; ++k) {
                const bool inside = y + top >= 0 && y + top < 3 && k + left >= 0 && k + left < 4;
                CHECK(part(1, y, k) == (inside ? x(1, y + top, k + left) : -1));
            }
    }
    CHECK(corners.size() == 25);
    // Nothing of the picture at all.
    const auto far = random_crop(pictures(1, 1, 1), 1, 1, generator, 3);
    CHECK(far.numel() == 1);
}

TEST_CASE("augment: the same generator, the same change") {
    const auto x = pictures(1, 9, 9);
    Generator a(4, 1), b(4, 1);
    for (int i = 0; i < 20; ++i)
        CHECK(to_vector(random_horizontal_flip(random_crop(x, 5, 5, a, 1), a)) ==
              to_vector(random_horizontal_flip(random_crop(x, 5, 5, b, 1), b)));
}

TEST_CASE("augment: channels are normalised") {
    const auto x = from_vector<double>({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 1, 2});
    CHECK(to_vector(normalize_channels(x, {1, 3}, {0.5, 2})) ==
          std::vector<double>{0, 2, 0, 0.5, 8, 10, 2, 2.5});
    CHECK(normalize_channels(zeros<float>({3, 0, 2}), {0, 0, 0}, {1, 1, 1}).numel() == 0);
}

TEST_CASE("augment: errors") {
    Generator generator;
    const auto x = pictures(1, 3, 4);
    CHECK_THROWS_WITH_AS(random_horizontal_flip(Tensor<float>{1, 2}, generator),
                         "random_horizontal_flip: a picture of shape (2,) has no height and width",
                         ShapeError);
    CHECK_THROWS_AS(random_vertical_flip(x, generator, 1.5), ValueError);
    CHECK_THROWS_WITH_AS(crop(x, 1, 0, 3, 3), "crop: 3 x 3 from (1, 0) of a picture (1, 3, 4)", ShapeError);
    CHECK_THROWS_AS(crop(x, -1, 0, 1, 1), ShapeError);
    CHECK_THROWS_WITH_AS(random_crop(x, 4, 4, generator),
                         "random_crop: 4 x 4 of a picture (1, 3, 4) with 0 pixels around it", ShapeError);
    CHECK_THROWS_WITH_AS(random_crop(x, 1, 1, generator, -1), "random_crop: padding is -1", ValueError);
    CHECK_THROWS_WITH_AS(normalize_channels(zeros<float>({3, 2, 2}), {0}, {1}),
                         "normalize_channels: 1 means and 1 deviations for a picture (3, 2, 2)", ShapeError);
    CHECK_THROWS_WITH_AS(normalize_channels(zeros<float>({1, 2, 2}), {0}, {0}),
                         "normalize_channels: a deviation of 0", ValueError);
}
