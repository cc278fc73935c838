#include <tapegrad/nn/rotary_table.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/matmul.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

// Rates are stored as floats.
TEST_CASE("rotary_table: the rates of every scaling are those of transformers") {
    const SafetensorsFile file("tests/golden/rotary.safetensors");
    const auto check = [&](const char* name, const RotaryOptions& o, int64_t length = 0) {
        CAPTURE(name);
        const Tensor<float> rates = detail::cast<float>(rotary_rates(o, 64, length)),
                            want = file.load<float>(name);
        REQUIRE(rates.shape() == want.shape());
        for (int64_t i = 0; i < rates.numel(); ++i)
            CHECK(static_cast<double>(rates.data()[i]) ==
                  doctest::Approx(static_cast<double>(want.data()[i])).epsilon(2e-6));
        CHECK(rotary_magnitude(o) ==
              doctest::Approx(static_cast<double>(file.load<float>(std::string(name) + ".magnitude").item()))
                  .epsilon(1e-6));
    };
    using enum RotaryScaling;
    check("linear", {.scaling = linear, .factor = 4});
    check("dynamic", {.scaling = ntk, .factor = 3, .original_context = 1024}, 2500);
    check("yarn", {.scaling = yarn, .factor = 8, .original_context = 512});
    check("yarn_deepseek",
          {.scaling = yarn, .factor = 40, .original_context = 4096, .mscale = 0.707, .mscale_all_dim = 1.2});
    check(
        "yarn_smooth",
        {.scaling = yarn, .factor = 2, .original_context = 300, .attention_factor = 1.25, .truncate = false});
    check("llama3", {.theta = 500000, .scaling = llama3, .factor = 8, .original_context = 8192});
    CHECK(rotary_rates({.scaling = ntk, .factor = 3, .original_context = 1024}, 64, 1024).data()[31] ==
          rotary_rates({}, 64).data()[31]);
}

TEST_CASE_TEMPLATE("rotary_table: scores depend on distances alone", T, float, double) {
    const Tensor<T> q = support::normal<T>({1, 1, 1, 8}), k = support::normal<T>({1, 1, 1, 8}, 2);
    for (const RotaryLayout layout : {RotaryLayout::halves, RotaryLayout::interleaved}) {
        const auto score = [&](int64_t i, int64_t j) {
            const RotaryOptions o{.layout = layout};
            const auto at = [&](int64_t p) { return rotary_table<T>(o, 8, Tensor<int64_t>{p}); };
            return matmul(at(i)(q), transpose(at(j)(k))).item();
        };
        CHECK(static_cast<double>(score(7, 3)) ==
              doctest::Approx(static_cast<double>(score(104, 100))).epsilon(1e-4));
    }
}

TEST_CASE("rotary_table: a row of positions for each row of a batch, and none at all") {
    const RotaryTable<float> t = rotary_table<float>({}, 4, Tensor<int64_t>{{0, 1}, {5, 6}});
    CHECK(t.cos.shape() == Shape{2, 1, 2, 2});
    CHECK(static_cast<double>(t.cos.data()[4]) == doctest::Approx(std::cos(5.0)));
    CHECK(static_cast<double>(t.sin.data()[7]) == doctest::Approx(std::sin(0.06)));
    const Tensor<float> x = support::normal<float>({2, 3, 2, 4});
    CHECK(t(x).shape() == x.shape());
    CHECK(RotaryTable<float>()(x).data() == x.data());
}

TEST_CASE("rotary_table: errors") {
    CHECK(message<ValueError>([] { static_cast<void>(rotary_rates({}, 5)); }) ==
          "rotary: width 5 is no number of pairs");
    CHECK(message<ValueError>([] { static_cast<void>(rotary_rates({.theta = -1}, 4)); }) ==
          "rotary: theta -1 and factor 1 must be positive");
    CHECK(message<ValueError>([] { static_cast<void>(rotary_rates({.scaling = RotaryScaling::yarn}, 4)); }) ==
          "rotary: the scaling needs original_context, not 0");
    CHECK(message<ShapeError>([] {
              static_cast<void>(rotary_table<float>({}, 4, zeros<int64_t>({1, 1, 1})));
          }) == "rotary_table: positions (1, 1, 1) must be (T,) or (B, T)");
}
