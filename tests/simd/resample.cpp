#include <tapegrad/simd/resample.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE_TEMPLATE("resample: values at sizes around the SIMD width, inside and along lines", T, float,
                   double) {
    for (const int64_t inner : {1, 2, 7, 8, 9, 16, 17, 40})
        for (const int64_t outer : {0, 1, 3, 15, 16, 17, 33}) {
            simd::AxisWeights<T> w(5);
            for (int64_t i = 0; i < 7; ++i) {
                for (int64_t k = 0; k < i % 3; ++k) w.add((i + k) % 5, static_cast<T>(i - k) / 4);
                w.end_result();
            }
            std::vector<T> x(static_cast<std::size_t>(outer * 5 * inner)),
                y(static_cast<std::size_t>(outer * 7 * inner), T(9));
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 23) - 11;
            simd::resample(x.data(), y.data(), outer, inner, w);
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < 7; ++i)
                    for (int64_t j = 0; j < inner; ++j) {
                        T wanted = 0;
                        for (int64_t k = 0; k < i % 3; ++k)
                            wanted += static_cast<T>(i - k) / 4 *
                                      x[static_cast<std::size_t>((o * 5 + (i + k) % 5) * inner + j)];
                        REQUIRE(y[static_cast<std::size_t>((o * 7 + i) * inner + j)] == wanted);
                    }
        }
}

TEST_CASE("resample: the transpose keeps every term, in order") {
    simd::AxisWeights<double> w(4);
    for (const int64_t p : {3, 1, 3}) w.add(p, static_cast<double>(p) + 0.5);
    w.end_result();
    w.end_result();
    w.add(3, 7);
    w.end_result();
    const auto t = w.transposed();
    CHECK(t.source == 3);
    CHECK(t.begin == std::vector<int64_t>{0, 0, 1, 1, 4});
    CHECK(t.places == std::vector<int64_t>{0, 0, 0, 2});
    CHECK(t.weights == std::vector<double>{1.5, 3.5, 3.5, 7});
    CHECK(t.transposed().places == std::vector<int64_t>{1, 3, 3, 3});
}
