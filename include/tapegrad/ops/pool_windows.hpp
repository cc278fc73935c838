// Where the windows of a pooling lie, checked.
#pragma once

#include <concepts>

#include "../simd/max_pool.hpp"
#include "conv_plan.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct MaxPoolOptions {
    Spatial stride = 0;  // 0: that of the window
    Spatial padding = 0;
    Spatial dilation = 1;
    bool ceil_mode = false;  // also windows that begin inside and reach out at the end
};
struct AvgPoolOptions {
    Spatial stride = 0;  // 0: that of the window
    Spatial padding = 0;
    bool ceil_mode = false;
    bool count_include_pad = true;  // the zeros around x count in the mean
    int64_t divisor_override = 0;   // 0: the number of places of the window
};

namespace detail {

/// Along one axis.
struct PoolAxis {
    int64_t size, window, stride, padding, dilation;
    bool ceil_mode;

    int64_t count() const {
        const int64_t room = size + 2 * padding - dilation * (window - 1) - 1;
        if (room < 0) return 0;
        int64_t n = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
        // The last window must begin inside of x or its padding in front.
        if (ceil_mode && (n - 1) * stride >= size + padding) --n;
        return n;
    }
    int64_t begin(int64_t i) const { return i * stride - padding; }
};

template <std::same_as<Spatial> S>
PoolAxis pool_axis(const char* op, const Shape& x, int axis, int spatial, const S& window, const S& stride,
                   const S& padding, const S& dilation, bool ceil_mode) {
    const int at = axis - (x.rank() - spatial);
    PoolAxis a{x[axis],     window[at],   stride[at] == 0 ? window[at] : stride[at],
               padding[at], dilation[at], ceil_mode};
    if (a.window < 1) fail<ValueError>(op, "window is ", a.window, "; it must be at least 1");
    if (a.stride < 1) fail<ValueError>(op, "stride is ", a.stride, "; it must be at least 1");
    if (a.dilation < 1) fail<ValueError>(op, "dilation is ", a.dilation, "; it must be at least 1");
    if (a.padding < 0 || 2 * a.padding > a.window)
        fail<ValueError>(op, "padding is ", a.padding, "; it must be at least 0 and at most half the window ",
                         a.window);
    if (a.count() < 1)
        fail<ShapeError>(op, "a window of ", a.dilation * (a.window - 1) + 1, " does not fit axis ", axis,
                         " of x ", x, " with padding ", a.padding);
    return a;
}
template <std::same_as<Spatial> S>
void check_pool(const char* op, const Shape& x, int spatial, std::initializer_list<S> all) {
    if (x.rank() != spatial + 1 && x.rank() != spatial + 2)
        fail<ShapeError>(op, "x ", x, " must be (batch, channels) and ", spatial,
                         spatial == 1 ? " spatial axis" : " spatial axes", ", or that without the batch");
    for (const S& s : all)
        if (s.count() > 1 && s.count() != spatial)
            fail<ShapeError>(op, s.count(), " numbers for ", spatial,
                             spatial == 1 ? " spatial axis" : " spatial axes");
}

/// The places inside of x of each window.
template <std::same_as<PoolAxis> Axis>
simd::PoolWindows windows_of(const Axis& a) {
    simd::PoolWindows w;
    w.step = a.dilation;
    w.stride = a.stride;
    w.first = a.begin(0);
    w.taps = a.window;
    for (int64_t i = 0; i < a.count(); ++i) {
        int64_t begin = a.begin(i);
        const int64_t end = begin + (a.window - 1) * a.dilation + 1;
        while (begin < 0) begin += a.dilation;
        w.begin.push_back(begin);
        w.end.push_back(end < a.size ? end : a.size);
    }
    return w;
}
/// The adaptive windows: [i in / out, (i + 1) in / out), widened to whole places.
template <std::same_as<int64_t> I>
simd::PoolWindows adaptive_windows(I in, I out) {
    simd::PoolWindows w;
    for (I i = 0; i < out; ++i) {
        w.begin.push_back(i * in / out);
        w.end.push_back(((i + 1) * in + out - 1) / out);
    }
    return w;
}

}
}
