#include <tapegrad/ops/interpolate.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/primitive.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using X = Tensor<double>;
using I = InterpolateMode;

TEST_CASE("interpolate: every mode over a grid of sizes, as PyTorch") {
    const SafetensorsFile golden("tests/golden/interpolate.safetensors");
    const struct {
        const char* name;
        InterpolateOptions options;
    } modes[] = {{"nearest", {.mode = I::nearest}},
                 {"nearest_exact", {.mode = I::nearest_exact}},
                 {"area", {.mode = I::area}},
                 {"bilinear", {.mode = I::bilinear}},
                 {"bilinear_corners", {.mode = I::bilinear, .align_corners = true}},
                 {"bilinear_antialias", {.mode = I::bilinear, .antialias = true}},
                 {"bicubic", {.mode = I::bicubic}},
                 {"bicubic_corners", {.mode = I::bicubic, .align_corners = true}},
                 {"bicubic_antialias", {.mode = I::bicubic, .antialias = true}}};
    for (const int64_t in : {1, 2, 3, 5, 8})
        for (const int64_t out : {1, 2, 3, 5, 9, 16}) {
            X x = zeros<double>({1, 1, 1, in});
            for (int64_t i = 0; i < in; ++i) x.mutable_data()[i] = std::sin(3 * static_cast<double>(i) + 1);
            for (const auto& [name, base] : modes) {
                InterpolateOptions options = base;
                options.size = Spatial{1, out};
                const std::string key =
                    std::string(name) + "/" + std::to_string(in) + "/" + std::to_string(out);
                CAPTURE(key);
                const X y = interpolate(x, options), wanted = golden.load<double>(key);
                for (int64_t i = 0; i < out; ++i) CHECK(std::fabs(y(0, 0, 0, i) - wanted(i)) < 1e-12);
            }
        }
}

TEST_CASE("interpolate: the gradient is the transpose, whatever the mode") {
    for (const I mode : {I::nearest, I::nearest_exact, I::bilinear, I::bicubic, I::area})
        for (const Spatial& size : {Spatial{3, 9}, Spatial{11, 2}, Spatial{1, 1}}) {
            const X x = normal<double>({2, 3, 5, 4}).requires_grad_();
            const X y = interpolate(x, {.size = size, .mode = mode}), dy = normal<double>(y.shape());
            CHECK(sum(y * dy).item() ==
                  doctest::Approx(sum(x * grad(y, {x}, {}, dy)[0]).item()).epsilon(1e-12));
        }
    CHECK_GRAD(
        [](const auto& v) { return interpolate(v[0] * v[0], {.scale_factor = {1.5}, .mode = I::bicubic}); },
        {normal<double>({1, 1, 2, 3})}, 3);
}

TEST_CASE_TEMPLATE("interpolate: layouts, threads, and the bits of nearest", T, float, double) {
    const Tensor<T> x = normal<T>({3, 5, 9, 37});
    const InterpolateOptions options{.size = Spatial{14, 50}, .mode = I::bilinear};
    const Tensor<T> y = interpolate(x, options);
    CHECK(support::same_bits(interpolate(support::spread(x), options), y));
    for (const int threads : {1, 2, 3, 4}) {
        const support::Threads scope(threads);
        CHECK(support::same_bits(interpolate(x, options), y));
    }
    CHECK(support::same_bits(interpolate(x, {.size = Spatial{9, 37}}), x));
    CHECK(interpolate(zeros<T>({0, 2, 3}), {.size = 5}).shape() == Shape{0, 2, 5});
    CHECK(interpolate(zeros<T>({2, 0, 3, 3}), {.scale_factor = {3}}).shape() == Shape{2, 0, 9, 9});
}

TEST_CASE("interpolate: errors") {
    const auto fault = [](const Shape& x, const InterpolateOptions& o) {
        return message<Error>([&] { interpolate(zeros<float>(x), o); });
    };
    const Shape image{1, 2, 4, 5};
    CHECK(fault({4, 5}, {.size = 2}) ==
          "interpolate: x (4, 5) must be (batch, channels) and one to three spatial axes");
    CHECK(fault(image, {.size = 2, .mode = I::linear}) ==
          "interpolate: linear is for 1 spatial axis, and x (1, 2, 4, 5) has 2");
    CHECK(fault({1, 2, 4}, {.size = 2, .mode = I::bicubic}) ==
          "interpolate: bicubic is for 2 spatial axes, and x (1, 2, 4) has 1");
    CHECK(fault(image, {}) == "interpolate: one of size and scale_factor is needed, and no more");
    CHECK(fault(image, {.size = 2, .scale_factor = {2}}) ==
          "interpolate: one of size and scale_factor is needed, and no more");
    CHECK(fault(image, {.size = Spatial{2, 2, 2}}) == "interpolate: size has 3 numbers for 2 spatial axes");
    CHECK(fault(image, {.scale_factor = {1, 2, 3}}) ==
          "interpolate: scale_factor has 3 numbers for 2 spatial axes");
    CHECK(fault(image, {.scale_factor = {0}}) == "interpolate: scale_factor is 0; it must be positive");
    CHECK(fault(image, {.size = 0}) ==
          "interpolate: axis 3 of x (1, 2, 4, 5) would go from size 5 to 0; both must be at least 1");
    CHECK(fault({1, 2, 0, 5}, {.size = 2}) ==
          "interpolate: axis 2 of x (1, 2, 0, 5) would go from size 0 to 2; both must be at least 1");
    CHECK(fault(image, {.size = 2, .align_corners = true}) ==
          "interpolate: align_corners has no meaning for nearest");
    CHECK(fault(image, {.size = 2, .mode = I::area, .antialias = true}) ==
          "interpolate: antialias is for bilinear and bicubic, not for area");
}
