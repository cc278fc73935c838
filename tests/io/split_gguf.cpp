#include <tapegrad/io/split_gguf.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/gguf_writer.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
void write_part(const std::string& path, const char* name, float value, std::uint16_t no,
                std::uint16_t count = 2, std::int32_t tensors = 2) {
    StateDict dict;
    dict.add(name, Tensor<float>{value});
    save_gguf(
        path, dict,
        {{"split.no", no}, {"split.count", count}, {"split.tensors.count", tensors}, {"general.name", "m"}});
}
std::string error_of(const std::string& path) {
    try {
        static_cast<void>(SplitGguf(path));
    } catch (const IoError& e) {
        return e.what();
    }
    return "no error";
}
}

TEST_CASE("split_gguf: parts are one file") {
    const TemporaryFolder folder;
    const std::string first = folder / "m-00001-of-00002.gguf", second = folder / "m-00002-of-00002.gguf";
    write_part(first, "b", 1, 0);
    write_part(second, "a", 2, 1);
    const SplitGguf file(first);
    CHECK(file.names() == std::vector<std::string>{"b", "a"});
    CHECK(file.load<float>("a").item() == 2);
    CHECK(file.load<float>("b").item() == 1);
    CHECK(file.info("a").stored == "F32");
    CHECK(file.metadata().string("general.name") == "m");
    CHECK(!file.contains("c"));
    CHECK_THROWS_WITH_AS(file.load_any("c"), ("split_gguf: " + first + ": there is no tensor 'c'").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(file.load<double>("a"),
                         ("split_gguf: " + first + ": tensor 'a' holds F32, not float64").c_str(), IoError);
}

TEST_CASE("split_gguf: parts that do not belong together") {
    const TemporaryFolder folder;
    const std::string first = folder / "m-00001-of-00002.gguf", second = folder / "m-00002-of-00002.gguf";
    write_part(first, "a", 1, 0);
    CHECK(error_of(first) == "gguf: " + second + ": cannot be opened: No such file or directory");
    write_part(second, "a", 2, 1);
    CHECK(error_of(first) == "split_gguf: " + first + ": tensor 'a' is in two parts");
    write_part(second, "b", 2, 0);
    CHECK(error_of(first) == "gguf: " + second + ": split.no: 0 in the file that is named 2");
    write_part(second, "b", 2, 1, 3);
    CHECK(error_of(first) == "gguf: " + second + ": split.count: 3 in a file that is named one of 2");
    write_part(second, "b", 2, 1);
    write_part(first, "a", 1, 0, 2, 5);
    CHECK(error_of(first) == "gguf: " + first + ": split.tensors.count: 5, the parts hold 2");
    CHECK(error_of(second) ==
          "split_gguf: " + second + ": is not named as the first of several, x-00001-of-00003.gguf");
}

TEST_CASE("split_gguf: names") {
    CHECK(detail::gguf_parts("/x/m-00001-of-00012.gguf") == 12);
    for (const char* other : {"", "m.gguf", "m-00002-of-00012.gguf", "m-00001-of-0012.gguf",
                              "m-00001-of-000x2.gguf", "m-00001-of-00000.gguf", "-00001-of-00012.bin"})
        CHECK(detail::gguf_parts(other) == 0);
    CHECK(detail::gguf_part("m-00001-of-00012.gguf", 10) == "m-00011-of-00012.gguf");
}
