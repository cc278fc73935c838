#include <tapegrad/core/version.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("version: the text agrees with the numbers") {
    CHECK(std::string(tapegrad::version()) == std::to_string(TAPEGRAD_VERSION_MAJOR) + "." +
                                                  std::to_string(TAPEGRAD_VERSION_MINOR) + "." +
                                                  std::to_string(TAPEGRAD_VERSION_PATCH));
    static_assert(tapegrad::version() != nullptr);
}
