#include <tapegrad/text/text_file.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"

using namespace tapegrad;

TEST_CASE("text file: lines") {
    std::string out;
    const auto add = [&](std::string_view line, int64_t at) {
        out += std::to_string(at) + ":" + std::string(line) + ";";
    };
    detail::for_each_line("a\r\n\nb", add);
    CHECK(out == "0:a;3:;4:b;");
    out.clear();
    detail::for_each_line("", add);
    CHECK(out.empty());
}

TEST_CASE("text file: whole, and in messages") {
    const TemporaryFolder folder;
    write_text(folder / "x", std::string("a\0b", 3));
    CHECK(detail::read_all(InputFile("text", folder / "x")) == std::string("a\0b", 3));
    CHECK(detail::shown("a\nb") == "'a?b'");
    CHECK(detail::shown(std::string(100, 'x')) == "'" + std::string(80, 'x') + "...'");
}
