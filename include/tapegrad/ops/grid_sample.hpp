// Images read at any places, and the places that an affine map sends a grid to.
#pragma once

#include "convert.hpp"
#include "elementwise.hpp"
#include "indexing.hpp"
#include "interpolate.hpp"
#include "join.hpp"
#include "logical.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How an element between others is made.
enum class SampleMode { bilinear, nearest, bicubic };
/// What lies outside of an image: zeros, its edge, or its mirror image.
enum class SamplePadding { zeros, border, reflection };

struct GridSampleOptions {
    SampleMode mode = SampleMode::bilinear;  // bilinear is trilinear in a volume
    SamplePadding padding = SamplePadding::zeros;
    bool align_corners = false;  // -1 and 1 are the centres of the corners, not their outer edges
};

namespace detail {

/// The places of one axis of `n` elements, counted in elements, as the padding has them.
template <class T>
Tensor<T> padded_places(const Tensor<T>& at, int64_t n, const GridSampleOptions& o) {
    const double last = static_cast<double>(n - 1);
    if (o.padding == SamplePadding::zeros) return at;
    if (o.padding == SamplePadding::border) return clamp(at, 0, last);
    // Mirrors stand at the centres of the corners, or half an element further out.
    const double low = o.align_corners ? 0 : -0.5, span = o.align_corners ? last : last + 1;
    if (span <= 0) return at * 0;
    const Tensor<T> from = abs(at - low), turns = floor(from.detach() / span), rest = from - turns * span;
    const Tensor<bool> even = turns - 2 * floor(turns / 2) == T(0);
    return clamp(where(even, rest, span - rest) + low, 0, last);
}

/// One corner of what is read: for each axis the place, a whole number, and its weight.
template <class T>
struct Tap {
    Tensor<T> place, weight;  // (batch, positions); an undefined weight is 1
};

/// The taps along one axis for coordinates in [-1, 1].
template <class T>
std::vector<Tap<T>> taps_of(const Tensor<T>& coordinate, int64_t n, const GridSampleOptions& o) {
    const double size = static_cast<double>(n);
    const Tensor<T> at =
        o.align_corners ? (coordinate + 1) * ((size - 1) / 2) : ((coordinate + 1) * size - 1) / 2;
    if (o.mode == SampleMode::nearest) return {{round(padded_places(at, n, o).detach()), {}}};
    if (o.mode == SampleMode::bilinear) {
        const Tensor<T> place = padded_places(at, n, o), below = floor(place.detach()), after = place - below;
        return {{below, 1 - after}, {below + 1, after}};
    }
    const Tensor<T> below = floor(at.detach()), after = at - below;
    std::vector<Tap<T>> taps;
    for (int k = -1; k <= 2; ++k) {
        const auto kernel = [](auto x) {
            const auto distance = abs(x);
            return where(distance < 1, cubic_near(distance, -0.75), cubic_far(distance, -0.75));
        };
        taps.push_back({padded_places(below + static_cast<double>(k), n, o),
                        map("cubic_kernel", kernel, after - static_cast<double>(k))});
    }
    return taps;
}

/// Elements of the planes that are read, and the product of their weights.
template <class T>
struct Corner {
    Tensor<int64_t> at;  // in a plane; 0 where it lies outside
    Tensor<bool> inside;
    Tensor<T> weight;  // undefined: 1
};
/// The corners with each tap of one more axis of n elements.
template <class T>
std::vector<Corner<T>> extended(const std::vector<Corner<T>>& corners, const std::vector<Tap<T>>& taps,
                                int64_t n) {
    std::vector<Corner<T>> all;
    for (const Corner<T>& corner : corners)
        for (const Tap<T>& tap : taps) {
            const Tensor<bool> inside = (tap.place >= T(0)) & (tap.place <= static_cast<T>(n - 1));
            const Tensor<int64_t> place = cast<int64_t>(where(inside, tap.place.detach(), T(0)));
            all.push_back({corner.at * n + place, corner.inside & inside,
                           !corner.weight.defined() ? tap.weight
                           : !tap.weight.defined()  ? corner.weight
                                                    : corner.weight * tap.weight});
        }
    return all;
}

/// Throws   ShapeError, ValueError: as grid_sample
template <std::same_as<GridSampleOptions> Options>
void check_grid_sample(const Shape& x, const Shape& grid, const Options& o) {
    constexpr const char* op = "grid_sample";
    const int spatial = x.rank() - 2;
    if (spatial != 2 && spatial != 3)
        fail<ShapeError>(op, "x ", x, " must be (batch, channels) and two or three spatial axes");
    if (grid.rank() != x.rank() || grid[0] != x[0] || grid[grid.rank() - 1] != spatial)
        fail<ShapeError>(op, "grid ", grid, " must be (", x[0], ", ..., ", spatial, ") of the rank of x ", x);
    for (int i = 2; i < x.rank(); ++i)
        if (x[i] < 1) fail<ShapeError>(op, "axis ", i, " of x ", x, " is empty");
    if (spatial == 3 && o.mode == SampleMode::bicubic)
        fail<ValueError>(op, "bicubic is for images, and x ", x, " has three spatial axes");
}

}

