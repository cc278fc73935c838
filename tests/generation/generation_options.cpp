#include <tapegrad/generation/generation_options.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("generated: tokens per second behind the first of each sequence") {
    Generated out;
    CHECK(out.tokens_per_second() == 0);
    out.sequences.resize(2);
    out.new_tokens = 2;
    out.seconds = out.seconds_to_first = 1;
    CHECK(out.tokens_per_second() == 0);
    out.new_tokens = 12;
    out.seconds = 3;
    CHECK(out.tokens_per_second() == 5);
}
