#include <tapegrad/nn/summary.hpp>

#include <doctest/doctest.h>

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
