// Layer normalisation beside memcpy. Bytes are those of x and y, in backward of x, dy and dx.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <tapegrad/simd/layer_norm.hpp>
#include <vector>

namespace {

using namespace tapegrad;

std::vector<float> values(int64_t n) {
    std::vector<float> x(static_cast<std::size_t>(n));
    uint32_t seed = 1;
    for (float& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<float>(static_cast<int32_t>(seed)) / 2147483648.0F;
    }
    return x;
}

/// Runs on one and on two threads; `bytes` are those that a pass must read and write.
template <class F>
void add(const std::string& name, int64_t bytes, F make) {
    const auto run = [bytes, make](benchmark::State& state) {
        auto pass = make();
        const int before = num_threads();
        set_num_threads(static_cast<int>(state.range(0)));
        for (auto _ : state) {
            pass();
            benchmark::ClobberMemory();
        }
        set_num_threads(before);
        state.SetBytesProcessed(state.iterations() * bytes);
    };
    benchmark::RegisterBenchmark(name.c_str(), run)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime();
}

/// A copy of n floats: what memory allows, at this size and hour.
void add_copy(const std::string& name, int64_t n) {
    add("memcpy/" + name, n * 8, [n] {
        return [from = values(n), to = values(n)]() mutable {
            std::memcpy(to.data(), from.data(), from.size() * 4);
        };
    });
}

struct Case {
    const char* name;
    int64_t rows, n;
};
constexpr Case cases[] = {
    {"nanogpt_768x128", 768, 128}, {"gpt2_256x768", 256, 768}, {"gpt2_8192x768", 8192, 768}};

const bool registered = [] {
    for (const Case& c : cases) {
        const int64_t n = c.rows * c.n;
        add_copy(c.name, n);
        add(std::string("layer_norm/") + c.name, n * 8, [&c, n] {
            return [&c, x = values(n), w = values(c.n), b = values(c.n), y = values(n), mean = values(c.rows),
                    rstd = values(c.rows)]() mutable {
                simd::layer_norm(x.data(), w.data(), b.data(), y.data(), mean.data(), rstd.data(), c.rows,
                                 c.n, 1e-5F);
            };
        });
        add(std::string("layer_norm_backward/") + c.name, n * 12, [&c, n] {
            return [&c, x = values(n), w = values(c.n), dy = values(n), mean = values(c.rows),
                    rstd = values(c.rows), dx = values(n), dw = values(c.n), db = values(c.n)]() mutable {
                simd::layer_norm_backward(x.data(), w.data(), mean.data(), rstd.data(), dy.data(), dx.data(),
                                          dw.data(), db.data(), c.rows, c.n);
            };
        });
    }
    return true;
}();

}
