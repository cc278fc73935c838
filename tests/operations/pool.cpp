// Windows brought to one number.
#include <doctest/doctest.h>

#include <tapegrad/ops/pool.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions windows{.sizes = false, .nan = false};  // not every place is read

const Operations pools(
    "pool",
    {operation(
         "max_pool1d", [](const auto& x) { return max_pool1d(x, 2); }, windows),
     operation(
         "max_pool1d:ceil",
         [](const auto& x) { return max_pool1d(x, 3, {.stride = 2, .padding = 1, .ceil_mode = true}); },
         windows),
     operation(
         "max_pool2d",
         [](const auto& x) {
             return max_pool2d(x, {2, 3}, {.stride = {1, 2}, .padding = {1, 0}});
         },
         windows),
     operation(
         "max_pool2d:dilation",
         [](const auto& x) { return max_pool2d(x, 2, {.stride = 1, .padding = 1, .dilation = 2}); }, windows),
     operation(
         "max_pool3d",
         [](const auto& x) {
             return max_pool3d(x, {1, 2, 2});
         },
         windows),
     operation(
         "max_pool1d_with_indices", [](const auto& x) { return max_pool1d_with_indices(x, 2).values; },
         windows),
     operation(
         "max_pool2d_with_indices", [](const auto& x) { return max_pool2d_with_indices(x, 2).values; },
         windows),
     operation(
         "max_pool3d_with_indices", [](const auto& x) { return max_pool3d_with_indices(x, 2).values; },
         windows),
     operation(
         "adaptive_max_pool1d", [](const auto& x) { return adaptive_max_pool1d(x, 3); }, windows),
     operation(
         "adaptive_max_pool2d",
         [](const auto& x) {
             return adaptive_max_pool2d(x, {2, 3});
         },
         windows),
     operation(
         "adaptive_max_pool3d",
         [](const auto& x) {
             return adaptive_max_pool3d(x, {1, 2, 2});
         },
         windows),
     operation(
         "avg_pool1d", [](const auto& x) { return avg_pool1d(x, 3, {.stride = 1, .padding = 1}); }, windows),
     operation(
         "avg_pool2d",
         [](const auto& x) {
             return avg_pool2d(x, {2, 3});
         },
         windows),
     operation(
         "avg_pool2d:ceil",
         [](const auto& x) {
             return avg_pool2d(x, 3,
                               {.stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false});
         },
         windows),
     operation(
         "avg_pool2d:ceil padding",
         [](const auto& x) { return avg_pool2d(x, 3, {.stride = 2, .padding = 1, .ceil_mode = true}); },
         windows),
     operation(
         "avg_pool2d:divisor", [](const auto& x) { return avg_pool2d(x, 2, {.divisor_override = 3}); },
         windows),
     operation(
         "avg_pool3d",
         [](const auto& x) {
             return avg_pool3d(x, {1, 2, 2}, {.padding = {0, 1, 0}});
         },
         windows),
     operation(
         "adaptive_avg_pool1d", [](const auto& x) { return adaptive_avg_pool1d(x, 3); }, windows),
     operation(
         "adaptive_avg_pool2d",
         [](const auto& x) {
             return adaptive_avg_pool2d(x, {2, 3});
         },
         windows),
     operation(
         "adaptive_avg_pool3d",
         [](const auto& x) {
             return adaptive_avg_pool3d(x, {1, 2, 2});
         },
         windows),
     operation(
         "max_unpool1d",
         [](const auto& x) {
             return max_unpool1d(x, reshape(Tensor<int64_t>{1, 3, 0, 2}, {1, 2, 2}), {4});
         },
         windows),
     operation(
         "max_unpool2d",
         [](const auto& x) {
             return max_unpool2d(x, reshape(Tensor<int64_t>{0, 3, 8, 11}, {1, 1, 2, 2}), {3, 4});
         },
         windows),
     operation(
         "max_unpool3d",
         [](const auto& x) {
             return max_unpool3d(x, reshape(Tensor<int64_t>{5}, {1, 1, 1, 1, 1}), {2, 2, 2});
         },
         windows)});

}

TEST_CASE("operations: pool") { pools.check(); }
