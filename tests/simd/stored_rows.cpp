#include <tapegrad/simd/stored_rows.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

/// Checks `part` of every whole run, with its scale.
template <class Rows, int... J, class Value>
void check_parts(const Rows& w, int64_t rows, int64_t columns, std::integer_sequence<int, J...>,
                 const Value& value) {
    float got[simd::stored_run];
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t p = 0; p + simd::stored_run <= columns; p += simd::stored_run) {
            simd::Batch<float> scale(1.0F);
            if constexpr (Rows::scaled) scale = w.scale(i, p);
            ((w.template part<J>(w.at(i, p)) * scale).store(got + J * simd::width<float>), ...);
            for (int64_t l = 0; l < simd::stored_run; ++l) CHECK(got[l] == value(i, p + l));
        }
}

/// Checks load_row at every place where `step` allows one, up to the end of a row and past it.
template <class Rows, class Value>
void check_rows(const Rows& w, int64_t rows, int64_t columns, int64_t step, const Value& value) {
    check_parts(w, rows, columns, std::make_integer_sequence<int, simd::stored_parts>{}, value);
    float got[simd::Batch<float>::size];
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t p = 0; p < columns; p += step) {
            simd::load_row(w, i, p, columns - p).store(got);
            for (int64_t l = 0; l < simd::width<float>; ++l)
                if (p + l < columns)
                    CHECK(std::bit_cast<std::uint32_t>(got[l]) ==
                          std::bit_cast<std::uint32_t>(value(i, p + l)));
                else
                    CHECK(std::isfinite(got[l]));
        }
}

}

TEST_CASE("Bfloat16Rows: every bit pattern widens to its value") {
    std::vector<bfloat16> all;
    for (std::uint32_t bits = 0; bits < 65536; ++bits)
        all.push_back(bfloat16::from_bits(static_cast<std::uint16_t>(bits)));
    const simd::Bfloat16Rows w{all.data(), 256};
    float got[simd::Batch<float>::size];
    for (int64_t i = 0; i < 65536; i += simd::width<float>) {
        w.widen(w.at(i / 256, i % 256), 0, 0).store(got);
        for (int64_t l = 0; l < simd::width<float>; ++l)
            CHECK(std::bit_cast<std::uint32_t>(got[l]) == static_cast<std::uint32_t>(i + l) << 16);
    }
}

TEST_CASE("FloatRows: any place, and rows that do not end with a batch") {
    std::vector<float> values;
    for (int i = 0; i < 3 * 47; ++i) values.push_back(static_cast<float>(i) - 60.5F);
    check_rows(simd::FloatRows{values.data(), 47}, 3, 45, 1,
               [&](int64_t i, int64_t p) { return values[static_cast<std::size_t>(i * 47 + p)]; });
}

TEST_CASE("Bfloat16Rows: any place, and rows that do not end with a batch") {
    std::vector<bfloat16> values;
    for (int i = 0; i < 3 * 47; ++i) values.emplace_back(static_cast<float>(i) - 60.5F);
    check_rows(simd::Bfloat16Rows{values.data(), 47}, 3, 45, 1, [&](int64_t i, int64_t p) {
        return static_cast<float>(values[static_cast<std::size_t>(i * 47 + p)]);
    });
}

TEST_CASE("Int8Rows: a scale for each group of a row") {
    std::vector<std::int8_t> values;
    for (int i = 0; i < 3 * 80; ++i) values.push_back(static_cast<std::int8_t>(i * 37 % 256 - 128));
    const float scales[] = {1, -0.5F, 0.25F, 3, 0, 1e-30F, 7, 0.1F, 2};
    const simd::Int8Rows w{values.data(), 80, scales, 3, 5};
    check_rows(w, 3, 77, simd::width<float>, [&](int64_t i, int64_t p) {
        return static_cast<float>(values[static_cast<std::size_t>(i * 80 + p)]) * scales[i * 3 + p / 32];
    });
}

TEST_CASE("Int4Rows: two numbers in a byte, a scale for each group of 32") {
    std::vector<std::uint8_t> values;
    for (int i = 0; i < 3 * 3 * 16; ++i) values.push_back(static_cast<std::uint8_t>(i * 37 % 256));
    const float scales[] = {1, -0.5F, 0.25F, 3, 0, 1e-30F, 7, 0.1F, 2};
    const simd::Int4Rows w{values.data(), 3, scales};
    check_rows(w, 3, 77, simd::width<float>, [&](int64_t i, int64_t p) {
        const int byte = values[static_cast<std::size_t>((i * 3 + p / 32) * 16 + p % 16)];
        return static_cast<float>((p % 32 < 16 ? byte % 16 : byte / 16) - 8) * scales[i * 3 + p / 32];
    });
}
