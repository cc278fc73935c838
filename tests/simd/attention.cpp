#include <tapegrad/simd/attention.hpp>

#include <doctest/doctest.h>

#include <tapegrad/core/random.hpp>
#include <tapegrad/simd/attention_backward.hpp>
#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;
using simd::AttentionOptions;
using simd::AttentionShape;
using simd::HeadView;
using simd::ScoreMask;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

template <class T>
struct Inputs {
    AttentionShape s;
    std::vector<T> q, k, v, dy;

    explicit Inputs(const AttentionShape& shape) : s(shape) {
        Generator generator(3);
        const auto fill = [&](std::vector<T>& x, int64_t n) {
            x.resize(static_cast<std::size_t>(n));
            fill_normal(x.data(), n, generator);
        };
        fill(q, s.batch * s.heads * s.queries * s.depth);
        fill(k, s.batch * s.groups * s.keys * s.depth);
        fill(v, s.batch * s.groups * s.keys * s.value_depth);
        fill(dy, s.batch * s.heads * s.queries * s.value_depth);
    }
    template <class Vector>
    static auto view(Vector& x, int64_t heads, int64_t rows, int64_t columns) {
        return HeadView<std::remove_pointer_t<decltype(x.data())>>{x.data(), heads * rows * columns,
                                                                   rows * columns, columns};
    }
};

template <class T>
struct Results {
    std::vector<T> y, lse, dq, dk, dv;
};

template <class T>
Results<T> run(const Inputs<T>& in, const AttentionOptions& o, const ScoreMask<T>& mask = {}) {
    const AttentionShape& s = in.s;
    Results<T> r{std::vector<T>(in.dy.size()),
                 std::vector<T>(static_cast<std::size_t>(s.batch * s.heads * s.queries)),
                 std::vector<T>(in.q.size()), std::vector<T>(in.k.size()), std::vector<T>(in.v.size())};
    const auto q = in.view(in.q, s.heads, s.queries, s.depth), k = in.view(in.k, s.groups, s.keys, s.depth),
               v = in.view(in.v, s.groups, s.keys, s.value_depth);
    simd::attention(s, q, k, v, in.view(r.y, s.heads, s.queries, s.value_depth), r.lse.data(), o, mask);
    const HeadView<const T> y = in.view(std::as_const(r.y), s.heads, s.queries, s.value_depth),
                            dy = in.view(in.dy, s.heads, s.queries, s.value_depth);
    simd::attention_backward(s, q, k, v, y, r.lse.data(), dy, in.view(r.dq, s.heads, s.queries, s.depth),
                             in.view(r.dk, s.groups, s.keys, s.depth),
                             in.view(r.dv, s.groups, s.keys, s.value_depth), o, mask);
    return r;
}

