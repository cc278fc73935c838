#include <tapegrad/nn/kv_cache.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("kv_cache: layers, windows, copies", T, float, double) {
    const no_grad scope;
    KVCache<T> cache({0, 4});
    CHECK(cache.layers() == 2);
    CHECK(cache.length() == 0);
    CHECK(cache.elements_per_token() == 0);
    for (std::size_t layer = 0; layer < 2; ++layer) {
        cache[layer][0].extend(zeros<T>({1, 2, 6, 8}));
        cache[layer][1].extend(zeros<T>({1, 2, 6, 5}));
    }
    CHECK(cache.length() == 6);
    CHECK(cache[1][0].rows().size(2) == 4);
    CHECK(cache.elements_per_token() == 2 * (2 * 8 + 2 * 5));
    KVCache<T> other = cache.fork();
    other[0][0].extend(zeros<T>({1, 2, 1, 8}));
    CHECK(other.length() == 7);
    CHECK(cache.length() == 6);
    other.select(Tensor<int64_t>{0, 0});
    CHECK(other[1][1].rows().shape() == Shape{2, 2, 4, 5});
    CHECK(KVCache<T>().length() == 0);
}

TEST_CASE(
    "kv_cache: the latent cache of the DeepSeek-V2 report: 34,560 elements a token, and 15,552 in the Lite "
    "model") {
    const no_grad scope;
    for (const auto& [layers, want] : {std::pair<std::size_t, int64_t>{60, 34560}, {27, 15552}}) {
        LatentCache<float> cache(std::vector<int64_t>(layers, 0));
        for (std::size_t i = 0; i < layers; ++i) cache[i][0].extend(zeros<float>({1, 1, 1, 512 + 64}));
        CHECK(cache.elements_per_token() == want);
    }
}
