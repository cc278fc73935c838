#include <tapegrad/nn/latent_attention.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/kv_cache.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

constexpr LatentAttentionOptions small{
    .heads = 3, .q_rank = 10, .kv_rank = 12, .nope_dim = 6, .rope_dim = 4, .value_dim = 5, .mscale = 1.3};

template <class T>
LatentAttention<T> make(const LatentAttentionOptions& o) {
    Generator generator(1);
    return LatentAttention<T>(16, generator, o);
}

}

TEST_CASE_TEMPLATE("latent_attention: absorbed equals naive", T, float, double) {
    for (const int64_t q_rank : {0, 10})
        for (const int64_t rope : {0, 4}) {
            LatentAttentionOptions o = small;
            o.q_rank = q_rank;
            o.rope_dim = rope;
            LatentAttention<T> a = make<T>(o);
            const Tensor<T> x = support::normal<T>({2, 9, 16}).requires_grad_(),
                            dy = support::normal<T>({2, 9, 16}, 2);
            const AttentionInput<T, 1> in{
                .rotary = rotary_table<T>({.layout = RotaryLayout::interleaved}, rope, arange<int64_t>(9))};
            std::vector<Tensor<T>> wanted = parameters<T>(a);
            wanted.push_back(x);
            a.form = LatentForm::naive;
            const Tensor<T> naive = a(x, in);
            const auto d_naive = grad(naive, wanted, {}, dy);
            a.form = LatentForm::absorbed;
            const Tensor<T> absorbed = a(x, in);
            const auto d_absorbed = grad(absorbed, wanted, {}, dy);
            CHECK(support::close(absorbed, naive, 1e-5));
            for (std::size_t i = 0; i < wanted.size(); ++i)
                CHECK(support::close(d_absorbed[i], d_naive[i], 1e-4));
        }
}

TEST_CASE_TEMPLATE("latent_attention: step by step equals all at once, from a cache of latent vectors", T,
                   float, double) {
    const no_grad scope;
    LatentAttention<T> a = make<T>(small);
    const Tensor<T> x = support::normal<T>({2, 8, 16});
    const auto input = [](int64_t begin, int64_t end) {
        return AttentionInput<T, 1>{.rotary = rotary_table<T>({}, 4, arange<int64_t>(begin, end))};
    };
    const Tensor<T> want = a(x, input(0, 8));
    for (const LatentForm form : {LatentForm::naive, LatentForm::absorbed, LatentForm::automatic}) {
        a.form = form;
        LatentCache<T> cache({0});
        for (int64_t i = 0; i < 8; ++i) {
            AttentionInput<T, 1> in = input(i, i + 1);
            in.cache = &cache[0];
            CHECK(support::close(a(narrow(x, 1, i, 1), in), narrow(want, 1, i, 1), 1e-5));
        }
        CHECK(cache.elements_per_token() == 16);  // 12 + 4, of no head
    }
}

TEST_CASE("latent_attention: gradients") {
    LatentAttention<double> a =
        make<double>({.heads = 2, .kv_rank = 3, .nope_dim = 2, .rope_dim = 2, .value_dim = 2});
    const AttentionInput<double, 1> in{.rotary = rotary_table<double>({}, 2, arange<int64_t>(3))};
    const std::vector<Tensor<double>> v{support::normal<double>({1, 3, 16})};
    for (const LatentForm form : {LatentForm::naive, LatentForm::absorbed}) {
        a.form = form;
        const auto f = [&](const auto& x) { return a(x[0], in); };
        CHECK_GRAD(f, v, 2);
    }
}

TEST_CASE("latent_attention: errors") {
    CHECK(support::message<ShapeError>([] { make<float>({.heads = 0}); }) ==
          "LatentAttention: heads 0, kv_rank 512, nope_dim 128, rope_dim 64, value_dim 128, q_rank 0: each "
          "must be "
          "positive");
}