/// The definition, in double, one query after the other.
template <class T>
Results<double> reference(const Inputs<T>& in, const AttentionOptions& o, const ScoreMask<T>& m) {
    const AttentionShape& s = in.s;
    Results<double> r{std::vector<double>(in.dy.size()),
                      std::vector<double>(static_cast<std::size_t>(s.batch * s.heads * s.queries)),
                      std::vector<double>(in.q.size()), std::vector<double>(in.k.size()),
                      std::vector<double>(in.v.size())};
    const auto at = [](const auto& x, int64_t i) {
        return static_cast<double>(x[static_cast<std::size_t>(i)]);
    };
    for (int64_t row = 0; row < s.batch * s.heads * s.queries; ++row) {
        const int64_t i = row % s.queries, h = row / s.queries % s.heads, b = row / s.queries / s.heads;
        const int64_t first_key = (b * s.groups + h / s.heads_per_group()) * s.keys;
        std::vector<double> p(static_cast<std::size_t>(s.keys), -inf), slope(p.size());
        double top = -inf, total = 0, inner = 0;
        for (int64_t j = 0; j < s.keys; ++j) {
            const auto entry = [&](const std::array<int64_t, 4>& by) {
                return b * by[0] + h * by[1] + i * by[2] + j * by[3];
            };
            if ((o.causal && j > i + o.offset) || (o.window > 0 && j <= i + o.offset - o.window) ||
                (m.mask != nullptr && !m.mask[entry(m.mask_strides)]))
                continue;
            double score = 0;
            for (int64_t c = 0; c < s.depth; ++c)
                score += at(in.q, row * s.depth + c) * at(in.k, (first_key + j) * s.depth + c);
            score = score * o.scale +
                    (m.bias != nullptr ? static_cast<double>(m.bias[entry(m.bias_strides)]) : 0);
            p[static_cast<std::size_t>(j)] = score;
            top = std::fmax(top, score);
        }
        for (double& x : p) total += x = x == -inf ? 0 : std::exp(x - top);
        r.lse[static_cast<std::size_t>(row)] = top + std::log(total);
        for (int64_t j = 0; j < s.keys; ++j) {
            double& weight = p[static_cast<std::size_t>(j)];
            weight = total > 0 ? weight / total : 0;
            for (int64_t c = 0; c < s.value_depth; ++c) {
                const double dy = at(in.dy, row * s.value_depth + c),
                             v = at(in.v, (first_key + j) * s.value_depth + c);
                r.y[static_cast<std::size_t>(row * s.value_depth + c)] += weight * v;
                r.dv[static_cast<std::size_t>((first_key + j) * s.value_depth + c)] += weight * dy;
                slope[static_cast<std::size_t>(j)] += dy * v;
                inner += weight * dy * v;
            }
        }
        for (int64_t j = 0; j < s.keys; ++j) {
            const double ds =
                o.scale * p[static_cast<std::size_t>(j)] * (slope[static_cast<std::size_t>(j)] - inner);
            for (int64_t c = 0; c < s.depth; ++c) {
                r.dq[static_cast<std::size_t>(row * s.depth + c)] +=
                    ds * at(in.k, (first_key + j) * s.depth + c);
                r.dk[static_cast<std::size_t>((first_key + j) * s.depth + c)] +=
                    ds * at(in.q, row * s.depth + c);
            }
        }
    }
    return r;
}

template <class T>
bool near(const std::vector<T>& got, const std::vector<double>& want) {
    // Sums of up to a few hundred products of numbers around 1, each rounded.
    const double tolerance = 300 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (std::size_t i = 0; i < got.size(); ++i) {
        const auto g = static_cast<double>(got[i]);
        if (g != want[i] && !(std::fabs(g - want[i]) <= tolerance * (1 + std::fabs(want[i])))) return false;
    }
    return true;
}

template <class T>
void check(const AttentionShape& shape, const AttentionOptions& o, const ScoreMask<T>& mask = {}) {
    CAPTURE(shape.queries);
    CAPTURE(shape.keys);
    CAPTURE(shape.depth);
    const Inputs<T> in(shape);
    const Results<T> got = run(in, o, mask);
    const Results<double> want = reference(in, o, mask);
    CHECK(near(got.y, want.y));
    CHECK(near(got.lse, want.lse));
    CHECK(near(got.dq, want.dq));
    CHECK(near(got.dk, want.dk));
    CHECK(near(got.dv, want.dv));
}

}

TEST_CASE_TEMPLATE("attention: the kernel against the definition", T, float, double) {
    for (const int64_t n : {1, 17, 63, 64, 65, 128, 129, 200}) {
        check<T>({1, 2, 1, n, n, 16, 8}, {0.25});
        check<T>({1, 1, 1, n, n, 7, 33}, {0.4, true, 0});
        check<T>({1, 1, 1, 5, n, 8, 8}, {0.3, true, n - 5});
    }
    check<T>({2, 6, 3, 70, 140, 8, 8}, {0.3, true, 70});
    check<T>({1, 2, 1, 300, 300, 16, 40}, {0.3, true, 0});  // more queries than one task takes
    check<T>({1, 1, 1, 70, 150, 520, 9}, {0.05, true, 3});  // more terms than a block of gemm
    check<T>({2, 1, 1, 140, 70, 8, 8}, {0.3, true, -3});    // three queries see nothing, seventy see all
    check<T>({1, 1, 1, 3, 0, 4, 4}, {0.3});
    check<T>({1, 1, 1, 0, 3, 4, 4}, {0.3});
}

