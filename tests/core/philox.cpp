#include <tapegrad/core/philox.hpp>

#include <doctest/doctest.h>

#include <bit>

using namespace tapegrad;
using Words = std::array<std::uint32_t, 4>;

TEST_CASE("philox: known answers of Random123") {
    constexpr std::uint32_t ones = 0xffffffffu;
    CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
    CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
          Words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
    // Digits of pi.
    CHECK(philox({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}) ==
          Words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
    static_assert(philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5u);
}

TEST_CASE("philox: a group is the counters one by one") {
    const std::uint64_t big = 0x0123456789abcdefu, top = std::uint64_t{1} << 28;
    int wrong = 0;
    for (const RandomState state :
         {RandomState{0, 0, 0}, RandomState{big, ~big, 7}, RandomState{~big, big, top - 1}}) {
        for (std::uint64_t group = 0; group < 3; ++group) {
            std::uint32_t words[random_group + 1];
            words[random_group] = 0x5a5a5a5au;
            random_words(state, group, words);
            for (std::uint32_t i = 0; i < 16; ++i) {
                const std::uint64_t counter = (state.offset + group) * 16 + i;
                const Words expected = philox(
                    {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
                     static_cast<std::uint32_t>(state.stream),
                     static_cast<std::uint32_t>(state.stream >> 32)},
                    {static_cast<std::uint32_t>(state.seed), static_cast<std::uint32_t>(state.seed >> 32)});
                for (std::uint32_t w = 0; w < 4; ++w) wrong += words[16 * w + i] != expected[w];
            }
            wrong += words[random_group] != 0x5a5a5a5au;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("philox: one bit of counter or key changes half of the bits") {
    const std::array<std::uint32_t, 4> counter{1, 2, 3, 4};
    const std::array<std::uint32_t, 2> key{5, 6};
    const Words base = philox(counter, key);
    int changed = 0;
    for (int bit = 0; bit < 192; ++bit) {
        auto c = counter;
        auto k = key;
        const std::uint32_t mask = 1u << (bit % 32);
        if (bit < 128)
            c[static_cast<std::size_t>(bit / 32)] ^= mask;
        else
            k[static_cast<std::size_t>(bit / 32 - 4)] ^= mask;
        const Words out = philox(c, k);
        for (std::size_t w = 0; w < 4; ++w) changed += std::popcount(out[w] ^ base[w]);
    }
    // 192 * 128 fair coins: 12288 with a standard deviation of 78; five of those either way.
    CHECK(changed > 12288 - 392);
    CHECK(changed < 12288 + 392);
}
