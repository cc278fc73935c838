#include <tapegrad/nn/grouped_attention.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/attention.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("grouped_attention: with as many keys as heads it is multi-head attention", T, float,
                   double) {
    Generator generator(1);
    const GroupedAttention<T> a(12, generator, {.heads = 3, .bias = true, .out_bias = true});
    MultiHeadAttention<T> b(12, 3, generator, {.causal = true});
    b.in_proj_weight = cat({a.q_proj.weight, a.k_proj.weight, a.v_proj.weight}, 0);
    b.in_proj_bias = cat({a.q_proj.bias, a.k_proj.bias, a.v_proj.bias}, 0);
    b.out_proj = a.o_proj;
    const Tensor<T> x = support::normal<T>({2, 7, 12});
    CHECK(support::close(a(x), b(x), 1e-6));
}

TEST_CASE_TEMPLATE("grouped_attention: groups equal repeated keys and values", T, float, double) {
    Generator generator(1);
    const Tensor<T> x = support::normal<T>({2, 9, 8});
    const RotaryTable<T> rotary = rotary_table<T>({}, 4, arange<int64_t>(9));
    for (const int64_t groups : {1, 2, 4})
        for (const int64_t window : {0, 3}) {
            const GroupedAttention<T> a(8, generator,
                                        {.heads = 4, .kv_heads = groups, .head_dim = 4, .window = window});
            GroupedAttention<T> b(8, generator, {.heads = 4, .head_dim = 4, .window = window});
            const auto repeated = [&](const Tensor<T>& w) {  // (groups 4, 8) -> (16, 8)
                return reshape(expand(reshape(w, {groups, 1, 4, 8}), {groups, 4 / groups, 4, 8}), {16, 8});
            };
            b.q_proj = a.q_proj;
            b.o_proj = a.o_proj;
            b.k_proj.weight = repeated(a.k_proj.weight);
            b.v_proj.weight = repeated(a.v_proj.weight);
            CHECK(support::close(a(x, {.rotary = rotary}), b(x, {.rotary = rotary}), 1e-6));
        }
}

TEST_CASE("grouped_attention: gradients") {
    Generator generator(1);
    const GroupedAttention<double> a(4, generator, {.heads = 2, .kv_heads = 1, .window = 2});
    const RotaryTable<double> rotary = rotary_table<double>({}, 2, arange<int64_t>(3));
    const std::vector<Tensor<double>> v{support::normal<double>({1, 3, 4})};
    const auto f = [&](const auto& x) { return a(x[0], {.rotary = rotary}); };
    CHECK_GRAD(f, v, 2);
}

TEST_CASE("grouped_attention: empty texts, and errors") {
    Generator generator(1);
    const GroupedAttention<float> a(4, generator, {.heads = 2});
    CHECK(a(zeros<float>({2, 0, 4})).shape() == Shape{2, 0, 4});
    CHECK(a(zeros<float>({0, 3, 4})).shape() == Shape{0, 3, 4});
    CHECK(support::message<ShapeError>([&] {
              const GroupedAttention<float> b(5, generator, {.heads = 2});
          }) == "GroupedAttention: width 5, 2 heads and 2 of keys and values do not divide");
}