TEST_CASE_TEMPLATE("attention: the last keys up to a query's own", T, float, double) {
    for (const int64_t window : {1, 5, 64, 129, 400}) {
        check<T>({1, 2, 1, 200, 200, 16, 8}, {0.3, true, 0, window});
        check<T>({1, 2, 1, 70, 300, 8, 8}, {0.3, true, 230, window});
        check<T>({1, 4, 2, 1, 300, 8, 8}, {0.3, true, 299, window});
        check<T>({1, 1, 1, 300, 140, 8, 8},
                 {0.3, true, -3, window});  // three see nothing, the last ones neither
    }
}

TEST_CASE_TEMPLATE("attention: biases and masks with strides", T, float, double) {
    std::vector<T> bias(2 * 2 * 70 * 140);
    std::vector<char> mask(bias.size());
    Generator generator(8);
    fill_normal(bias.data(), static_cast<int64_t>(bias.size()), generator);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = bias[i] > T(-0.5);
    const bool* const seen = reinterpret_cast<const bool*>(mask.data());
    for (const std::array<int64_t, 4>& by : {std::array<int64_t, 4>{19600, 9800, 140, 1},
                                             {0, 0, 140, 1},
                                             {0, 0, 0, 1},
                                             {0, 0, 1, 0},
                                             {0, 1, 2, 70}}) {
        check<T>({2, 2, 1, 70, 140, 8, 4}, {0.3}, {bias.data(), by, nullptr, {}});
        check<T>({2, 2, 1, 70, 140, 8, 4}, {0.3, true, 10}, {nullptr, {}, seen, by});
        check<T>({2, 2, 1, 70, 140, 8, 4}, {0.3, true, 60}, {bias.data(), {0, 0, 1, 0}, seen, by});
    }
}

TEST_CASE_TEMPLATE("attention: one query a head, the heads of a group together", T, float, double) {
    std::vector<T> bias(2 * 70 * 140);
    std::vector<char> mask(bias.size());
    Generator generator(8);
    fill_normal(bias.data(), static_cast<int64_t>(bias.size()), generator);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = bias[i] > T(-0.5);
    const bool* const seen = reinterpret_cast<const bool*>(mask.data());
    for (const int64_t keys : {0, 1, 127, 128, 140}) {
        check<T>({2, 6, 2, 1, keys, 16, 8}, {0.25});
        check<T>({2, 6, 2, 1, keys, 7, 33}, {0.4, true, keys - 1});
        check<T>({2, 70, 1, 1, keys, 8, 8}, {0.3, true, 50});
        check<T>({2, 70, 35, 1, keys, 8, 8}, {0.3, true, 60},
                 {bias.data(), {70 * 140, 140, 0, 1}, seen, {0, 140, 3, 1}});
    }
    check<T>({1, 4, 2, 1, 9, 8, 8}, {0.3, true, -1});  // it sees nothing
}

TEST_CASE_TEMPLATE("attention: a weight far below rounding counts nothing", T, float, double) {
    const T far = sizeof(T) == 4 ? T(-61) : T(-601), near = sizeof(T) == 4 ? T(-50) : T(-590);
    const Inputs<T> in({1, 1, 1, 3, 40, 8, 8});
    ScoreMask<T> bias;
    std::vector<T> added(40, T(0));
    bias.bias = added.data();
    bias.bias_strides = {0, 0, 0, 1};
    for (const auto& [by, counts] : {std::pair(far, false), std::pair(near, true)}) {
        added[17] = by;
        const Results<T> r = run(in, {.scale = 1e-3}, bias);
        for (std::size_t j = 17 * 8; j < 18 * 8; ++j) {
            CHECK((r.dk[j] != T(0)) == counts);
            CHECK((r.dv[j] != T(0)) == counts);
        }
    }
}

TEST_CASE("attention: the kernel's bits do not depend on the number of threads") {
    const Inputs<float> in({2, 4, 2, 200, 200, 32, 32});
    std::vector<Results<float>> all;
    for (int threads = 1; threads <= 4; ++threads) {
        const support::Threads scope(threads);
        all.push_back(run(in, {0.2, true, 0}));
        CHECK(all.back().y == all.front().y);
        CHECK(all.back().dq == all.front().dq);
        CHECK(all.back().dk == all.front().dk);
        CHECK(all.back().dv == all.front().dv);
    }
}
