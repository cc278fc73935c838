#include <tapegrad/data/images.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"

using namespace tapegrad;

TEST_CASE("images: bytes and numbers") {
    const Tensor<uint8_t> bytes{0, 51, 255};
    CHECK(to_vector(from_bytes(bytes)) == std::vector<float>{0, 0.2F, 1});
    CHECK(to_vector(to_bytes(from_bytes(bytes))) == to_vector(bytes));
    CHECK(to_vector(to_bytes(Tensor<double>{-1, 0, 0.5, 1, 7, NAN, INFINITY, -INFINITY}, -1, 1)) ==
          std::vector<uint8_t>{0, 128, 191, 255, 255, 0, 255, 0});
    Tensor<uint8_t> all = empty<uint8_t>({256});
    for (int i = 0; i < 256; ++i) all.mutable_data()[i] = static_cast<uint8_t>(i);
    CHECK(to_vector(to_bytes(from_bytes(all))) == to_vector(all));
    CHECK(to_bytes(zeros<float>({0, 2})).shape() == Shape{0, 2});
    CHECK_THROWS_WITH_AS(to_bytes(zeros<float>({1}), 1, 1), "to_bytes: from 1 to 1 is no range", ValueError);
}

TEST_CASE("images: a grid") {
    // Three pictures of 1 x 2, two in a row, one pixel between.
    const Tensor<float> x = from_vector<float>({1, 2, 3, 4, 5, 6}, {3, 1, 1, 2});
    const auto grid = make_grid(x, {.nrow = 2, .padding = 1, .pad_value = 9});
    CHECK(grid.shape() == Shape{1, 5, 7});
    CHECK(to_vector(grid) == std::vector<float>{9, 9, 9, 9, 9, 9, 9,  //
                                                9, 1, 2, 9, 3, 4, 9,  //
                                                9, 9, 9, 9, 9, 9, 9,  //
                                                9, 5, 6, 9, 9, 9, 9,  //
                                                9, 9, 9, 9, 9, 9, 9});
    // torchvision.utils.make_grid(torch.zeros(10, 3, 5, 6)).shape
    CHECK(make_grid(zeros<float>({10, 3, 5, 6})).shape() == Shape{3, 16, 66});
    CHECK(make_grid(zeros<uint8_t>({2, 3, 5, 6}), {.padding = 0}).shape() == Shape{3, 5, 12});
    CHECK_THROWS_WITH_AS(make_grid(zeros<float>({3, 5, 6})),
                         "make_grid: images (3, 5, 6) are not (n, channels, height, width)", ShapeError);
    CHECK_THROWS_WITH_AS(make_grid(x, {.nrow = 0}), "make_grid: nrow is 0 and padding 2", ValueError);
}

#ifdef TAPEGRAD_WITH_PNG
TEST_CASE("images: into a file") {
    const TemporaryFolder folder;
    save_image(folder / "x.png", full<float>({3, 1, 2, 2}, 1.0F), {.nrow = 3, .padding = 1, .low = -1});
    const auto x = load_png(folder / "x.png");
    CHECK(x.shape() == Shape{1, 4, 10});
    CHECK(x(0, 0, 0) == 0);
    CHECK(x(0, 1, 1) == 255);
    save_image(folder / "x.png", full<double>({2, 2}, 0.2));
    CHECK(load_png(folder / "x.png")(0, 1, 1) == 51);
}
#endif
