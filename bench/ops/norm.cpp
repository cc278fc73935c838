// Root-mean-square, group and batch normalisation beside memcpy. Bytes are those of x and y, in backward of x,
// dy and dx.
#include <benchmark/benchmark.h>

#include <tapegrad/simd/group_norm.hpp>
#include <tapegrad/simd/rms_norm.hpp>
#include <vector>

#include "../support/beside_memcpy.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    simd::NormSets sets;
};
constexpr Case cases[] = {{"group_norm32/unet_2x320x64x64", {2, 320, 4096, 32}},
                          {"group_norm8/unet_32x64x16x16", {32, 64, 256, 8}},
                          {"instance_norm/32x64x16x16", {32, 64, 256, 64}},
                          {"batch_norm/resnet_32x64x56x56", {32, 64, 3136, 0}},
                          {"batch_norm/resnet_32x512x7x7", {32, 512, 49, 0}},
                          {"batch_norm/mlp_256x1024", {256, 1024, 1, 0}}};

void add_rms(const std::string& name, int64_t rows, int64_t n) {
    add("rms_norm/" + name, rows * n * 8, [=] {
        return [=, x = values(rows * n), w = values(n), y = values(rows * n), r = values(rows)]() mutable {
            simd::rms_norm(x.data(), w.data(), y.data(), r.data(), rows, n, 1e-5F);
        };
    });
    add("rms_norm_backward/" + name, rows * n * 12, [=] {
        return [=, x = values(rows * n), w = values(n), dy = values(rows * n), r = values(rows),
                dx = values(rows * n), dw = values(n)]() mutable {
            simd::rms_norm_backward(x.data(), w.data(), r.data(), dy.data(), dx.data(), dw.data(), rows, n);
        };
    });
}

const bool registered = [] {
    add_rms("llama_256x2048", 256, 2048);
    add_rms("nanogpt_768x128", 768, 128);
    for (const Case& c : cases) {
        const int64_t n = c.sets.outer * c.sets.channels * c.sets.inner;
        add_copy(c.name, n);
        add(c.name, n * 8, [&c, n] {
            return [&c, x = values(n), w = values(c.sets.channels), y = values(n),
                    mean = values(c.sets.sets()), variance = values(c.sets.sets())]() mutable {
                simd::group_norm(x.data(), w.data(), w.data(), y.data(), mean.data(), variance.data(), c.sets,
                                 1e-5F);
            };
        });
        add(std::string("backward/") + c.name, n * 12, [&c, n] {
            std::vector<float> variance(static_cast<std::size_t>(c.sets.sets()), 0.5F);
            return [&c, x = values(n), w = values(c.sets.channels), dy = values(n), dx = values(n),
                    mean = values(c.sets.sets()), variance, dw = values(c.sets.channels),
                    db = values(c.sets.channels)]() mutable {
                simd::group_norm_backward(x.data(), w.data(), mean.data(), variance.data(), dy.data(),
                                          dx.data(), dw.data(), db.data(), c.sets, 1e-5F);
            };
        });
    }
    return true;
}();

}
