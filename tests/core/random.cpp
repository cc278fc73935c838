#include <tapegrad/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace tapegrad;

// The draws below have fixed seeds: a check passes or fails once and for all. Every statistical bound is five
// standard deviations of the statistic under the null hypothesis, unless it says otherwise.

namespace {

constexpr std::size_t many = 1'000'000;

template <class T, class Fill>
std::vector<T> draw(std::size_t n, Fill fill) {
    const auto memory = std::make_unique<T[]>(n + 1);
    fill(memory.get(), static_cast<int64_t>(n));
    return {memory.get(), memory.get() + n};
}

struct Moments {
    double mean = 0, variance = 0, skew = 0, kurtosis = 0;
};
template <class T>
Moments moments(const std::vector<T>& x) {
    const auto n = static_cast<double>(x.size());
    Moments m;
    for (const T v : x) m.mean += static_cast<double>(v) / n;
    for (const T v : x) {
        const double d = static_cast<double>(v) - m.mean;
        m.variance += d * d / n;
        m.skew += d * d * d / n;
        m.kurtosis += d * d * d * d / n;
    }
    return m;
}

// Chi-square of counts that should be equal; about normal with mean k - 1 and variance 2 (k - 1).
double chi_square(const std::vector<int64_t>& counts) {
    double total = 0, sum = 0;
    for (const int64_t c : counts) total += static_cast<double>(c);
    const double expected = total / static_cast<double>(counts.size());
    for (const int64_t c : counts)
        sum += (static_cast<double>(c) - expected) * (static_cast<double>(c) - expected);
    return sum / expected;
}
void check_even(const std::vector<int64_t>& counts) {
    const double freedom = static_cast<double>(counts.size()) - 1;
    CHECK(std::abs(chi_square(counts) - freedom) < 5 * std::sqrt(2 * freedom));
}

template <class F>
std::string message(F&& f) {
    try {
        f();
    } catch (const ValueError& e) {
        return e.what();
    }
    return "no ValueError";
}

}

TEST_CASE_TEMPLATE("random: uniform", T, float, double) {
    Generator g(1);
    const auto x = draw<T>(many, [&](T* p, int64_t n) { fill_uniform(p, n, g); });
    const Moments m = moments(x);
    CHECK(std::abs(m.mean - 0.5) < 5 * std::sqrt(1.0 / 12 / many));
    CHECK(std::abs(m.variance - 1.0 / 12) < 5 * std::sqrt(1.0 / 180 / many));
    std::vector<int64_t> counts(1000), pairs(1024);
    double serial = 0;
    for (std::size_t i = 0; i < many; ++i) {
        REQUIRE((x[i] >= T(0) && x[i] < T(1)));
        ++counts[static_cast<std::size_t>(x[i] * T(1000))];
        if (i + 1 == many) break;
        ++pairs[static_cast<std::size_t>(x[i] * T(32)) * 32 + static_cast<std::size_t>(x[i + 1] * T(32))];
        serial += (static_cast<double>(x[i]) - 0.5) * (static_cast<double>(x[i + 1]) - 0.5) / many;
    }
    check_even(counts);
    check_even(pairs);
    CHECK(std::abs(serial) < 5.0 / 12 / std::sqrt(many));
    const auto y = draw<T>(many, [&](T* p, int64_t n) { fill_uniform(p, n, g, T(-3), T(5)); });
    CHECK(*std::min_element(y.begin(), y.end()) >= T(-3));
    CHECK(*std::max_element(y.begin(), y.end()) < T(5));
    CHECK(std::abs(moments(y).mean - 1) < 5 * 8 * std::sqrt(1.0 / 12 / many));
    // A range of one step: rounding must not reach its end.
    const T next = std::nextafter(T(1), T(2));
    for (const T v : draw<T>(1000, [&](T*p, int64_t n) { fill_uniform(p, n, g, T(1), next); }))
        REQUIRE(v == T(1));
    for (const T v : draw<T>(10, [&](T*p, int64_t n) { fill_uniform(p, n, g, T(2), T(2)); }))
        REQUIRE(v == T(2));
}

