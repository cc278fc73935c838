#include <tapegrad/text/vocabulary.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("vocabulary: ten thousand tokens") {
    Vocabulary v;
    CHECK(v.find("a") == -1);
    CHECK(v.size() == 0);
    for (int64_t i = 0; i < 10'000; ++i) CHECK(v.add("token " + std::to_string(i * i), i));
    for (int64_t i = 0; i < 10'000; ++i) {
        const std::string token = "token " + std::to_string(i * i);
        if (v.find(token) != i || v[i] != token) FAIL_CHECK(token);
    }
    CHECK(v.find("token 2") == -1);
    CHECK(v.count() == 10'000);
}

TEST_CASE("vocabulary: gaps, the empty token, bytes of any value") {
    Vocabulary v;
    CHECK(v.add("", 5));
    CHECK(v.add(std::string_view("\0\xff", 2), 2));
    CHECK(v.size() == 6);
    CHECK(v.count() == 2);
    CHECK(v.find("") == 5);
    CHECK(v.find(std::string_view("\0\xff", 2)) == 2);
    CHECK(v.contains(2));
    CHECK(!v.contains(3));
    CHECK(!v.contains(-1));
    CHECK(!v.contains(6));
    CHECK(!v.add("", 7));
    CHECK(!v.add("x", 2));
    CHECK(v.add("x", 3));
}
