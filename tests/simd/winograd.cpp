#include <tapegrad/simd/winograd.hpp>

#include "conv_definition.hpp"

using namespace conv_definition;

TEST_CASE_TEMPLATE("winograd: the definition, whole and broken tiles, any padding", T, float, double) {
    const ConvShape shapes[] = {
        shape(1, 1, 32, 32, {1, 8, 16}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
        shape(2, 1, 33, 35, {1, 11, 18}, {1, 3, 3}, {1, 1, 1}, {0, 0, 1}),
        shape(1, 2, 32, 40, {1, 9, 70}, {1, 3, 3}, {1, 1, 1}, {0, 2, 3}),
        // Images that share the columns of a product, more of them than one product takes; also small ones.
        shape(7, 1, 32, 33, {1, 17, 19}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
        shape(66, 1, 32, 32, {1, 8, 8}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
        // One image in several bands of tile rows.
        shape(1, 1, 32, 32, {1, 70, 80}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
        shape(1, 1, 32, 32, {1, 9, 40}, {1, 3, 3}, {1, 1, 1}, {0, 1, 0}),
    };
    for (const ConvShape& s : shapes) {
        REQUIRE(simd::detail::winograd_pays(s));
        check<T>(s, true);
    }
}

TEST_CASE("winograd: the error beside that of the sum itself") {
    // The largest error of float over 64 channels, beside the root of the sum of squares.
    const ConvShape s = shape(1, 1, 64, 64, {1, 16, 16}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1});
    const auto x = numbers<float>(64 * 256, 1), w = numbers<float>(64 * 64 * 9, 2);
    const std::vector<double> xd(x.begin(), x.end()), wd(w.begin(), w.end());
    std::vector<float> y(64 * 256);
    std::vector<double> wanted(y.size()), squares(y.size());
    simd::conv<float>(x.data(), w.data(), nullptr, y.data(), s);
    for_each_term(s, [&](std::size_t from, std::size_t by, std::size_t to) {
        wanted[to] += xd[from] * wd[by];
        squares[to] += xd[from] * wd[by] * xd[from] * wd[by];
    });
    double worst = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
        worst = std::fmax(worst, std::fabs(static_cast<double>(y[i]) - wanted[i]) / std::sqrt(squares[i]));
    CHECK(worst < 1.3e-5);  // it is 1.04e-5
}
