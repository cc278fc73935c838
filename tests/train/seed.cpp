#include <tapegrad/train/seed.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("seed: everything begins again") {
    const auto draw = [](Generator& generator) {
        std::uint32_t word = 0;
        fill_bits(&word, 1, generator);
        return word;
    };
    const Streams streams = seed_everything(5);
    const std::uint32_t first = draw(default_generator());
    const int old = std::rand();
    Generator data = streams("data"), dropout = streams("dropout");
    const std::uint32_t a = draw(data), b = draw(dropout);
    CHECK(a != b);
    CHECK(a != first);
    const Streams again = seed_everything(5);
    CHECK(draw(default_generator()) == first);
    CHECK(std::rand() == old);
    Generator same = again("data"), other = seed_everything(6)("data");
    CHECK(draw(same) == a);
    CHECK(draw(other) != a);
    CHECK(again.seed() == 5);
}
