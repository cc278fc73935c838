#include <tapegrad/autograd/dot.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

using namespace tapegrad;

TEST_CASE("dot: operations, leaves with names, and what each reads") {
    Tensor<float> w{1, 2, 3}, b{1};
    w.requires_grad_();
    b.requires_grad_();
    const auto e = exp(w);
    const auto y = sum(e * e + b);
    CHECK(to_dot(y, {{w, "layer.\"weight\""}}) == R"dot(digraph tape {
  node [shape=box, fontname="monospace"];
  leaf0 [label="(1,) float32", style=filled, fillcolor=lightblue];
  leaf1 [label="layer.\"weight\"\n(3,) float32", style=filled, fillcolor=lightblue];
  op0 [label="exp\n(3,)"];
  leaf1 -> op0;
  op1 [label="mul\n(3,)"];
  op0 -> op1;
  op0 -> op1;
  op2 [label="add\n(3,)"];
  op1 -> op2;
  leaf0 -> op2;
  op3 [label="sum\n()"];
  op2 -> op3;
}
)dot");
    y.backward();
    CHECK(to_dot(y).find("op0 [label=\"sum\\n()\\nfreed\"];") != std::string::npos);
}

TEST_CASE("dot: what no operation made has no graph") {
    CHECK(to_dot(Tensor<float>{1}) == "digraph tape {\n  node [shape=box, fontname=\"monospace\"];\n}\n");
    CHECK(to_dot(TensorBase()) == to_dot(Tensor<float>{1}));
}
