// Layers that bring windows to one number.
#pragma once

#include "../ops/pool.hpp"
#include "fields.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// max_pool1d, max_pool2d or max_pool3d as a layer.
template <int Axes>
struct MaxPool {
    Spatial window = 2;
    MaxPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);

    auto operator()(const auto& x) const {
        if constexpr (Axes == 1)
            return max_pool1d(x, window, options);
        else if constexpr (Axes == 2)
            return max_pool2d(x, window, options);
        else
            return max_pool3d(x, window, options);
    }
};
using MaxPool1d = MaxPool<1>;
using MaxPool2d = MaxPool<2>;
using MaxPool3d = MaxPool<3>;

/// avg_pool1d, avg_pool2d or avg_pool3d as a layer.
template <int Axes>
struct AvgPool {
    Spatial window = 2;
    AvgPoolOptions options = {};
    TAPEGRAD_FIELDS(window, options);

    auto operator()(const auto& x) const {
        if constexpr (Axes == 1)
            return avg_pool1d(x, window, options);
        else if constexpr (Axes == 2)
            return avg_pool2d(x, window, options);
        else
            return avg_pool3d(x, window, options);
    }
};
using AvgPool1d = AvgPool<1>;
using AvgPool2d = AvgPool<2>;
using AvgPool3d = AvgPool<3>;

/// adaptive_avg_pool1d, adaptive_avg_pool2d or adaptive_avg_pool3d as a layer.
template <int Axes>
struct AdaptiveAvgPool {
    Spatial size = 1;
    TAPEGRAD_FIELDS(size);

    auto operator()(const auto& x) const {
        if constexpr (Axes == 1)
            return adaptive_avg_pool1d(x, size);
        else if constexpr (Axes == 2)
            return adaptive_avg_pool2d(x, size);
        else
            return adaptive_avg_pool3d(x, size);
    }
};
using AdaptiveAvgPool1d = AdaptiveAvgPool<1>;
using AdaptiveAvgPool2d = AdaptiveAvgPool<2>;
using AdaptiveAvgPool3d = AdaptiveAvgPool<3>;

/// adaptive_max_pool1d, adaptive_max_pool2d or adaptive_max_pool3d as a layer.
template <int Axes>
struct AdaptiveMaxPool {
    Spatial size = 1;
    TAPEGRAD_FIELDS(size);

    auto operator()(const auto& x) const {
        if constexpr (Axes == 1)
            return adaptive_max_pool1d(x, size);
        else if constexpr (Axes == 2)
            return adaptive_max_pool2d(x, size);
        else
            return adaptive_max_pool3d(x, size);
    }
};
using AdaptiveMaxPool1d = AdaptiveMaxPool<1>;
using AdaptiveMaxPool2d = AdaptiveMaxPool<2>;
using AdaptiveMaxPool3d = AdaptiveMaxPool<3>;

}
