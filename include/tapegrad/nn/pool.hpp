// Layers that bring windows to one number.
#pragma once

#include "../ops/pool.hpp"
#include "fields.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// max_pool1d as a layer, and those of two and three axes below.
struct MaxPool1d {
    Spatial window = 2;
    MaxPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return max_pool1d(x, window, options); }
};
struct MaxPool2d {
    Spatial window = 2;
    MaxPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return max_pool2d(x, window, options); }
};
struct MaxPool3d {
    Spatial window = 2;
    MaxPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return max_pool3d(x, window, options); }
};
/// avg_pool1d as a layer, and those of two and three axes below.
struct AvgPool1d {
    Spatial window = 2;
    AvgPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return avg_pool1d(x, window, options); }
};
struct AvgPool2d {
    Spatial window = 2;
    AvgPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return avg_pool2d(x, window, options); }
};
struct AvgPool3d {
    Spatial window = 2;
    AvgPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);
    auto operator()(const auto& x) const { return avg_pool3d(x, window, options); }
};
/// adaptive_avg_pool2d as a layer, and that of the maximum below.
struct AdaptiveAvgPool2d {
    Spatial size = 1;
    TAPEGRAD_FIELDS(size);
    auto operator()(const auto& x) const { return adaptive_avg_pool2d(x, size); }
};
struct AdaptiveMaxPool2d {
    Spatial size = 1;
    TAPEGRAD_FIELDS(size);
    auto operator()(const auto& x) const { return adaptive_max_pool2d(x, size); }
};

}
