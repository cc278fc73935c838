// Convolutions.
#include <doctest/doctest.h>

#include <tapegrad/ops/conv.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

// The sizes belong together; a window does not read all places; and the weight's gradient sums as its layout.
const OperationOptions windows{.sizes = false, .nan = false};

const Operations conv(
    "conv",
    {operation(
         "conv1d", [](const auto& x, const auto& w, const auto& b) { return conv1d(x, w, b); }, windows),
     operation(
         "conv1d:options",
         [](const auto& x, const auto& w) {
             return conv1d(x, w, {.stride = 2, .padding = 3, .dilation = 2, .groups = 2});
         },
         windows),
     operation(
         "conv1d:same", [](const auto& x, const auto& w) { return conv1d(x, w, {.same = true}); }, windows),
     operation(
         "conv2d", [](const auto& x, const auto& w, const auto& b) { return conv2d(x, w, b); }, windows),
     operation(
         "conv2d:padding", [](const auto& x, const auto& w) { return conv2d(x, w, {.padding = 1}); },
         windows),
     operation(
         "conv2d:options",
         [](const auto& x, const auto& w, const auto& b) {
             return conv2d(x, w, b, {.stride = {2, 3}, .padding = {2, 1}, .dilation = {1, 2}});
         },
         windows),
     operation(
         "conv2d:depthwise",
         [](const auto& x, const auto& w, const auto& b) {
             return conv2d(x, w, b, {.stride = 2, .padding = 1, .groups = 3});
         },
         windows),
     operation(
         "conv3d",
         [](const auto& x, const auto& w, const auto& b) {
             return conv3d(x, w, b, {.stride = {1, 2, 1}, .padding = {1, 0, 1}});
         },
         windows),
     operation(
         "conv_transpose1d",
         [](const auto& x, const auto& w, const auto& b) {
             return conv_transpose1d(x, w, b, {.stride = 3, .padding = 1, .output_padding = 2});
         },
         windows),
     operation(
         "conv_transpose2d",
         [](const auto& x, const auto& w, const auto& b) { return conv_transpose2d(x, w, b); }, windows),
     operation(
         "conv_transpose2d:options",
         [](const auto& x, const auto& w) {
             return conv_transpose2d(x, w,
                                     {.stride = {2, 1},
                                      .padding = {1, 2},
                                      .output_padding = {1, 2},
                                      .groups = 2,
                                      .dilation = {1, 3}});
         },
         windows),
     operation(
         "conv_transpose3d",
         [](const auto& x, const auto& w) { return conv_transpose3d(x, w, {.stride = 2}); }, windows)});

}

TEST_CASE("operations: conv") { conv.check(); }
