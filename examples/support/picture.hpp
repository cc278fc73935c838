// Pictures of what happens in the plane: points, paths and densities in panels side by side, and grids of small
// grey pictures.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <tapegrad/io/png.hpp>
#include <tapegrad/tensor/creation.hpp>

struct Colour {
    std::array<double, 3> rgb;  // 0 ... 1
};
inline constexpr Colour black{{0, 0, 0}}, white{{1, 1, 1}}, grey{{0.6, 0.6, 0.6}}, blue{{0.12, 0.35, 0.70}},
    orange{{0.90, 0.45, 0.10}}, green{{0.15, 0.55, 0.25}};

/// From dark blue over green to yellow, for t in [0, 1]: near to matplotlib's viridis.
inline Colour viridis(double t) {
    constexpr std::array<std::array<double, 3>, 6> points{{{0.267, 0.005, 0.329},
                                                           {0.254, 0.265, 0.530},
                                                           {0.164, 0.471, 0.558},
                                                           {0.135, 0.659, 0.518},
                                                           {0.478, 0.821, 0.318},
                                                           {0.993, 0.906, 0.144}}};
    const double at = std::clamp(t, 0.0, 1.0) * 5;
    const auto i = std::min<std::size_t>(static_cast<std::size_t>(at), 4);
    const double part = at - static_cast<double>(i);
    Colour c{};
    for (std::size_t k = 0; k < 3; ++k) c.rgb[k] = points[i][k] * (1 - part) + points[i + 1][k] * part;
    return c;
}

/// The part of the plane that a panel shows.
struct Window {
    double left, right, bottom, top;
};

/// A panel of size x size pixels.
class Panel {
public:
    explicit Panel(Window window, int64_t size = 400, Colour background = white)
        : window_(window), size_(size), pixels_(static_cast<std::size_t>(size * size), background) {}

    int64_t size() const { return size_; }
    const Window& window() const { return window_; }
    const Colour& at(int64_t row, int64_t column) const {
        return pixels_[static_cast<std::size_t>(row * size_ + column)];
    }

    /// Lays a colour over the point (x, y), which covers parts of four pixels.
    void dot(double x, double y, Colour colour, double opacity = 1) {
        const double column =
            (x - window_.left) / (window_.right - window_.left) * static_cast<double>(size_) - 0.5;
        const double row =
            (window_.top - y) / (window_.top - window_.bottom) * static_cast<double>(size_) - 0.5;
        if (!(column > -1 && row > -1 && column < static_cast<double>(size_) &&
              row < static_cast<double>(size_)))
            return;
        const double c = std::floor(column), r = std::floor(row);
        for (const int64_t i : {0, 1})
            for (const int64_t j : {0, 1}) {
                const double part = (i == 1 ? row - r : 1 - row + r) * (j == 1 ? column - c : 1 - column + c);
                blend(static_cast<int64_t>(r) + i, static_cast<int64_t>(c) + j, colour, opacity * part);
            }
    }
    /// The points (n, 2).
    void scatter(const tapegrad::Tensor<float>& points, Colour colour, double opacity = 0.6) {
        const auto packed = tapegrad::detail::contiguous(points);
        for (int64_t i = 0; i < packed.size(0); ++i)
            dot(static_cast<double>(packed.data()[2 * i]), static_cast<double>(packed.data()[2 * i + 1]),
                colour, opacity);
    }
    /// From the point (x0, y0) to (x1, y1).
    void line(double x0, double y0, double x1, double y1, Colour colour, double opacity = 0.5) {
        const double pixels = std::hypot((x1 - x0) / (window_.right - window_.left),
                                         (y1 - y0) / (window_.top - window_.bottom)) *
                              static_cast<double>(size_);
        if (!(pixels < 1e5)) return;
        const int n = std::max(1, static_cast<int>(pixels));
        for (int i = 0; i < n; ++i) dot(x0 + (x1 - x0) * i / n, y0 + (y1 - y0) * i / n, colour, opacity);
    }
    /// Values (rows, columns), each divided by the largest and cut at 0 and 1, as colours; row 0 is at the bottom of the
    /// window. `largest` 0 takes that of the values.
    void heat(const tapegrad::Tensor<float>& values, double largest = 0) {
        const auto packed = tapegrad::detail::contiguous(values);
        const int64_t rows = packed.size(0), columns = packed.size(1);
        if (largest == 0)
            for (int64_t i = 0; i < packed.numel(); ++i)
                largest = std::max(largest, static_cast<double>(packed.data()[i]));
        for (int64_t r = 0; r < size_; ++r)
            for (int64_t c = 0; c < size_; ++c) {
                const int64_t row = (size_ - 1 - r) * rows / size_, column = c * columns / size_;
                const auto v = static_cast<double>(packed.data()[row * columns + column]);
                pixels_[static_cast<std::size_t>(r * size_ + c)] = viridis(v / largest);
            }
    }

private:
    void blend(int64_t row, int64_t column, Colour colour, double opacity) {
        if (row < 0 || column < 0 || row >= size_ || column >= size_) return;
        Colour& pixel = pixels_[static_cast<std::size_t>(row * size_ + column)];
        for (std::size_t k = 0; k < 3; ++k)
            pixel.rgb[k] = pixel.rgb[k] * (1 - opacity) + colour.rgb[k] * opacity;
    }

