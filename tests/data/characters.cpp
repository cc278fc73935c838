#include <tapegrad/data/characters.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("characters: the sorted bytes of a text") {
    const Characters c("hello\n");
    CHECK(c.size() == 5);
    CHECK(c.vocabulary() == "\nehlo");
    CHECK(to_vector(c.encode("hello")) == std::vector<int64_t>{2, 1, 3, 3, 4});
    CHECK(c.decode(c.encode("hole\n")) == "hole\n");
    CHECK(Characters(c.vocabulary()).vocabulary() == c.vocabulary());
    CHECK(c.encode("").numel() == 0);
    CHECK(Characters().size() == 0);
}

TEST_CASE("characters: every byte") {
    std::string all;
    for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
    const Characters c(all);
    CHECK(c.size() == 256);
    CHECK(c.encode(all)(0) == 255);
    CHECK(c.decode(c.encode(all)) == all);
}

TEST_CASE("characters: errors") {
    const Characters c("abc");
    CHECK_THROWS_WITH_AS(c.encode("abd"), "characters: byte 100 at place 2 is not in the vocabulary",
                         ValueError);
    CHECK_THROWS_WITH_AS(c.decode(Tensor<int64_t>{0, 3}), "characters: token 3 at place 1 is outside [0, 3)",
                         IndexError);
    CHECK_THROWS_AS(c.decode(Tensor<int64_t>{-1, 1}), IndexError);
}
