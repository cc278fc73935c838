// Rows and elements picked by index, and added by index, beside memcpy. Bytes are those of the elements read
// and written, and of the indices.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/simd/gather.hpp>
#include <tapegrad/simd/index_rows.hpp>
#include <tapegrad/simd/nonzero.hpp>
#include <tapegrad/simd/triangle.hpp>
#include <tapegrad/simd/unfold.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

std::vector<int64_t> places(int64_t n, int64_t size) {
    std::vector<int64_t> out(static_cast<std::size_t>(n));
    uint64_t seed = 1;
    for (int64_t& v : out) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        v = static_cast<int64_t>((seed >> 33) % static_cast<uint64_t>(size));
    }
    return out;
}

/// Rows of n floats, `count` of `size`, in each of `outer` tables.
struct RowCase {
    const char* name;
    int64_t outer, size, count, n;
};
constexpr RowCase row_cases[] = {
    {"gpt2_tokens_1024_of_50257x768", 1, 50257, 1024, 768},
    {"graph_edges_200000_of_10000x64", 1, 10000, 200000, 64},
    {"columns_768_of_4096x1024", 4096, 1024, 768, 1},
};

/// Places of the shape (outer, n, inner) along the middle axis of (outer, size, inner).
struct ElementCase {
    const char* name;
    int64_t outer, size, n, inner;
};
constexpr ElementCase element_cases[] = {
    {"targets_1024_of_50257", 1024, 50257, 1, 1},
    {"sorted_rows_1024x1024", 1024, 1024, 1024, 1},
    {"graph_edges_200000x64", 1, 10000, 200000, 64},
    {"histogram_4194304_of_65536", 1, 65536, 4194304, 1},
};

const bool registered = [] {
    add_copy("786432", 786432);
    for (const RowCase& c : row_cases) {
        const int64_t bytes = c.outer * c.count * c.n * 4 + c.count * 8;
        add(std::string("take_rows/") + c.name, bytes + c.outer * c.count * c.n * 4, [&c] {
            return [&c, ids = places(c.count, c.size), x = values(c.outer * c.size * c.n),
                    y = values(c.outer * c.count * c.n)]() mutable {
                simd::take_rows(x.data(), c.size, ids.data(), y.data(), c.outer, c.count, c.n);
            };
        });
        add(std::string("add_rows/") + c.name, bytes + c.outer * c.count * c.n * 8, [&c] {
            return [&c, ids = places(c.count, c.size), x = values(c.outer * c.size * c.n),
                    y = values(c.outer * c.count * c.n)]() mutable {
                simd::combine_rows(simd::Add(), y.data(), ids.data(), x.data(), c.size, c.outer, c.count,
                                   c.n);
            };
        });
    }
    for (const ElementCase& c : element_cases) {
        const int64_t n = c.outer * c.n * c.inner;
        const auto with = [&c, n](auto kernel) {
            return [&c, n, kernel] {
                return [&c, kernel, ids = places(n, c.size), x = values(c.outer * c.size * c.inner),
                        y = values(n)]() mutable {
                    kernel(x.data(), ids.data(), y.data(),
                           simd::GatherLayout({c.outer, c.size, c.inner}, {c.outer, c.n, c.inner}, 1));
                };
            };
        };
        add(std::string("gather/") + c.name, n * 16,
            with([](const float* x, const int64_t* ids, float* y, const auto& at) {
                simd::gather(x, ids, y, at);
            }));
        add(std::string("scatter_add/") + c.name, n * 20,
            with([](float* x, const int64_t* ids, const float* y, const auto& at) {
                simd::scatter(simd::Add(), y, ids, x, at);
            }));
    }
    constexpr int64_t n = 1 << 22;
    add("nonzero/4194304", n * 8, [] {
        std::vector<float> x = values(n);
        for (std::size_t i = 0; i < x.size(); i += 2) x[i] = 0;
        return [x = std::move(x), out = places(n, 2)]() mutable {
            simd::NonzeroPlaces<float>(x.data(), n).write(out.data());
        };
    });
    add("fold_windows/audio_64x16000_by_400_160", 64 * (98 * 400 + 16000) * 4, [] {
        return [dy = values(64 * 98 * 400), dx = values(64 * 16000)]() mutable {
            simd::fold_windows(dy.data(), dx.data(), 64, 16000, 1, 98, 400, 160);
        };
    });
    add("triangle/12x1024x1024", 12 * 1024 * 1024 * 8, [] {
        return [x = values(12 * 1024 * 1024), y = values(12 * 1024 * 1024)]() mutable {
            simd::triangle(x.data(), y.data(), 12, 1024, 1024, 0, true);
        };
    });
    return true;
}();

}
