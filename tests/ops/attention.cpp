#include <tapegrad/ops/attention.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/slicing.hpp>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::Golden;
using support::message;

namespace {

template <class T>
using QKV = std::array<Tensor<T>, 3>;

template <class T>
QKV<T> random_inputs(int64_t batch, int64_t heads, int64_t groups, int64_t queries, int64_t keys, int64_t d,
                     int64_t e) {
    return {support::normal<T>({batch, heads, queries, d}), support::normal<T>({batch, groups, keys, d}, 2),
            support::normal<T>({batch, groups, keys, e}, 3)};
}

struct Case {
    int64_t queries, keys, heads = 1, groups = 1;
    SdpaOptions options = {};
};

/// y and the gradients of q, k and v, by the kernel or by the definition.
template <class T>
std::array<Tensor<T>, 4> run(const QKV<T>& in, const SdpaOptions& options, const Tensor<T>& bias,
                             bool composed) {
    QKV<T> x = in;
    for (Tensor<T>& t : x) t = t.detach().requires_grad_();
    SdpaOptions filled = options;
    if (filled.scale == 0) filled.scale = 1 / std::sqrt(static_cast<double>(x[0].size(-1)));
    const Tensor<T> y = composed
                            ? detail::composed_attention(x[0], x[1], x[2], bias,
                                                         detail::check_attention(x[0], x[1], x[2]), filled)
                            : scaled_dot_product_attention(x[0], x[1], x[2], options, bias);
    const auto d = grad(y, {x[0], x[1], x[2]}, {}, support::normal<T>(y.shape(), 4));
    return {y.detach(), d[0], d[1], d[2]};
}

/// Kernel against definition: the definition in double, so the float kernel's own error is what is seen.
template <class T>
void check_case(const Case& c, const Tensor<T>& bias = {}) {
    CAPTURE(c.queries);
    CAPTURE(c.keys);
    const QKV<T> in = random_inputs<T>(2, c.heads, c.groups, c.queries, c.keys, 9, 5);
    const auto got = run(in, c.options, bias, false);
    const auto want =
        run<double>({detail::cast<double>(in[0]), detail::cast<double>(in[1]), detail::cast<double>(in[2])},
                    c.options, bias.defined() ? detail::cast<double>(bias) : Tensor<double>(), true);
    // The upstream gradients of the two runs are the same numbers only in double: there everything is
    // compared.
    const double tolerance = std::is_same_v<T, float> ? 4e-5 : 1e-12;
    CHECK(support::close(got[0], want[0], tolerance));
    if constexpr (std::is_same_v<T, double>) {
        for (std::size_t i = 1; i < 4; ++i) CHECK(support::close(got[i], want[i], tolerance));
    } else {
        const auto composed = run(in, c.options, bias, true);
        for (std::size_t i = 1; i < 4; ++i) CHECK(support::close(got[i], composed[i], 1e-3));
    }
}

}

TEST_CASE_TEMPLATE("attention: lengths around the blocks", T, float, double) {
    for (const int64_t n : {1, 2, 63, 64, 65, 127, 128, 129, 200}) {
        check_case<T>({n, n});
        check_case<T>({n, n, 1, 1, {.causal = true}});
        check_case<T>({3, n, 1, 1, {.causal = true, .offset = n - 3}});
        check_case<T>({n, 65, 2, 1});
    }
    check_case<T>({70, 30, 1, 1, {.causal = true}});                 // later queries see all keys
    check_case<T>({70, 130, 1, 1, {.causal = true, .offset = -5}});  // the first five see none
    check_case<T>({10, 300, 1, 1, {.causal = true, .offset = 290}});
    check_case<T>({10, 300, 1, 1, {.causal = true, .offset = 1000}});
    check_case<T>({65, 65, 1, 1, {.scale = 0.7}});
}

TEST_CASE_TEMPLATE("attention: a sliding window", T, float, double) {
    for (const int64_t window : {1, 2, 63, 64, 65, 127, 128, 129, 500}) {
        check_case<T>({300, 300, 1, 1, {.causal = true, .window = window}});
        check_case<T>({70, 400, 2, 1, {.causal = true, .offset = 330, .window = window}});
        check_case<T>({1, 400, 4, 2, {.causal = true, .offset = 399, .window = window}});
        check_case<T>({20, 150, 1, 1, {.causal = true, .offset = 290, .window = window}});  // past all keys
        check_case<T>({40, 30, 1, 1, {.causal = true, .offset = -5, .window = window}});
    }
    const Tensor<bool> mask = support::coins({65, 130}, 0.6);
    check_case<T>({65, 130, 4, 2, {.causal = true, .offset = 65, .window = 20, .mask = mask}});
}

