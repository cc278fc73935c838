#include <tapegrad/io/safetensors_index.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("safetensors_index: what it says, in its order, and what else is in it passed over") {
    const TemporaryFolder folder;
    write_text(folder / "i",
               R"({"other":[1,{"weight_map":{"x":[]}}],"metadata":{"total_size":28,"format":{"a":null},)"
               R"("b":1.5,"total_parameters":7},"weight_map":{"b":"2.safetensors","a":"1.safetensors",)"
               R"("c":"2.safetensors"},"z":true})");
    const SafetensorsIndex found = read_safetensors_index(folder / "i");
    CHECK(found.total_size == 28);
    CHECK(found.shards == std::vector<std::string>{"2.safetensors", "1.safetensors"});
    REQUIRE(found.entries.size() == 3);
    CHECK(found.entries[0].tensor == "b");
    CHECK(found.entries[0].shard == 0);
    CHECK(found.entries[1].tensor == "a");
    CHECK(found.entries[1].shard == 1);
    CHECK(found.entries[2].shard == 0);
    CHECK(to_json(found) == R"({
  "metadata": {
    "total_size": 28
  },
  "weight_map": {
    "a": "1.safetensors",
    "b": "2.safetensors",
    "c": "2.safetensors"
  }
}
)");
}

TEST_CASE("safetensors_index: little is enough") {
    const TemporaryFolder folder;
    write_text(folder / "i", R"({"weight_map":{}})");
    CHECK(!read_safetensors_index(folder / "i").total_size);
    CHECK(to_json(read_safetensors_index(folder / "i")) ==
          "{\n  \"metadata\": {},\n  \"weight_map\": {}\n}\n");
    write_text(folder / "i", R"({"metadata":{"total_size":1.2e10},"weight_map":{}})");
    CHECK(read_safetensors_index(folder / "i").total_size == 12'000'000'000);
}

TEST_CASE("safetensors_index: broken ones are refused with the file, the field and the place") {
    struct Broken {
        std::string text, message;
    };
    const auto map = [](const std::string& inside) { return R"({"weight_map":{)" + inside + "}}"; };
    const auto shard = [&](const std::string& name) { return map("\"a\":\"" + name + "\""); };
    const std::string no_name = " is no name of a file beside the index";
    const Broken cases[] = {
        {"",
         "at byte 1: invalid JSON: parsing value - unexpected end of input; expected '[', '{', or a "
         "literal"},
        {"[]", "at byte 1: [ is not expected"},
        {"1", "at byte 1: the number 1 is not expected"},
        {"{}", "at byte 2: there is no weight_map"},
        {R"({"metadata":{"total_size":1}})", "at byte 29: there is no weight_map"},
        {R"({"weight_map":[]})", "at byte 15: weight_map: [ is not expected"},
        {R"({"weight_map":null})", "at byte 18: weight_map: null is not expected"},
        {R"({"weight_map":{},"weight_map":{}})", "at byte 29: weight_map: is there twice"},
        {R"({"metadata":{},"metadata":{}})", "at byte 25: metadata: is there twice"},
        {R"({"metadata":1})", "at byte 14: metadata: the number 1 is not expected"},
        {R"({"metadata":[]})", "at byte 13: metadata: [ is not expected"},
        {R"({"metadata":{"total_size":-1}})", "metadata: total_size: the number -1 is not expected"},
        {R"({"metadata":{"total_size":1.5}})", "metadata: total_size: the number 1.5 is not expected"},
        {R"({"metadata":{"total_size":1e300}})", "metadata: total_size: the number 1e300 is not expected"},
        {R"({"metadata":{"total_size":18446744073709551615}})",
         "metadata: total_size: a number from 2^63 on is not expected"},
        {R"({"metadata":{"total_size":"1"}})", "metadata: total_size: a string is not expected"},
        {R"({"metadata":{"total_size":null}})", "metadata: total_size: null is not expected"},
        {R"({"metadata":{"total_size":{}}})", "metadata: total_size: { is not expected"},
        {R"({"metadata":{"total_size":[]}})", "metadata: total_size: [ is not expected"},
        {R"({"metadata":{"total_size":1,"total_size":2}})", "metadata: total_size: is there twice"},
        {R"({"x":)" + std::string(10'000, '[') + "}", "at byte 37: nested more than 32 deep"},
        {map(R"("a":1)"), "at byte 21: weight_map: tensor 'a': the number 1 is not expected"},
        {map(R"("a":null)"), "weight_map: tensor 'a': null is not expected"},
        {map(R"("a":{})"), "weight_map: tensor 'a': { is not expected"},
        {map(R"("a":[])"), "weight_map: tensor 'a': [ is not expected"},
        {map(R"("a":"1","a":"2")"), "at byte 0: weight_map: tensor 'a' is there twice"},
        {map(R"("a":"1","\u0061":"1")"), "at byte 0: weight_map: tensor 'a' is there twice"},
        {shard("../../etc/passwd"), "weight_map: tensor 'a': '../../etc/passwd'" + no_name},
        {shard("/etc/passwd"), "weight_map: tensor 'a': '/etc/passwd'" + no_name},
        {shard("x/y"), "weight_map: tensor 'a': 'x/y'" + no_name},
        {shard("x\\\\y"), "weight_map: tensor 'a': 'x\\y'" + no_name},
        {shard(".."), "weight_map: tensor 'a': '..'" + no_name},
        {shard("."), "weight_map: tensor 'a': '.'" + no_name},
        {shard(""), "weight_map: tensor 'a': ''" + no_name},
        {shard("x\\u0000.safetensors"), "weight_map: tensor 'a': 'x?.safetensors'" + no_name},
    };
    const TemporaryFolder folder;
    const std::string path = folder / "model.safetensors.index.json";
    for (const Broken& broken : cases) {
        CAPTURE(broken.text.substr(0, 100));
        write_text(path, broken.text);
        try {
            read_safetensors_index(path);
            FAIL_CHECK("no error");
        } catch (const IoError& e) {
            const std::string message = e.what();
            INFO(message);
            CHECK(message.starts_with("safetensors_index: " + path + ": at byte "));
            CHECK(message.ends_with(broken.message));
        }
    }
}

TEST_CASE("safetensors_index: a file cut anywhere is refused") {
    const TemporaryFolder folder;
    const std::string whole = R"({"metadata":{"total_size":28},"weight_map":{"a":"1","b":"2"}})";
    for (std::size_t n = 0; n < whole.size(); ++n) {
        write_text(folder / "i", whole.substr(0, n));
        CHECK_THROWS_AS(read_safetensors_index(folder / "i"), IoError);
    }
}
