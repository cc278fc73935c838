#include <tapegrad/nn/transformer.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("transformer: the block is its parts, with PyTorch's names") {
    Generator g(1);
    const TransformerBlock<double> block(8, 2, g, {.hidden = 12, .causal = true});
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(block)) names.push_back(entry.name);
    CHECK(names == std::vector<std::string>{
                       "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
                       "self_attn.out_proj.bias", "linear1.weight", "linear1.bias", "linear2.weight",
                       "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"});
    Tensor<double> x = empty<double>({2, 5, 8});
    fill_normal(x.mutable_data(), x.numel(), g);
    const Tensor<double> y = block(x), seen = x + block.self_attn(block.norm1(x));
    CHECK(to_vector(y) == to_vector(seen + block.linear2(gelu(block.linear1(block.norm2(seen))))));
    backward(y, ones<double>(y.shape()));
    for_each_parameter(block, [](std::string_view name, const Tensor<double>& p) {
        CAPTURE(std::string(name));
        CHECK(p.grad().defined());
    });
}

TEST_CASE("transformer: options") {
    Generator g(1);
    TransformerBlock block(8, 2, g, {.dropout = 0.5, .bias = false});
    CHECK(parameters(block).size() == 6);
    CHECK(block.linear1.weight.shape() == Shape{32, 8});
    Tensor<float> x = empty<float>({1, 3, 8});
    fill_normal(x.mutable_data(), x.numel(), g);
    Generator a(2), b(2);
    CHECK(to_vector(block(x, {}, a)) == to_vector(block(x, {}, b)));
    CHECK(to_vector(block(x, {}, a)) != to_vector(block(x, {}, a)));
    eval(block);
    CHECK(to_vector(block(x)) == to_vector(block(x)));
    CHECK_THROWS_AS(TransformerBlock(8, 3, g), ShapeError);
}
