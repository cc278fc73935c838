#include <tapegrad/simd/tile_rows.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("tile rows: places become lanes of tiles, and lanes places", T, float, double) {
    for (int64_t tiles = 1; tiles <= 21; ++tiles) {
        CAPTURE(tiles);
        const int64_t whole = (tiles + 3) / 4 * 4, plane = whole + 5;
        std::vector<T> row(static_cast<std::size_t>(4 * whole + 8)),
            planes(static_cast<std::size_t>(6 * plane), T(-1));
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<T>(i);
        simd::detail::split_row(row.data(), tiles, planes.data(), plane);
        for (int64_t j = 0; j < 6; ++j)
            for (int64_t t = 0; t < plane; ++t)
                if (t < tiles)
                    CHECK(planes[static_cast<std::size_t>(j * plane + t)] == static_cast<T>(4 * t + j));
                else if (t >= whole)
                    CHECK(planes[static_cast<std::size_t>(j * plane + t)] == T(-1));
        for (int64_t places = 4 * tiles - 3; places <= 4 * tiles; ++places) {
            std::vector<T> back(static_cast<std::size_t>(places + 2), T(-1));
            simd::detail::join_row(planes.data(), plane, back.data(), places);
            for (int64_t i = 0; i < places + 2; ++i)
                CHECK(back[static_cast<std::size_t>(i)] == (i < places ? static_cast<T>(i) : T(-1)));
        }
    }
}