/// x read at the places of a grid.
///   y[n, c, i, j] = x[n, c] at (grid[n, i, j, 1], grid[n, i, j, 0]), where (-1, -1) is the first corner and
///   (1, 1) the last
/// Shape    x (batch, channels, height, width), grid (batch, h, w, 2) of x and y in this order ->
///          y (batch, channels, h, w); with a depth: grid (batch, d, h, w, 3)
/// Grad     by x and grid, to any order; none by the grid for nearest. Composed of gathers;  saves the weights
/// Numeric  a place that is NaN reads as outside: 0
/// Throws   ShapeError: ranks or batches that differ, an empty axis; ValueError: bicubic of a volume
/// Source   Jaderberg et al., Spatial Transformer Networks, 2015                        /// See  affine_grid
template <Floating T>
Tensor<T> grid_sample(const Tensor<T>& x, const Tensor<T>& grid, const GridSampleOptions& options = {}) {
    detail::check_grid_sample(x.shape(), grid.shape(), options);
    const int spatial = x.rank() - 2;
    const int64_t batch = x.size(0), channels = x.size(1);
    Shape out{batch, channels};
    int64_t positions = 1, pixels = 1;
    for (int i = 0; i < spatial; ++i) {
        out.push_back(grid.shape()[i + 1]);
        positions *= grid.shape()[i + 1];
        pixels *= x.shape()[i + 2];
    }
    const Tensor<T> flat = reshape(grid, {batch, positions, spatial}),
                    planes = reshape(x, {batch, channels, pixels});
    // All combinations of a tap of each axis.
    std::vector<detail::Corner<T>> corners{
        {zeros<int64_t>({batch, positions}), full<bool>({batch, positions}, true), {}}};
    for (int i = 0; i < spatial; ++i)  // depth, height, width; the grid has them the other way
        corners = detail::extended(
            corners, detail::taps_of(tapegrad::select(flat, 2, spatial - 1 - i), x.shape()[i + 2], options),
            x.shape()[i + 2]);
    Tensor<T> y;
    for (const detail::Corner<T>& corner : corners) {
        const Tensor<int64_t> ids = expand(unsqueeze(corner.at, 1), {batch, channels, positions});
        const Tensor<T> read = where(unsqueeze(corner.inside, 1), gather(planes, 2, ids), T(0));
        const Tensor<T> term =
            corner.weight.defined() ? read * unsqueeze(where(corner.inside, corner.weight, T(0)), 1) : read;
        y = y.defined() ? y + term : term;
    }
    return reshape(y, out);
}

/// The places that an affine map sends the places of an image to, for grid_sample.
///   grid[n, i, j] = theta[n] (x_j, y_i, 1), x and y even over [-1, 1]
/// Shape    theta (batch, 2, 3), size (batch, channels, height, width) -> grid (batch, height, width, 2);
///          theta (batch, 3, 4), size with a depth -> grid (batch, depth, height, width, 3)
/// Grad     by theta;  saves the even grid
/// Throws   ShapeError: shapes that do not fit
/// See      grid_sample
template <Floating T>
Tensor<T> affine_grid(const Tensor<T>& theta, const Shape& size, bool align_corners = false) {
    const int spatial = size.rank() - 2;
    if ((spatial != 2 && spatial != 3) || theta.shape() != Shape{size[0], spatial, spatial + 1})
        detail::fail<ShapeError>(
            "affine_grid", "theta ", theta.shape(), " and size ", size,
            " must be (batch, 2, 3) and (batch, channels, height, width), or with a depth "
            "(batch, 3, 4)");
    Shape places;
    for (int i = 0; i < spatial; ++i) places.push_back(size[i + 2]);
    std::vector<Tensor<T>> coordinates;
    for (int i = spatial - 1; i >= 0; --i) {
        const int64_t n = places[i];
        Shape along = Shape::filled(spatial, 1);
        along[i] = n;
        Tensor<T> line = n == 1 ? zeros<T>({1}) : linspace<T>(-1, 1, n);
        if (!align_corners && n > 1) line = line * (static_cast<double>(n - 1) / static_cast<double>(n));
        coordinates.push_back(expand(reshape(line, along), places));
    }
    coordinates.push_back(ones<T>(places));
    const int64_t count = numel_of(places);
    const Tensor<T> even = reshape(stack(coordinates, -1), {1, count, spatial + 1});
    Shape out{size[0]};
    for (const int64_t n : places) out.push_back(n);
    out.push_back(spatial);
    return reshape(matmul(even, transpose(theta, -2, -1)), out);
}

}
