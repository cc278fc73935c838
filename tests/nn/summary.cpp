#include <tapegrad/nn/summary.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/dropout.hpp>
#include <tapegrad/nn/embedding.hpp>
#include <tapegrad/nn/layer_norm.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

struct Small {
    Tensor<float> table = zeros<float>({10, 4}).requires_grad_();
    Tensor<float> head = table;
    Tensor<double> scale = ones<double>({});
    Buffer<int64_t> steps = zeros<int64_t>({2});
    TAPEGRAD_FIELDS(table, head, scale, steps);
};

struct Model {
    Embedding<> tokens;
    LayerNorm<> norm;
    Dropout dropout;
    Linear<> head, unused;
    TAPEGRAD_FIELDS(tokens, norm, dropout, head, unused);
    explicit Model(Generator& generator)
        : tokens(7, 4, generator), norm(4), head(4, 7, generator), unused(2, 2, generator, {.bias = false}) {
        head.weight = tokens.weight;
    }
    Tensor<float> operator()(const Tensor<int64_t>& ids) { return head(dropout(norm(tokens(ids)))); }
};

}

TEST_CASE("summary: a table with sums") {
    CHECK(summary(Small()) ==
          "name   shape    elements\n"
          "table  (10, 4)        40\n"
          "head   (10, 4)        40  shared\n"
          "scale  ()              1  float64 frozen\n"
          "steps  (2,)            2  int64 buffer\n"
          "parameters 41, of which frozen 1\n");
}

TEST_CASE("summary: the shapes of outputs, from a call that leaves no trace") {
    Generator generator(1);
    Model model(generator);
    model.norm.bias.requires_grad_(false);
    const int64_t before = detail::Tape::current().living();
    CHECK(summary(model, zeros<int64_t>({3, 5})) ==
          "name           shape   output     elements\n"
          "tokens.weight  (7, 4)  (3, 5, 4)        28\n"
          "norm.weight    (4,)    (3, 5, 4)         4\n"
          "norm.bias      (4,)    (3, 5, 4)         4  frozen\n"
          "head.weight    (7, 4)  (3, 5, 7)        28  shared\n"
          "head.bias      (7,)    (3, 5, 7)         7\n"
          "unused.weight  (2, 2)                    4\n"
          "parameters 47, of which frozen 4\n");
    CHECK(detail::Tape::current().living() == before);
    CHECK_FALSE(model.norm.bias.requires_grad());
    CHECK(model.norm.weight.requires_grad());
    CHECK(model.dropout.training);
    CHECK_FALSE(model.head.bias.grad().defined());
    const no_grad quiet;
    CHECK(summary(model, zeros<int64_t>({2, 1})).find("(2, 1, 7)") != std::string::npos);
    CHECK_THROWS_AS(summary(model, full<int64_t>({2}, 9)), IndexError);
    CHECK_FALSE(model.norm.bias.requires_grad());
}