TEST_CASE_TEMPLATE("random: normal", T, float, double) {
    Generator g(2);
    const auto x = draw<T>(many, [&](T* p, int64_t n) { fill_normal(p, n, g); });
    const Moments m = moments(x);
    CHECK(std::abs(m.mean) < 5 * std::sqrt(1.0 / many));
    CHECK(std::abs(m.variance - 1) < 5 * std::sqrt(2.0 / many));
    CHECK(std::abs(m.skew) < 5 * std::sqrt(15.0 / many));
    CHECK(std::abs(m.kurtosis - 3) < 5 * std::sqrt(96.0 / many));
    std::vector<int64_t> counts(200);
    int64_t beyond = 0;
    for (const T v : x) {
        REQUIRE(std::isfinite(v));
        // Through the distribution function the numbers must be even.
        const double u = 0.5 * std::erfc(-static_cast<double>(v) / std::sqrt(2.0));
        ++counts[static_cast<std::size_t>(std::min(u * 200, 199.0))];
        beyond += std::abs(v) > T(4);
    }
    check_even(counts);
    const double tail = std::erfc(4 / std::sqrt(2.0)) * many;  // 63
    CHECK(std::abs(static_cast<double>(beyond) - tail) < 5 * std::sqrt(tail));
    double serial = 0;
    for (std::size_t i = 0; i + 1 < many; ++i)
        serial += static_cast<double>(x[i]) * static_cast<double>(x[i + 1]) / many;
    CHECK(std::abs(serial) < 5 / std::sqrt(many));
    const auto y = draw<T>(many, [&](T* p, int64_t n) { fill_normal(p, n, g, T(10), T(3)); });
    CHECK(std::abs(moments(y).mean - 10) < 5 * 3 / std::sqrt(many));
    CHECK(std::abs(std::sqrt(moments(y).variance) - 3) < 5 * 3 / std::sqrt(2.0 * many));
}

TEST_CASE("random: the float Box-Muller is that of the C library to 1e-6") {
    int wrong = 0;
    const auto check = [&](std::uint32_t word) {
        const double u = (static_cast<double>(word >> 1) + 0.5) * 0x1p-31;
        // The word becomes a float before the logarithm: near u = 1 that moves u by up to 2^-24.
        const auto v = static_cast<double>((static_cast<float>(word >> 1) + 0.5f) * 0x1p-31f);
        wrong += std::abs(v - u) > 0x1p-24;
        const auto radius = static_cast<double>(detail::normal_radius(word));
        wrong += !(std::abs(radius - std::sqrt(-2 * std::log(v))) < 1e-6 * (1 + radius));
        float c = 0, s = 0;
        detail::unit_circle(word, c, s);
        const double x = static_cast<double>(c), y = static_cast<double>(s);
        wrong += !(std::abs(x * x + y * y - 1) < 1e-6);
        // The quarter, and the angle within it.
        const double t = static_cast<double>(static_cast<std::int32_t>(word << 2)) * 0x1p-32 * std::acos(0.0);
        const unsigned quarter = word >> 30;
        const double sign = quarter >= 2 ? -1 : 1;
        wrong += !(std::abs(x - sign * (quarter % 2 == 0 ? std::cos(t) : std::sin(t))) < 1e-6);
        wrong += !(std::abs(y - sign * (quarter % 2 == 0 ? std::sin(t) : std::cos(t))) < 1e-6);
    };
    for (std::uint32_t i = 0; i < 1'000'000; ++i) check(i * 4294u + 7u);
    for (std::uint32_t i = 0; i < 1000; ++i) {
        check(i);
        check(~i);
    }
    CHECK(wrong == 0);
    CHECK(detail::normal_radius(0) == doctest::Approx(6.6604));
    CHECK(detail::normal_radius(0xffffffffu) == 0.0f);
}

TEST_CASE("random: randint") {
    Generator g(3);
    const auto x = draw<int64_t>(many, [&](int64_t* p, int64_t n) { fill_randint(p, n, g, -7, 93); });
    std::vector<int64_t> counts(100);
    for (const int64_t v : x) {
        REQUIRE((v >= -7 && v < 93));
        ++counts[static_cast<std::size_t>(v + 7)];
    }
    check_even(counts);
    constexpr int64_t low = std::numeric_limits<int64_t>::min(), high = std::numeric_limits<int64_t>::max();
    const auto wide = draw<int64_t>(many, [&](int64_t* p, int64_t n) { fill_randint(p, n, g, low, high); });
    std::vector<int64_t> top(256);
    for (const int64_t v : wide) ++top[static_cast<std::size_t>((v >> 56) + 128)];
    check_even(top);
    for (const int64_t v : draw<int64_t>(100, [&](int64_t*p, int64_t n) { fill_randint(p, n, g, 4, 5); }))
        REQUIRE(v == 4);
}

