#include <tapegrad/core/dtype.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using namespace tapegrad;

namespace {

template <class To, class From>
To one(From value) {
    To out{};
    convert(&value, &out, 1);
    return out;
}

template <class T>
constexpr T max_of = std::numeric_limits<T>::max();
template <class T>
constexpr T min_of = std::numeric_limits<T>::min();

}

TEST_CASE("dtype: names and sizes") {
    CHECK(std::string(name(dtype_of<float>)) == "float32");
    CHECK(std::string(name(dtype_of<double>)) == "float64");
    CHECK(std::string(name(dtype_of<bfloat16>)) == "bfloat16");
    CHECK(std::string(name(dtype_of<float16>)) == "float16");
    CHECK(std::string(name(dtype_of<std::int32_t>)) == "int32");
    CHECK(std::string(name(dtype_of<std::int64_t>)) == "int64");
    CHECK(std::string(name(dtype_of<std::uint8_t>)) == "uint8");
    CHECK(std::string(name(dtype_of<bool>)) == "bool");
    static_assert(itemsize(dtype_of<float>) == sizeof(float));
    static_assert(itemsize(dtype_of<double>) == sizeof(double));
    static_assert(itemsize(dtype_of<bfloat16>) == 2);
    static_assert(itemsize(dtype_of<float16>) == 2);
    static_assert(itemsize(dtype_of<std::int32_t>) == 4);
    static_assert(itemsize(dtype_of<std::int64_t>) == 8);
    static_assert(itemsize(dtype_of<std::uint8_t>) == 1);
    static_assert(itemsize(dtype_of<bool>) == sizeof(bool));
    static_assert(!Element<char> && !Element<long double> && !Element<unsigned>);
}

TEST_CASE_TEMPLATE("dtype: floating to integer truncates, saturates, and takes NaN for 0", F, float, double) {
    const F inf = std::numeric_limits<F>::infinity();
    CHECK(one<std::int32_t>(F(2.9)) == 2);
    CHECK(one<std::int32_t>(F(-2.9)) == -2);
    CHECK(one<std::uint8_t>(F(255.9)) == 255);
    CHECK(one<std::uint8_t>(F(-0.9)) == 0);
    CHECK(one<std::uint8_t>(F(256)) == 255);
    CHECK(one<std::uint8_t>(F(-3)) == 0);
    CHECK(one<std::int32_t>(F(2147483648.0)) == max_of<std::int32_t>);
    CHECK(one<std::int32_t>(F(-2147483648.0)) == min_of<std::int32_t>);
    CHECK(one<std::int64_t>(F(9223372036854775808.0)) == max_of<std::int64_t>);
    CHECK(one<std::int64_t>(F(-9223372036854775808.0)) == min_of<std::int64_t>);
    CHECK(one<std::int64_t>(F(4611686018427387904.0)) == std::int64_t{1} << 62);
    for (const F end : {inf, F(1e30)}) {
        CHECK(one<std::int32_t>(end) == max_of<std::int32_t>);
        CHECK(one<std::int64_t>(-end) == min_of<std::int64_t>);
        CHECK(one<std::uint8_t>(-end) == 0);
    }
    CHECK(one<std::int32_t>(F(NAN)) == 0);
    CHECK(one<std::int64_t>(F(NAN)) == 0);
    CHECK(one<std::uint8_t>(F(NAN)) == 0);
}

TEST_CASE("dtype: to bool is whether it is not zero") {
    CHECK(one<bool>(0.25f));
    CHECK(one<bool>(std::nanf("")));
    CHECK_FALSE(one<bool>(-0.0));
    CHECK(one<bool>(std::int64_t{1} << 40));
    CHECK(one<bool>(float16::from_bits(1)));
    CHECK_FALSE(one<bool>(bfloat16(0)));
    CHECK(one<bool>(std::uint8_t{2}));
}

TEST_CASE("dtype: between integers modulo, from bool 0 and 1, rounded once to 16 bits") {
    CHECK(one<std::uint8_t>(std::int32_t{300}) == 44);
    CHECK(one<std::uint8_t>(std::int32_t{-1}) == 255);
    CHECK(one<std::int32_t>((std::int64_t{1} << 32) + 5) == 5);
    CHECK(one<float>(true) == 1.0f);
    CHECK(one<std::int64_t>(true) == 1);
    CHECK(one<double>(float16(0.5f)) == 0.5);
    CHECK(one<std::int32_t>(bfloat16(-3.5f)) == -3);
    CHECK(one<float>(1e300) == std::numeric_limits<float>::infinity());
    // Through float this would be a tie, and the even neighbour 1.
    CHECK(float(one<bfloat16>(1 + std::ldexp(1.0, -8) + std::ldexp(1.0, -40))) == 1.0f + 1.0f / 128);
    CHECK(float(one<float16>(1 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40))) == 1.0f + 1.0f / 1024);
    CHECK(float(one<bfloat16>(float16(3.140625f))) == 3.140625f);
}

TEST_CASE_TEMPLATE("dtype: a bulk conversion gives what one element gives, at every length and position", To,
                   float, double, bfloat16, float16, std::int32_t, std::int64_t, std::uint8_t, bool) {
    const auto sweep = [](auto sample) {
        using From = decltype(sample);
        const To expected = one<To>(sample), elsewhere = one<To>(static_cast<From>(1));
        int wrong = 0;
        for (std::size_t n = 0; n <= 140; ++n) {
            const auto from = std::make_unique<From[]>(n + 1);
            const auto to = std::make_unique<To[]>(n + 1);
            for (std::size_t i = 0; i < n; ++i) from[i] = static_cast<From>(1);
            to[n] = expected;
            for (std::size_t at = 0; at < n; ++at) {
                from[at] = sample;
                convert(from.get(), to.get(), static_cast<std::int64_t>(n));
                from[at] = static_cast<From>(1);
                for (std::size_t i = 0; i < n; ++i)
                    wrong += std::memcmp(&to[i], i == at ? &expected : &elsewhere, sizeof(To)) != 0;
            }
            wrong += std::memcmp(&to[n], &expected, sizeof(To)) != 0;
        }
        return wrong;
    };
    CHECK(sweep(std::nanf("")) == 0);
    CHECK(sweep(-1e9) == 0);
    CHECK(sweep(bfloat16(1.5f)) == 0);
    CHECK(sweep(float16(INFINITY)) == 0);
    CHECK(sweep(std::int32_t{-70000}) == 0);
    CHECK(sweep(max_of<std::int64_t>) == 0);
    CHECK(sweep(std::uint8_t{200}) == 0);
    CHECK(sweep(true) == 0);
}

TEST_CASE_TEMPLATE("dtype: every 16-bit pattern survives the bulk conversions", T, bfloat16, float16) {
    std::vector<T> patterns(65536), back(65536);
    std::vector<float> values(65536);
    for (unsigned bits = 0; bits < 65536; ++bits)
        patterns[bits] = T::from_bits(static_cast<std::uint16_t>(bits));
    convert(patterns.data(), values.data(), 65536);
    convert(values.data(), back.data(), 65536);
    int wrong = 0;
    for (unsigned bits = 0; bits < 65536; ++bits) {
        const bool nan = std::isnan(float(patterns[bits]));
        wrong +=
            nan ? !std::isnan(values[bits]) || !std::isnan(float(back[bits])) : back[bits].bits() != bits;
    }
    CHECK(wrong == 0);
}
