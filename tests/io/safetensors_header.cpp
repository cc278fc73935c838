#include <tapegrad/io/safetensors_header.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("safetensors_header: entries in the order of the file") {
    const TemporaryFolder folder;
    const std::string header =
        R"({"b":{"shape":[2,3],"data_offsets":[4,28],"dtype":"F32"},"__metadata__":{"k":"v"},)"
        R"("a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}    )";
    std::string text(8, '\0');
    text[0] = static_cast<char>(header.size());
    write_text(folder / "a", text + header + std::string(28, '\0'));
    std::vector<SafetensorsEntry> entries;
    SafetensorsMetadata metadata;
    const InputFile file("safetensors", folder / "a");
    CHECK(detail::read_safetensors_header(file, entries, metadata) ==
          8 + static_cast<int64_t>(header.size()));
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].name == "b");
    CHECK(entries[0].shape == Shape{2, 3});
    CHECK(entries[0].begin == 4);
    CHECK(entries[1].type == "I32");
    CHECK(entries[1].shape == Shape{});
    CHECK(metadata == SafetensorsMetadata{{"k", "v"}});
}

TEST_CASE("safetensors_header: types by name") {
    CHECK(detail::safetensors_name(DType::bfloat16) == "BF16");
    CHECK(detail::safetensors_name(DType::boolean) == "BOOL");
    CHECK(detail::find_safetensors_type("F4")->bits == 4);
    CHECK(detail::find_safetensors_type("") == nullptr);
}