TEST_CASE("random: the upper half of a product") {
    CHECK(detail::below(~std::uint64_t{0}, ~std::uint64_t{0}) == ~std::uint64_t{1});
    CHECK(detail::below(std::uint64_t{1} << 32, std::uint64_t{1} << 32) == 1);
    CHECK(detail::below(10, ~std::uint64_t{0}) == 9);
    // 0xfedcba9876543210 * 0x0123456789abcdef, by long multiplication.
    CHECK(detail::below(0xfedcba9876543210u, 0x0123456789abcdefu) == 0x0121fa00ad77d742u);
}

TEST_CASE_TEMPLATE("random: bernoulli", T, bool, std::uint8_t, float, double) {
    Generator g(4);
    for (const double p : {0.1, 0.5, 0.999}) {
        const auto memory = std::make_unique<T[]>(many);
        fill_bernoulli(memory.get(), many, g, p);
        double ones = 0;
        for (std::size_t i = 0; i < many; ++i) {
            REQUIRE((memory[i] == T(0) || memory[i] == T(1)));
            ones += memory[i] == T(1) ? 1 : 0;
        }
        CHECK(std::abs(ones / many - p) < 5 * std::sqrt(p * (1 - p) / many));
    }
    const auto memory = std::make_unique<T[]>(100'000);
    fill_bernoulli(memory.get(), 100'000, g, 0.0);
    CHECK(std::count(memory.get(), memory.get() + 100'000, T(0)) == 100'000);
    fill_bernoulli(memory.get(), 100'000, g, 1.0);
    CHECK(std::count(memory.get(), memory.get() + 100'000, T(1)) == 100'000);
}

TEST_CASE("random: permutation") {
    Generator g(5);
    std::vector<int64_t> counts(24);
    for (int trial = 0; trial < 24'000; ++trial) {
        int64_t p[4];
        fill_permutation(p, 4, g);
        int64_t sorted[4];
        std::copy(p, p + 4, sorted);
        std::sort(sorted, sorted + 4);
        REQUIRE((sorted[0] == 0 && sorted[1] == 1 && sorted[2] == 2 && sorted[3] == 3));
        const auto less = [&](int i) {
            return std::count_if(p + i + 1, p + 4, [&](int64_t v) { return v < p[i]; });
        };
        ++counts[static_cast<std::size_t>(less(0) * 6 + less(1) * 2 + less(2))];
    }
    check_even(counts);
    auto big = draw<int64_t>(10'000, [&](int64_t* p, int64_t n) { fill_permutation(p, n, g); });
    CHECK(!std::is_sorted(big.begin(), big.end()));
    std::sort(big.begin(), big.end());
    for (std::size_t i = 0; i < big.size(); ++i) REQUIRE(big[i] == static_cast<int64_t>(i));
}

TEST_CASE(
    "random: a fill is a function of (seed, stream, index), for any number of threads and every length") {
    const int before = num_threads();
    const auto fills = [](std::uint64_t seed, std::uint64_t stream, int64_t n) {
        Generator g(seed, stream);
        const auto length = static_cast<std::size_t>(n);
        std::vector<float> u(length), z(length);
        std::vector<double> du(length), dz(length);
        std::vector<int64_t> r(length);
        std::vector<std::uint8_t> b(length);
        fill_uniform(u.data(), n, g);
        fill_normal(z.data(), n, g);
        fill_uniform(du.data(), n, g);
        fill_normal(dz.data(), n, g);
        fill_randint(r.data(), n, g, 0, 1000);
        fill_bernoulli(b.data(), n, g, 0.3);
        std::vector<double> all;
        for (std::size_t i = 0; i < length; ++i) {
            all.insert(all.end(), {static_cast<double>(u[i]), static_cast<double>(z[i]), du[i], dz[i]});
            all.insert(all.end(), {static_cast<double>(r[i]), static_cast<double>(b[i])});
        }
        all.push_back(static_cast<double>(g.offset()));
        return all;
    };
    set_num_threads(1);
    const auto one = fills(11, 12, 300'001);
    for (const int threads : {2, 3, 4}) {
        set_num_threads(threads);
        CHECK(fills(11, 12, 300'001) == one);
    }
    set_num_threads(before);
    CHECK(fills(11, 13, 1000) != fills(11, 12, 1000));
    CHECK(fills(12, 12, 1000) != fills(11, 12, 1000));

    // The first n numbers do not depend on how many follow, and nothing is written behind them.
    std::vector<float> longest(200), z(201);
    Generator g(6);
    fill_normal(longest.data(), 200, g);
    for (int64_t n = 0; n <= 200; ++n) {
        std::fill(z.begin(), z.end(), -77.0f);
        Generator h(6);
        fill_normal(z.data(), n, h);
        REQUIRE(std::equal(z.begin(), z.begin() + n, longest.begin()));
        REQUIRE(z[static_cast<std::size_t>(n)] == -77.0f);
        REQUIRE(h.offset() == static_cast<std::uint64_t>((n + 63) / 64));
    }
}

TEST_CASE("random: a generator continues from its saved state") {
    Generator g(7, 8);
    float skipped[100], expected[100], got[100];
    fill_uniform(skipped, 100, g);
    const RandomState saved = g.state();
    CHECK(saved == RandomState{7, 8, 2});
    fill_uniform(expected, 100, g);
    Generator restored(saved.seed, saved.stream);
    restored.set_offset(saved.offset);
    fill_uniform(got, 100, restored);
    CHECK(std::memcmp(got, expected, sizeof got) == 0);
    g.set_state(saved);
    fill_uniform(got, 100, g);
    CHECK(std::memcmp(got, expected, sizeof got) == 0);
    CHECK(std::memcmp(got, skipped, sizeof got) != 0);

    std::uint32_t words[random_group], again[random_group];
    const RandomState reserved = g.reserve(random_group);
    random_words(reserved, 0, words);
    Generator(reserved).set_offset(0);
    g.set_state(reserved);
    fill_bits(again, random_group, g);
    CHECK(std::memcmp(words, again, sizeof words) == 0);
}

TEST_CASE("random: split generators are independent") {
    const Generator g(9);
    CHECK(g.split(0).seed() == 9);
    CHECK(g.split(3).state() == g.split(3).state());
    std::vector<std::uint64_t> streams;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        streams.push_back(g.split(i).stream());
        streams.push_back(g.split(1).split(i).stream());
    }
    std::sort(streams.begin(), streams.end());
    CHECK(std::adjacent_find(streams.begin(), streams.end()) == streams.end());
    Generator a = g.split(0), b = g.split(1);
    const auto x = draw<double>(many, [&](double* p, int64_t n) { fill_normal(p, n, a); });
    const auto y = draw<double>(many, [&](double* p, int64_t n) { fill_normal(p, n, b); });
    double product = 0;
    for (std::size_t i = 0; i < many; ++i) product += x[i] * y[i] / many;
    CHECK(std::abs(product) < 5 / std::sqrt(many));
}

TEST_CASE("random: the default generator") {
    const RandomState before = default_generator().state();
    manual_seed(42);
    CHECK(default_generator().state() == RandomState{42, 0, 0});
    float a[3], b[3];
    fill_uniform(a, 3, default_generator());
    manual_seed(42);
    fill_uniform(b, 3, default_generator());
    CHECK(std::memcmp(a, b, sizeof a) == 0);
    std::thread([] { CHECK(default_generator().state() == RandomState{0, 0, 0}); }).join();
    default_generator().set_state(before);
}

TEST_CASE("random: errors") {
    Generator g;
    float f[1];
    int64_t i[1];
    CHECK(message([&] { fill_uniform(f, 1, g, 2.0f, 1.0f); }) == "uniform: from 2 to 1 is not a range");
    CHECK(message([&] { fill_uniform(f, 1, g, 0.0f, std::nanf("")); }) ==
          "uniform: from 0 to nan is not a range");
    CHECK(message([&] { fill_normal(f, 1, g, 0.0f, -1.0f); }) == "normal: std -1 is negative");
    CHECK(message([&] { fill_randint(i, 1, g, 5, 5); }) == "randint: low 5 is not below high 5");
    CHECK(message([&] { fill_bernoulli(f, 1, g, 1.5); }) == "bernoulli: probability 1.5 is outside [0, 1]");
    CHECK(message([&] { fill_bernoulli(f, 1, g, std::nan("")); }) ==
          "bernoulli: probability nan is outside [0, 1]");
    CHECK(g.offset() == 0);
}