    Window window_;
    int64_t size_;
    std::vector<Colour> pixels_;
};

/// The middles of n x n equal squares of a window (n * n, 2), row by row from the bottom: where a heat map is computed.
inline tapegrad::Tensor<float> grid_points(const Window& w, int64_t n) {
    tapegrad::Tensor<float> points = tapegrad::empty<float>({n * n, 2});
    float* out = points.mutable_data();
    for (int64_t r = 0; r < n; ++r)
        for (int64_t c = 0; c < n; ++c) {
            const double x = (static_cast<double>(c) + 0.5) / static_cast<double>(n);
            const double y = (static_cast<double>(r) + 0.5) / static_cast<double>(n);
            *out++ = static_cast<float>(w.left + (w.right - w.left) * x);
            *out++ = static_cast<float>(w.bottom + (w.top - w.bottom) * y);
        }
    return points;
}
/// The area of one of those squares.
inline double grid_area(const Window& w, int64_t n) {
    return (w.right - w.left) * (w.top - w.bottom) / static_cast<double>(n * n);
}

/// Panels of one size in rows of `columns`, with a white gap, as a picture (3, height, width).
inline tapegrad::Tensor<std::uint8_t> side_by_side(const std::vector<Panel>& panels, int64_t columns) {
    const int64_t size = panels.at(0).size(), gap = 8, step = size + gap;
    const auto count = static_cast<int64_t>(panels.size());
    const int64_t rows = (count + columns - 1) / columns, height = rows * step - gap,
                  width = std::min(columns, count) * step - gap;
    auto image = tapegrad::full<std::uint8_t>({3, height, width}, 255);
    std::uint8_t* const out = image.mutable_data();
    for (int64_t p = 0; p < count; ++p)
        for (int64_t r = 0; r < size; ++r)
            for (int64_t c = 0; c < size; ++c)
                for (int64_t k = 0; k < 3; ++k)
                    out[(k * height + p / columns * step + r) * width + p % columns * step + c] =
                        static_cast<std::uint8_t>(std::lround(
                            255 *
                            panels[static_cast<std::size_t>(p)].at(r, c).rgb[static_cast<std::size_t>(k)]));
    return image;
}

/// Grey pictures (n, height, width) of values from 0 (black) to 1 in rows of `columns`, each pixel `scale` pixels wide, as
/// a picture (height, width).
inline tapegrad::Tensor<std::uint8_t> tiled(const tapegrad::Tensor<float>& images, int64_t columns,
                                            int64_t scale = 2) {
    const auto packed = tapegrad::detail::contiguous(images);
    const int64_t n = packed.size(0), h = packed.size(1), w = packed.size(2), gap = 2;
    const int64_t rows = (n + columns - 1) / columns, down = h * scale + gap, right = w * scale + gap;
    const int64_t height = rows * down - gap, width = columns * right - gap;
    auto picture = tapegrad::full<std::uint8_t>({height, width}, 128);
    std::uint8_t* const out = picture.mutable_data();
    for (int64_t i = 0; i < n; ++i)
        for (int64_t r = 0; r < h * scale; ++r)
            for (int64_t c = 0; c < w * scale; ++c) {
                const float v = packed.data()[(i * h + r / scale) * w + c / scale];
                out[(i / columns * down + r) * width + i % columns * right + c] =
                    static_cast<std::uint8_t>(std::lround(255 * std::clamp(v, 0.F, 1.F)));
            }
    return picture;
}

/// Writes a picture, and says so; a program that was built without PNG says that instead.
inline void save_picture(const std::string& path,
                         [[maybe_unused]] const tapegrad::Tensor<std::uint8_t>& picture) {
#ifdef TAPEGRAD_WITH_PNG
    tapegrad::save_png(path, picture);
    std::printf("picture %s\n", path.c_str());
#else
    std::printf("no picture %s: built without PNG (libpng was not found)\n", path.c_str());
#endif
}