TEST_CASE_TEMPLATE("attention: heads in groups", T, float, double) {
    check_case<T>({33, 65, 6, 6});
    check_case<T>({33, 65, 6, 2, {.causal = true, .offset = 32}});
    check_case<T>({65, 129, 4, 1});
}

TEST_CASE_TEMPLATE("attention: masks and biases that broadcast", T, float, double) {
    for (const Shape& shape : {Shape{65, 130}, Shape{2, 1, 1, 130}, Shape{4, 65, 1}, Shape{2, 4, 65, 130},
                               Shape{1, 130}, Shape{65, 1}}) {
        CAPTURE(shape.to_string());
        const Tensor<bool> mask = support::coins(shape, 0.6);
        check_case<T>({65, 130, 4, 2, {.mask = mask}});
        check_case<T>({65, 130, 4, 2, {.causal = true, .offset = 20, .mask = support::spread(mask)}});
        check_case<T>({65, 130, 4, 2}, support::normal<T>(shape, 7));
        check_case<T>({65, 130, 4, 2, {.causal = true, .mask = mask}},
                      support::spread(support::normal<T>(shape, 7)));
    }
}

TEST_CASE("attention: gradients to the third order") {
    const auto in = random_inputs<double>(1, 2, 1, 2, 3, 2, 2);
    const std::vector<Tensor<double>> v(in.begin(), in.end());
    const GradcheckOptions options{.absolute = 1e-5};
    const auto plain = [](const SdpaOptions& o) {
        return [o](const auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], o); };
    };
    CHECK_GRAD(plain({}), v, 3, options);
    CHECK_GRAD(plain({.causal = true}), v, 2, options);
    CHECK_GRAD(plain({.causal = true, .offset = 1, .window = 1}), v, 2, options);
    CHECK_GRAD(plain({.causal = true, .offset = -1}), v, 2, options);  // a query that sees nothing
    CHECK_GRAD(plain({.scale = 0.3, .mask = Tensor<bool>{{true, false, true}, {false, true, true}}}), v, 2,
               options);
    // By the bias too.
    std::vector<Tensor<double>> with_bias = v;
    with_bias.push_back(support::normal<double>({2, 3}, 8));
    CHECK_GRAD(
        [](const auto& x) {
            return scaled_dot_product_attention(x[0], x[1], x[2], {.causal = true, .offset = 1}, x[3]);
        },
        with_bias, 2, options);
    // Rank 2 and 3, views of one packed projection.
    CHECK_GRAD([](const auto& x) { return scaled_dot_product_attention(x[0], x[0], x[1]); },
               {support::normal<double>({4, 2}), support::normal<double>({4, 3}, 2)}, 2, options);
    CHECK_GRAD(
        [](const auto& x) {
            const auto head = [&](int64_t i) { return transpose(select(x[0], 2, i), 1, 2); };
            return scaled_dot_product_attention(head(0), head(1), head(2), {.causal = true});
        },
        {support::normal<double>({2, 3, 3, 2, 2})}, 1, options);
}

TEST_CASE("attention: PyTorch's values and gradients") {
    const auto check = [](const std::string& name, const SdpaOptions& o) {
        Golden::check("attention." + name, {"q", "k", "v"},
                      [&](const auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], o); });
    };
    const auto mask = [](const std::string& name) {
        return Golden::get<bool>("attention." + name + ".mask");
    };
    check("plain", {});
    check("causal", {.causal = true});
    check("causal_square", {.causal = true});
    check("scale", {.scale = 0.3});
    for (const char* name : {"bool_mask", "bool_mask_full", "all_masked"}) check(name, {.mask = mask(name)});
    Golden::check("attention.float_mask", {"q", "k", "v", "mask"},
                  [](const auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {}, x[3]); });
}

TEST_CASE_TEMPLATE("attention: a query that sees no key gives zeros, and no NaN backwards", T, float,
                   double) {
    Tensor<bool> mask = support::coins({66, 130}, 0.5);
    for (int64_t j = 0; j < 130; ++j)
        for (const int64_t i : {0, 40, 65}) mask.set({i, j}, false);
    const auto got = run(random_inputs<T>(1, 1, 1, 66, 130, 8, 4), {.mask = mask}, {}, false);
    for (const int64_t i : {0, 40, 65})
        for (int64_t j = 0; j < 4; ++j) CHECK(got[0](0, 0, i, j) == 0);
    for (const Tensor<T>& t : got)
        for (const T x : to_vector(t)) REQUIRE(std::isfinite(x));
}

