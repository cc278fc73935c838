#include <tapegrad/nn/embedding.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("embedding: value, start and gradient") {
    Generator g(1);
    const Embedding table(1000, 16, g);
    const Tensor<int64_t> ids{{1, 2, 1}, {999, 0, 1}};
    const Tensor<float> y = table(ids);
    CHECK(y.shape() == Shape{2, 3, 16});
    CHECK(y(1, 0, 5) == table.weight(999, 5));
    double squares = 0;
    for (const float v : to_vector(table.weight)) squares += static_cast<double>(v) * static_cast<double>(v);
    CHECK(squares / 16000 == doctest::Approx(1).epsilon(0.05));
    backward(y, ones<float>({2, 3, 16}));
    CHECK(table.weight.grad()(1, 0) == 3);
    CHECK(table.weight.grad()(2, 0) == 1);
    CHECK(table.weight.grad()(3, 0) == 0);
    CHECK_THROWS_AS(table(Tensor<int64_t>{1000}), IndexError);
}

TEST_CASE("embedding: a padding id is not trained") {
    Generator g(1);
    Embedding<double> table(5, 3, g, {.padding_idx = -4});
    CHECK(table.padding_idx == 1);
    CHECK(to_vector(table(Tensor<int64_t>{1})) == std::vector<double>{0, 0, 0});
    support::check_module("embedding", table, [&](const auto&) {
        return std::vector{table(support::module_golden().get<int64_t>("embedding.ids"))};
    });
    CHECK(table.weight.grad()(1, 0) == 0);
    CHECK(support::message<IndexError>([&] {
              static_cast<void>(Embedding<double>(5, 3, g, {.padding_idx = 5}));
          }) == "Embedding: padding_idx 5 is outside [-5, 5)");
}
