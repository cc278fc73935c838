#include <tapegrad/io/sharded_safetensors.hpp>

#include <doctest/doctest.h>

#include <thread>

#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

/// a, b in the first file; c in the second; the index also names d, which the second lacks, and e, whose file
/// is not there.
std::string write_model(const TemporaryFolder& folder) {
    StateDict first, second;
    first.add("a", Tensor<float>{1, 2});
    first.add("b", Tensor<int64_t>{3});
    second.add("c", Tensor<float>{4});
    save_safetensors(folder / "1.safetensors", first);
    save_safetensors(folder / "2.safetensors", second);
    write_text(folder / "i.json",
               R"({"weight_map":{"c":"2.safetensors","a":"1.safetensors","b":"1.safetensors",)"
               R"("d":"2.safetensors","e":"3.safetensors","f":"i.json"}})");
    return folder / "i.json";
}

}

TEST_CASE("sharded_safetensors: no more files are opened than are needed") {
    const TemporaryFolder folder;
    const ShardedSafetensors file(write_model(folder));
    CHECK(file.names() == std::vector<std::string>{"c", "a", "b", "d", "e", "f"});
    CHECK(file.contains("e"));
    CHECK(!file.contains("x"));
    CHECK(file.opened() == 0);
    CHECK(to_vector(file.load<float>("a")) == std::vector<float>{1, 2});
    CHECK(file.info("b").dtype == DType::int64);
    CHECK(file.opened() == 1);
    CHECK(file.load<float>("c").item() == 4);
    CHECK(file.opened() == 2);
}

TEST_CASE("sharded_safetensors: what is not there is named") {
    const TemporaryFolder folder;
    const std::string path = write_model(folder);
    const ShardedSafetensors file(path);
    CHECK_THROWS_WITH_AS(file.load_any("d"),
                         ("safetensors_index: " + path + ": tensor 'd' is not in 2.safetensors").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(
        file.load_any("e"),
        ("safetensors: " + (folder / "3.safetensors") + ": cannot be opened: No such file or directory")
            .c_str(),
        IoError);
    CHECK_THROWS_WITH_AS(file.load_any("x"),
                         ("safetensors_index: " + path + ": there is no tensor 'x'").c_str(), IoError);
    CHECK_THROWS_WITH_AS(file.load<double>("a"),
                         ("safetensors_index: " + path + ": tensor 'a' holds F32, not float64").c_str(),
                         IoError);
    CHECK_THROWS_AS(file.load_all(), IoError);
    // An index that names an index.
    CHECK_THROWS_WITH_AS(file.load_any("f"),
                         ("safetensors: " + path +
                          ": at byte 0: a header of 8388068008349082235 bytes; the format allows 100000000")
                             .c_str(),
                         IoError);
}

TEST_CASE("sharded_safetensors: by several threads at once") {
    const TemporaryFolder folder;
    const ShardedSafetensors file(write_model(folder));
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 50; ++k)
                right += file.load<float>("c").item() == 4 && file.load<float>("a").data()[1] == 2;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(right == 200);
}
