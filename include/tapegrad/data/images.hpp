// Pictures as tensors: between bytes and numbers, many in one grid, and into files.
#pragma once

#include <cmath>

#include "../io/png.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Bytes as numbers in [0, 1]: x / 255.
/// Shape    (any) -> same
template <class T = float>
requires Floating<T> Tensor<T> from_bytes(const Tensor<uint8_t>& x) {
    Tensor<T> y = detail::cast<T>(x);
    T* out = detail::output(y);
    for (int64_t i = 0; i < y.numel(); ++i) out[i] /= T(255);
    return y;
}
/// Numbers from [low, high] as bytes from 0 to 255, rounded to nearest; what lies outside becomes the nearest
/// end, and NaN 0.
/// Shape    (any) -> same
/// Throws   ValueError: high not above low
template <class T>
requires Floating<T> Tensor<uint8_t> to_bytes(const Tensor<T>& x, double low = 0, double high = 1) {
    if (!(high > low)) detail::fail<ValueError>("to_bytes", "from ", low, " to ", high, " is no range");
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<uint8_t> y = empty<uint8_t>(x.shape());
    uint8_t* out = detail::output(y);
    for (int64_t i = 0; i < x.numel(); ++i) {
        const double v = (static_cast<double>(packed.data()[i]) - low) / (high - low) * 255;
        out[i] = !(v > 0) ? uint8_t{0} : v >= 255 ? uint8_t{255} : static_cast<uint8_t>(v + 0.5);
    }
    return y;
}

struct GridOptions {
    /// Pictures in a row.
    int64_t nrow = 8;
    /// Pixels between and around them.
    int64_t padding = 2;
    double pad_value = 0;
};

/// Pictures as one, row by row, as torchvision's `make_grid`.
/// Shape    (n, channels, height, width) -> (channels, rows (height + padding) + padding, ...)
/// Throws   ShapeError: rank not 4; ValueError: nrow not positive, padding negative
template <class T>
Tensor<T> make_grid(const Tensor<T>& images, GridOptions options = {}) {
    if (images.rank() != 4)
        detail::fail<ShapeError>("make_grid", "images ", images.shape(),
                                 " are not (n, channels, height, width)");
    if (options.nrow < 1 || options.padding < 0)
        detail::fail<ValueError>("make_grid", "nrow is ", options.nrow, " and padding ", options.padding);
    const int64_t n = images.size(0), channels = images.size(1), height = images.size(2),
                  width = images.size(3), pad = options.padding;
    const int64_t across = std::min(options.nrow, n), down = n == 0 ? 0 : (n + across - 1) / across;
    Tensor<T> grid = full<T>({channels, down * (height + pad) + pad, across * (width + pad) + pad},
                             detail::convert_one<T>(options.pad_value));
    const int64_t grid_width = grid.size(2);
    const Tensor<T> packed = detail::contiguous(images);
    const T* from = packed.data();
    for (int64_t i = 0; i < n; ++i) {
        T* const corner = detail::output(grid) + (i / across * (height + pad) + pad) * grid_width +
                          i % across * (width + pad) + pad;
        for (int64_t c = 0; c < channels; ++c)
            for (int64_t y = 0; y < height; ++y, from += width)
                std::copy(from, from + width, corner + (c * grid.size(1) + y) * grid_width);
    }
    return grid;
}

struct SaveImageOptions {
    int64_t nrow = 8, padding = 2;
    /// The values of black and white.
    double low = 0, high = 1;
};

/// Writes pictures as one PNG file, as torchvision's `save_image`.
/// Shape    (n, channels, height, width), or one picture (channels, height, width) or (height, width)
/// Throws   ShapeError, IoError
template <class T>
requires Floating<T>
void save_image(const std::string& path, const Tensor<T>& images, SaveImageOptions options = {}) {
    const Tensor<T> one =
        images.rank() == 4 ? make_grid(images, {options.nrow, options.padding, options.low}) : images;
    save_png(path, to_bytes(one, options.low, options.high));
}

}
