#include <tapegrad/io/sharded_writer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/sharded_safetensors.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
StateDict five() {
    StateDict dict;
    for (int i = 0; i < 5; ++i) dict.add("t" + std::to_string(i), full<float>({4}, static_cast<float>(i)));
    dict.add("long", arange<int64_t>(0, 6));
    return dict;
}
void check_five(const WeightFile& file) {
    const StateDict dict = file.load_all();
    CHECK(dict.size() == 6);
    for (int i = 0; i < 5; ++i)
        CHECK(dict.get<float>("t" + std::to_string(i)).data()[3] == static_cast<float>(i));
    CHECK(dict.get<int64_t>("long").data()[5] == 5);
}
bool there(const std::string& path) { return std::filesystem::exists(path); }
}

TEST_CASE("sharded_writer: a file holds what fits, in order, and the index says where it is") {
    const TemporaryFolder folder;
    save_sharded(folder / "m", five(), {.max_shard_size = 40});
    CHECK(read_text(folder / "m/model.safetensors.index.json") == R"({
  "metadata": {
    "total_size": 128
  },
  "weight_map": {
    "long": "model-00004-of-00004.safetensors",
    "t0": "model-00001-of-00004.safetensors",
    "t1": "model-00001-of-00004.safetensors",
    "t2": "model-00002-of-00004.safetensors",
    "t3": "model-00002-of-00004.safetensors",
    "t4": "model-00003-of-00004.safetensors"
  }
}
)");
    check_five(ShardedSafetensors(folder / "m/model.safetensors.index.json"));
    const SafetensorsFile second(folder / "m/model-00002-of-00004.safetensors");
    CHECK(second.names() == std::vector<std::string>{"t2", "t3"});
    CHECK(*second.find_metadata("format") == "pt");
}

TEST_CASE("sharded_writer: what fits into one file is one, without an index") {
    const TemporaryFolder folder;
    save_sharded(folder.path, five());
    CHECK(folder.files() == 1);
    check_five(SafetensorsFile(folder / "model.safetensors"));
    save_sharded(folder.path, StateDict());
    CHECK(SafetensorsFile(folder / "model.safetensors").names().empty());
}

TEST_CASE("sharded_writer: a tensor that is larger than a file may be has one of its own") {
    const TemporaryFolder folder;
    save_sharded(folder.path, five(), {.max_shard_size = 1});
    CHECK(folder.files() == 7);
    check_five(ShardedSafetensors(folder / "model.safetensors.index.json"));
}

TEST_CASE("sharded_writer: an older model goes when the new one is there") {
    const TemporaryFolder folder;
    write_text(folder / "config.json", "{}");
    save_sharded(folder.path, five());
    save_sharded(folder.path, five(), {.max_shard_size = 40});
    CHECK(!there(folder / "model.safetensors"));
    CHECK(folder.files() == 6);
    save_sharded(folder.path, five(), {.max_shard_size = 80});
    CHECK(folder.files() == 4);
    check_five(ShardedSafetensors(folder / "model.safetensors.index.json"));
    save_sharded(folder.path, five(), {.max_shard_size = 79});  // under the same names
    CHECK(folder.files() == 4);
    check_five(ShardedSafetensors(folder / "model.safetensors.index.json"));
    save_sharded(folder.path, five());
    CHECK(folder.files() == 2);
    check_five(SafetensorsFile(folder / "model.safetensors"));
}

TEST_CASE("sharded_writer: an index that names files of others takes none away") {
    const TemporaryFolder folder;
    write_text(folder / "notes.txt", "mine");
    write_text(folder / "model-x-of-2.safetensors", "mine");
    write_text(folder / "model.safetensors.index.json",
               R"({"weight_map":{"a":"notes.txt","b":"model-x-of-2.safetensors"}})");
    save_sharded(folder.path, five());
    CHECK(folder.files() == 3);
    write_text(folder / "model.safetensors.index.json", "damaged");
    save_sharded(folder.path, five());
    CHECK(folder.files() == 3);
}

TEST_CASE("sharded_writer: what was not committed leaves nothing, and keeps what was there") {
    const TemporaryFolder folder;
    save_sharded(folder.path, five(), {.max_shard_size = 40});
    {
        const StateDict dict = five();
        ShardedWriter file(folder.path, detail::infos_of(dict), {.max_shard_size = 40});
        REQUIRE(file.order().size() == 6);
        for (int i = 0; i < 3; ++i) file.write(zeros<float>({4}));
        CHECK_THROWS_WITH_AS(file.commit(), "save_sharded: tensor 't3' was not written", ValueError);
    }
    CHECK(folder.files() == 5);
    check_five(ShardedSafetensors(folder / "model.safetensors.index.json"));
}

TEST_CASE("sharded_writer: errors") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(save_sharded(folder / "m", five(), {.max_shard_size = 0}),
                         "save_sharded: max_shard_size 0 is below 1", ValueError);
    CHECK_THROWS_WITH_AS(
        save_sharded(folder / "x/y", five()),
        ("save_sharded: " + (folder / "x/y") + ": cannot be made: No such file or directory").c_str(),
        IoError);
    const TensorInfo a{"a", {1}, DType::float32, "", 4};
    CHECK_THROWS_WITH_AS(ShardedWriter(folder / "m", {a, a}), "save_sharded: tensor 'a' is there twice",
                         ValueError);
    ShardedWriter file(folder / "m", {a});
    file.write(zeros<float>({1}));
    CHECK_THROWS_WITH_AS(file.write(zeros<float>({1})), "save_sharded: all 1 tensors are written",
                         ValueError);
    CHECK(detail::is_shard_name(detail::shard_name(122'222, 200'000)));
    CHECK(!detail::is_shard_name("model-.safetensors"));
    CHECK(!detail::is_shard_name("model-1-of-2-of-3.safetensors"));
    CHECK(!detail::is_shard_name("model.safetensors"));
}
