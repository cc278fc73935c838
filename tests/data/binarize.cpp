#include <tapegrad/data/binarize.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("binarize: a coin of the grey for each pixel", T, float, double) {
    Tensor<uint8_t> x = empty<uint8_t>({3, 20000});
    for (int64_t i = 0; i < x.numel(); ++i)
        detail::output(x)[i] = i < 20000 ? uint8_t{0} : i < 40000 ? uint8_t{51} : uint8_t{255};
    Generator g(1), again(1);
    const Tensor<T> y = binarize<T>(x, g);
    double sums[3] = {};
    const std::vector<T> v = to_vector(y);
    for (std::size_t i = 0; i < v.size(); ++i) sums[i / 20000] += static_cast<double>(v[i]);
    CHECK(sums[0] == 0);
    CHECK(sums[2] == 20000);
    CHECK(std::fabs(sums[1] - 4000) < 4 * std::sqrt(20000 * 0.2 * 0.8));
    CHECK(to_vector(binarize<T>(x, again)) == v);
    CHECK(to_vector(binarize<T>(x, again)) != v);
}

TEST_CASE("binarize: once, and by a threshold") {
    const Tensor<uint8_t> x{{0, 127, 128, 255}};
    CHECK(to_vector(threshold(x)) == std::vector<float>{0, 0, 1, 1});
    CHECK(to_vector(threshold<double>(x, 1)) == std::vector<double>{0, 1, 1, 1});
    const auto once = to_vector(binarize_once(x, 3));
    CHECK(once == to_vector(binarize_once(x, 3)));
    CHECK((once[0] == 0 && once[3] == 1));
}
