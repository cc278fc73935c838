// What is computed along rows: softmax, normalisation, attention.
#include <doctest/doctest.h>

#include <tapegrad/ops/attention.hpp>
#include <tapegrad/ops/glu.hpp>
#include <tapegrad/ops/layer_norm.hpp>
#include <tapegrad/ops/rotary.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// The sizes of the inputs belong together.
const OperationOptions heads{.sizes = false};
const OperationOptions masked{.sizes = false, .nan = false};  // what no query sees does not matter

Tensor<bool> mask() { return Operations::golden<bool>("rows", "mask"); }

const Operations rows(
    "rows",
    {
        operation("softmax", [](const auto& x) { return softmax(x); }),
        operation("softmax:axis 0", [](const auto& x) { return softmax(x, 0); }),
        operation("softmax:axis 1", [](const auto& x) { return softmax(x, 1); }, {.sizes = false}),
        operation("log_softmax", [](const auto& x) { return log_softmax(x); }),
        operation("log_softmax:axis 0", [](const auto& x) { return log_softmax(x, 0); }),
        operation("log_softmax:axis 1", [](const auto& x) { return log_softmax(x, 1); }, {.sizes = false}),
        operation("softmin", [](const auto& x) { return softmin(x); }),
        operation("softmin:axis 0", [](const auto& x) { return softmin(x, 0); }),
        operation("glu", [](const auto& x) { return glu(x); }, {.sizes = false}),
        operation("glu:axis 1", [](const auto& x) { return glu(x, 1); }, {.sizes = false}),
        operation("layer_norm",
                  [](const auto& x, const auto& w, const auto& b) { return layer_norm(x, w, b); }),
        operation("layer_norm:bare", [](const auto& x) { return layer_norm(x, {}, {}, 1e-3); }),
        operation("layer_norm:weight", [](const auto& x, const auto& w) { return layer_norm(x, w); }),
        operation("scaled_dot_product_attention",
                  [](const auto& q, const auto& k, const auto& v) {
                      return scaled_dot_product_attention(q, k, v);
                  }),
        operation(
            "scaled_dot_product_attention:causal",
            [](const auto& q, const auto& k, const auto& v) {
                return scaled_dot_product_attention(q, k, v, {.causal = true});
            },
            masked),
        operation("scaled_dot_product_attention:scale",
                  [](const auto& q, const auto& k, const auto& v) {
                      return scaled_dot_product_attention(q, k, v, {.scale = 2});
                  }),
        operation(
            "scaled_dot_product_attention:bias",
            [](const auto& q, const auto& k, const auto& v, const auto& b) {
                return scaled_dot_product_attention(q, k, v, {}, b);
            },
            heads),
        operation(
            "scaled_dot_product_attention:mask",
            [](const auto& q, const auto& k, const auto& v) {
                return scaled_dot_product_attention(q, k, v, {.mask = mask()});
            },
            masked),
        operation("scaled_dot_product_attention:groups",
                  [](const auto& q, const auto& k, const auto& v) {
                      return scaled_dot_product_attention(q, k, v);
                  }),
        operation(
            "rotary", [](const auto& x, const auto& c, const auto& r) { return rotary(x, c, r); }, heads),
        operation(
            "rotary:interleaved",
            [](const auto& x, const auto& c, const auto& r) {
                return rotary(x, c, r, RotaryLayout::interleaved);
            },
            heads),
    });

}

TEST_CASE("operations: rows") { rows.check(); }
