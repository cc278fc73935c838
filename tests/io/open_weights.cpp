#include <tapegrad/io/open_weights.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/sharded_writer.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("open_weights: a file, an index, or a folder with one of them") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("a", Tensor<float>{1});
    dict.add("b", Tensor<float>{2});
    save_safetensors(folder / "alone.safetensors", dict);
    save_sharded(folder / "one", dict);
    save_sharded(folder / "two", dict, {.max_shard_size = 4});
    for (const char* name : {"alone.safetensors", "one", "one/model.safetensors", "two",
                             "two/model.safetensors.index.json", "two/"}) {
        CAPTURE(name);
        const auto file = open_weights(folder / name);
        CHECK(file->names() == std::vector<std::string>{"a", "b"});
        CHECK(file->load<float>("b").item() == 2);
        CHECK(file->load_all().size() == 2);
    }
}

TEST_CASE("open_weights: a GGUF file, whatever its name") {
    const auto file = open_weights(golden("gguf_python.gguf"));
    CHECK(file->load<float>("scalar").item() == 2.5F);
    const TemporaryFolder folder;
    std::filesystem::copy_file(golden("gguf_python.gguf"), folder / "a.bin");
    CHECK(open_weights(folder / "a.bin")->info("q8_0").stored == "Q8_0");
    // Named as one of several, but it is not.
    std::filesystem::copy_file(golden("gguf_python.gguf"), folder / "a-00001-of-00002.gguf");
    CHECK_THROWS_AS(open_weights(folder / "a-00001-of-00002.gguf"), IoError);
}

TEST_CASE("open_weights: nothing there") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(
        open_weights(folder / "x"),
        ("open_weights: " + (folder / "x") + ": cannot be opened: No such file or directory").c_str(),
        IoError);
    CHECK_THROWS_WITH_AS(
        open_weights(folder.path),
        ("open_weights: " + folder.path + ": there is no model.safetensors or model.safetensors.index.json")
            .c_str(),
        IoError);
}
