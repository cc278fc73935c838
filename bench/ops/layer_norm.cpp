// Layer normalisation beside memcpy. Bytes are those of x and y, in backward of x, dy and dx.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/layer_norm.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

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
