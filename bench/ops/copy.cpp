// Copies of strided views beside memcpy of the same bytes. Bytes are those read and those written.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/strided_copy.hpp>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

/// A view of row-major memory: axis i of the view is axis order[i] of a tensor of `memory`.
struct View {
    const char* name;
    Shape memory;
    Axes order;
};

const View views[] = {
    {"contiguous_256x768", {256, 768}, {0, 1}},
    {"split_heads_4x64x12x64", {4, 64, 12, 64}, {0, 2, 1, 3}},
    {"split_heads_8x1024x12x64", {8, 1024, 12, 64}, {0, 2, 1, 3}},
    {"heads_transposed_8x12x1024x64", {8, 12, 1024, 64}, {0, 1, 3, 2}},
    {"transpose_256x768", {256, 768}, {1, 0}},
    {"transpose_4096x4096", {4096, 4096}, {1, 0}},
    {"transpose_1000x1000", {1000, 1000}, {1, 0}},
    {"image_hwc_to_chw_16x224x224x3", {16, 224, 224, 3}, {0, 3, 1, 2}},
};

template <class T>
void copy(benchmark::State& state, const View& view, bool back) {
    Shape shape = view.memory;
    Strides strides = row_major(view.memory);
    const Strides memory = strides;
    for (int i = 0; i < shape.rank(); ++i) {
        shape[i] = view.memory[static_cast<int>(view.order[i])];
        strides[i] = memory[static_cast<int>(view.order[i])];
    }
    const int64_t n = numel_of(shape);
    std::vector<T> from(static_cast<std::size_t>(n), T(1)), to(from.size());
    const support::Threads threads(state.range(0));
    for (auto _ : state) {
        if (back)
            simd::copy_to_strided(from.data(), to.data(), shape, strides);
        else
            simd::copy_from_strided(from.data(), shape, strides, to.data());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * n * 2 * static_cast<int64_t>(sizeof(T)));
}

void plain(benchmark::State& state, int64_t bytes) {
    std::vector<char> from(static_cast<std::size_t>(bytes), 1), to(from.size());
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * bytes * 2);
}

const bool registered = [] {
    const auto add = [](const std::string& name, auto run) {
        benchmark::RegisterBenchmark(name.c_str(), run)->Apply(support::one_and_two);
    };
    for (const View& v : views) {
        const int64_t bytes = numel_of(v.memory) * 4;
        benchmark::RegisterBenchmark((std::string("memcpy/") + v.name).c_str(), [bytes](benchmark::State& s) {
            plain(s, bytes);
        })->UseRealTime();
        add(std::string("copy_from_strided/") + v.name,
            [&v](benchmark::State& s) { copy<float>(s, v, false); });
        add(std::string("copy_to_strided/") + v.name, [&v](benchmark::State& s) { copy<float>(s, v, true); });
    }
    add("copy_from_strided/bytes_transpose_4096x4096",
        [](benchmark::State& s) { copy<std::uint8_t>(s, views[5], false); });
    add("copy_from_strided/double_transpose_4096x4096",
        [](benchmark::State& s) { copy<double>(s, views[5], false); });
    return true;
}();

}
