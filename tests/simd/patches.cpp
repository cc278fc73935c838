#include <tapegrad/simd/patches.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tapegrad;
using simd::detail::Patches;
using simd::detail::PatchesTransposed;

namespace {

/// The element of the matrix by its definition.
template <class T>
T element(const Patches<T>& m, int64_t row, int64_t column) {
    const int64_t sizes[] = {m.axes[0].taps, m.axes[1].taps, m.axes[2].taps};
    const int64_t tap[] = {row / sizes[2] / sizes[1] % sizes[0], row / sizes[2] % sizes[1], row % sizes[2]};
    const int64_t wide = m.axes[2].positions, high = m.axes[1].positions;
    const int64_t at[] = {column / wide / high, column / wide % high, column % wide};
    int64_t place = row / m.taps();
    for (std::size_t k = 0; k < 3; ++k) {
        const int64_t p = at[k] * m.axes[k].step + m.axes[k].first + tap[k] * m.axes[k].delta;
        if (p < 0 || p >= m.size[k]) return T(0);
        place = place * m.size[k] + p;
    }
    return m.data[place];
}

}

TEST_CASE_TEMPLATE("patches: panels of the matrix and of its transpose", T, float, double) {
    std::vector<T> image(3 * 2 * 9 * 11);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<T>(i + 1);
    const std::array<simd::detail::Taps, 3> shapes[] = {
        {{{2, 1, 1, 0, 1}, {7, 1, 3, 0, 1}, {9, 1, 3, 0, 1}}},
        {{{1, 1, 2, 0, 1}, {5, 2, 3, -1, 1}, {6, 2, 3, -1, 1}}},
        {{{3, 2, 2, -2, 1}, {20, 1, 2, -6, 3}, {33, 1, 4, -12, 2}}},
        {{{2, 1, 1, 0, 1}, {9, 1, 2, 1, -1}, {70, 3, 2, -40, -1}}},
        {{{1, 1, 1, 5, 1}, {3, 1, 1, 0, 1}, {1, 1, 0, 0, 1}}},
    };
    constexpr int64_t breadth = Patches<T>::breadth;
    for (const auto& axes : shapes) {
        const Patches<T> m{image.data(), {2, 9, 11}, axes};
        const PatchesTransposed<T> turned{m};
        const int64_t rows = 3 * m.taps(), columns = m.positions();
        std::vector<T> panel(static_cast<std::size_t>(breadth * (rows + columns + 1)));
        for (int64_t j = 0; j < columns; j += breadth) {
            const int64_t wide = std::min(breadth, columns - j);
            m.fill(0, rows, j, wide, panel.data());
            for (int64_t q = 0; q < rows; ++q)
                for (int64_t l = 0; l < wide; ++l)
                    REQUIRE(panel[static_cast<std::size_t>(q * breadth + l)] == element(m, q, j + l));
        }
        for (int64_t j = 0; j < rows; j += breadth) {
            const int64_t wide = std::min(breadth, rows - j);
            for (const int64_t p : {int64_t{0}, columns / 2}) {
                turned.fill(p, columns - p, j, wide, panel.data());
                for (int64_t q = p; q < columns; ++q)
                    for (int64_t l = 0; l < wide; ++l)
                        REQUIRE(panel[static_cast<std::size_t>((q - p) * breadth + l)] ==
                                element(m, j + l, q));
            }
        }
    }
}