TEST_CASE("attention: large scores, and keys that are masked out may hold anything") {
    auto in = random_inputs<float>(1, 1, 1, 65, 129, 8, 4);
    for (int64_t i = 0; i < in[0].numel(); ++i) in[0].mutable_data()[i] *= 1e4F;
    for (const float x : to_vector(run(in, {}, {}, false)[0])) REQUIRE(std::isfinite(x));
    in = random_inputs<float>(1, 1, 1, 65, 129, 8, 4);
    Tensor<bool> mask = full<bool>({129}, true);
    mask.set({100}, false);
    const Tensor<float> want = run(in, {.mask = mask}, {}, false)[0];
    for (int64_t j = 0; j < 8; ++j) in[1].set({0, 0, 100, j}, NAN);
    CHECK(support::same_bits(run(in, {.mask = mask}, {}, false)[0], want));
    // A NaN in a query is that query's alone.
    in = random_inputs<float>(1, 1, 1, 65, 129, 8, 4);
    in[0].set({0, 0, 64, 3}, NAN);
    const Tensor<float> y = scaled_dot_product_attention(in[0], in[1], in[2]);
    for (int64_t i = 0; i < 65; ++i) CHECK(std::isnan(y(0, 0, i, 0)) == (i == 64));
}

TEST_CASE("attention: the bits depend neither on threads nor on the layout") {
    const QKV<float> in = random_inputs<float>(2, 4, 2, 130, 130, 16, 16);
    const auto with = [&](const QKV<float>& x, int threads) {
        const support::Threads scope(threads);
        return run(x, {.causal = true}, {}, false);
    };
    const auto one = with(in, 1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = with(in, threads);
        for (std::size_t i = 0; i < 4; ++i) CHECK(support::same_bits(one[i], many[i]));
    }
    // Heads behind each other in memory, as a projection leaves them, and elements far apart.
    const auto by_rows = [](const Tensor<float>& x) {
        return transpose(detail::copy(transpose(x, 1, 2)), 1, 2);
    };
    for (const QKV<float>& other :
         {QKV<float>{by_rows(in[0]), by_rows(in[1]), by_rows(in[2])},
          QKV<float>{support::spread(in[0]), support::spread(in[1]), support::spread(in[2])}}) {
        const auto got = with(other, 2);
        for (std::size_t i = 0; i < 4; ++i) CHECK(support::close(got[i], one[i], 1e-5));
    }
}

TEST_CASE("attention: nothing of queries x keys is allocated") {
    const QKV<float> in = random_inputs<float>(1, 1, 1, 2048, 2048, 8, 8);
    const support::Threads scope(1);
    pool::reset_peak();
    const auto before = pool::statistics().peak_bytes;
    static_cast<void>(run(in, {}, {}, false));
    CHECK(pool::statistics().peak_bytes - before < 2048 * 2048 * 4 / 4);
}

TEST_CASE("attention: empty sizes and errors") {
    const auto call = [](const Shape& q, const Shape& k, const Shape& v) {
        return scaled_dot_product_attention(zeros<float>(q), zeros<float>(k), zeros<float>(v));
    };
    CHECK(call({2, 0, 4}, {2, 5, 4}, {2, 5, 3}).shape() == Shape{2, 0, 3});
    CHECK(support::same_bits(call({2, 5, 4}, {2, 0, 4}, {2, 0, 3}), zeros<float>({2, 5, 3})));
    CHECK(message<ShapeError>([&] { static_cast<void>(call({4}, {4}, {4})); }) ==
          "scaled_dot_product_attention: q (4,), k (4,) and v (4,) must have one rank from 2 to 4: (batch, "
          "heads, length, depth)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(call({5, 4}, {5, 3}, {5, 3}));
          }) ==
          "scaled_dot_product_attention: q (5, 4), k (5, 3) and v (5, 3) do not fit: depths of q and k, and "
          "lengths of k and v, must be equal");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(call({3, 5, 4}, {2, 5, 4}, {2, 5, 4}));
          }) ==
          "scaled_dot_product_attention: q (3, 5, 4), k (2, 5, 4) and v (2, 5, 4) do not fit: one batch, and "
          "heads of q a multiple of those of k and v");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(scaled_dot_product_attention(zeros<float>({5, 4}), zeros<float>({6, 4}),
                                                             zeros<float>({6, 4}),
                                                             {.mask = full<bool>({5, 5}, true)}));
          }) == "scaled_dot_product_attention: a tensor (5, 5) does not expand to (1, 1, 5, 6)");
    CHECK(message<ValueError>([&] {
              const Tensor<float> x = zeros<float>({5, 4});
              static_cast<void>(scaled_dot_product_attention(x, x, x, {.window = 3}));
          }) == "scaled_dot_product_attention: window 3 must not be negative, and needs causal");
}
