#include <tapegrad/simd/transpose.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("transpose_block: rows become columns, and the last row stands for those that miss", T,
                   uint8_t, uint16_t, uint32_t, uint64_t) {
    constexpr int64_t N = simd::detail::transpose_side<sizeof(T)>, from_row = N + 3, to_row = N + 2;
    std::vector<T> from(std::size_t{N * from_row});
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i + 1);
    for (int64_t rows = 1; rows <= N; ++rows) {
        std::vector<T> to(std::size_t{N * to_row});
        using Word = typename simd::detail::Word<sizeof(T)>::type;
        simd::detail::transpose_block<sizeof(T)>(reinterpret_cast<const Word*>(from.data()), from_row, rows,
                                                 reinterpret_cast<Word*>(to.data()), to_row);
        for (int64_t j = 0; j < N; ++j)
            for (int64_t i = 0; i < to_row; ++i) {
                const int64_t row = i < rows ? i : rows - 1;
                const T expected = i < N ? from[static_cast<std::size_t>(row * from_row + j)] : T(0);
                REQUIRE(to[static_cast<std::size_t>(j * to_row + i)] == expected);
            }
    }
}
