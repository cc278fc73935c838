#include <tapegrad/nn/attention.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace tapegrad;

namespace {

/// Attention of one sequence over itself, by loops.
std::vector<double> by_loops(const Tensor<double>& qkv, int64_t heads, bool causal,
                             const Tensor<bool>& mask = {}) {
    const int64_t batch = qkv.size(0), length = qkv.size(1), width = qkv.size(2) / 3, depth = width / heads;
    std::vector<double> y(static_cast<std::size_t>(batch * length * width));
    for (int64_t b = 0; b < batch; ++b)
        for (int64_t h = 0; h < heads; ++h)
            for (int64_t i = 0; i < length; ++i) {
                std::vector<double> weights;
                double total = 0;
                for (int64_t j = 0; j < length; ++j) {
                    double score = 0;
                    for (int64_t d = 0; d < depth; ++d)
                        score += qkv(b, i, h * depth + d) * qkv(b, j, width + h * depth + d);
                    const bool seen = (!causal || j <= i) && (!mask.defined() || mask(i, j));
                    weights.push_back(seen ? std::exp(score / std::sqrt(static_cast<double>(depth))) : 0);
                    total += weights.back();
                }
                for (int64_t d = 0; d < depth; ++d)
                    for (int64_t j = 0; j < length; ++j)
                        y[static_cast<std::size_t>((b * length + i) * width + h * depth + d)] +=
                            weights[static_cast<std::size_t>(j)] / total *
                            qkv(b, j, 2 * width + h * depth + d);
            }
    return y;
}
void check_close(const Tensor<double>& found, const std::vector<double>& wanted) {
    const auto values = to_vector(found);
    REQUIRE(values.size() == wanted.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(values[i] == doctest::Approx(wanted[i]).epsilon(1e-12));
}
Tensor<double> random(const Shape& shape) {
    Generator g(5);
    Tensor<double> x = empty<double>(shape);
    fill_normal(x.mutable_data(), x.numel(), g);
    return x;
}

}

TEST_CASE("attention: heads, causal and masked, against loops") {
    for (const int64_t heads : {1, 2, 4})
        for (const int64_t length : {1, 5, 17}) {
            const Tensor<double> qkv = random({2, length, 24});
            check_close(self_attention(qkv, heads), by_loops(qkv, heads, false));
            check_close(self_attention(qkv, heads, {.causal = true}), by_loops(qkv, heads, true));
        }
    const Tensor<double> qkv = random({1, 3, 12});
    const Tensor<bool> mask{{true, false, true}, {false, true, false}, {true, true, true}};
    check_close(self_attention(qkv, 2, {.mask = mask}), by_loops(qkv, 2, false, mask));
}

TEST_CASE("attention: the path with dropout is the same function") {
    // So little is dropped that nothing is: 1 - p rounds to one in the 32 bits that decide.
    const Tensor<double> qkv = random({2, 7, 24});
    const Tensor<bool> mask = arange<int64_t>(7) != 2;
    Generator g(1);
    check_close(self_attention(qkv, 2, {.causal = true, .dropout = 1e-13}, g), by_loops(qkv, 2, true));
    check_close(self_attention(qkv, 2, {.dropout = 1e-13, .mask = mask}, g),
                to_vector(self_attention(qkv, 2, {.mask = mask})));
}

TEST_CASE("attention: the module, its names and its start") {
    Generator g(1);
    MultiHeadAttention<double> layer(8, 2, g, {.causal = true});
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(layer)) names.push_back(entry.name);
    CHECK(names ==
          std::vector<std::string>{"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"});
    const double bound = std::sqrt(6.0 / 32);
    for (const double v : to_vector(layer.in_proj_weight)) CHECK(std::fabs(v) <= bound);
    for (const double v : to_vector(layer.out_proj.bias)) CHECK(v == 0);
    const Tensor<double> x = random({2, 5, 8});
    const Tensor<double> qkv = linear(x, layer.in_proj_weight, layer.in_proj_bias);
    check_close(layer(x), to_vector(layer.out_proj(self_attention(qkv, 2, {.causal = true}))));
    CHECK(layer(zeros<double>({0, 5, 8})).shape() == Shape{0, 5, 8});
    layer.dropout = 0.5;
    CHECK(to_vector(layer(x)) != to_vector(layer(x)));
    eval(layer);
    CHECK(to_vector(layer(x)) == to_vector(layer(x)));
}

TEST_CASE("attention: errors") {
    Generator g(1);
    CHECK_THROWS_WITH_AS(MultiHeadAttention(8, 3, g), "MultiHeadAttention: width 8 is no multiple of 3 heads",
                         ShapeError);
    CHECK_THROWS_WITH_AS(
        self_attention(zeros<float>({1, 2, 20}), 2),
        "self_attention: qkv (1, 2, 20) must be (batch, length, 3 width), width a multiple of 2 heads",
        ShapeError);
    CHECK_THROWS_AS(self_attention(zeros<float>({2, 24}), 2), ShapeError);
}
