#include <tapegrad/io/deflate.hpp>

#include <doctest/doctest.h>

#include <tapegrad/core/random.hpp>
#include <tapegrad/io/gzip.hpp>

using namespace tapegrad;

namespace {
void check_round_trip(const std::string& text) {
    CAPTURE(text.size());
    const std::string packed = deflate(as_bytes(text));
    std::int64_t used = 0;
    const auto out = inflate(as_bytes(packed), static_cast<std::int64_t>(text.size()), used);
    CHECK(used == static_cast<std::int64_t>(packed.size()));
    CHECK(std::string(reinterpret_cast<const char*>(out.data()), out.size()) == text);
    const auto again = inflate_zlib(as_bytes(deflate_zlib(as_bytes(text))), 1 << 22);
    CHECK(std::string(reinterpret_cast<const char*>(again.data()), again.size()) == text);
    // Five bytes for each block of 65535 is what may be lost.
    CHECK(packed.size() <= text.size() + 5 * (text.size() / 65535 + 1));
}
std::string noise(std::size_t n, std::uint32_t below) {
    std::vector<std::uint32_t> words(n);
    Generator generator(n);
    fill_bits(words.data(), static_cast<int64_t>(n), generator);
    std::string text;
    for (const std::uint32_t w : words) text += static_cast<char>(w % below);
    return text;
}
}

TEST_CASE("deflate: whatever goes in comes out") {
    for (const unsigned n :
         {0u, 1u, 2u, 3u, 4u, 5u, 257u, 258u, 259u, 260u, 300u, 65534u, 65535u, 65536u, 131070u, 200'000u}) {
        check_round_trip(std::string(n, 'a'));
        check_round_trip(noise(n, 256));
        check_round_trip(noise(n, 2));
    }
    std::string far = noise(32'768, 256);  // repetitions at every distance
    for (std::size_t i = 0; i < 15; ++i) far += far.substr((std::size_t{1} << i) - 1, 40 + i);
    check_round_trip(far + far);
}

TEST_CASE("deflate: text shrinks, noise does not grow") {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "step " + std::to_string(i) + " of 2000, loss 2.5\n";
    CHECK(deflate(as_bytes(text)).size() < text.size() / 4);
    CHECK(deflate(as_bytes(std::string(1 << 20, '\0'))).size() < 16'000);
    CHECK(deflate(as_bytes(noise(65535, 256))).size() == 65535 + 5);
}
