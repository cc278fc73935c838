#include <tapegrad/io/mapped_weights.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/open_weights.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

TEST_CASE("mapped_weights: a file under other names") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("blk.1.up.weight", Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    dict.add("rope", Tensor<float>{1});
    dict.add("other", Tensor<float>{2});
    save_safetensors(folder / "a", dict);
    const MappedWeights file(open_weights(folder / "a"),
                             KeyMap{{"blk.{}.up.weight", "h.{}.up", KeyAction::transpose}, {"rope", ""}});
    CHECK(file.names() == std::vector<std::string>{"h.1.up"});
    CHECK(file.contains("h.1.up"));
    CHECK(!file.contains("blk.1.up.weight"));
    CHECK(file.info("h.1.up") == TensorInfo{"h.1.up", {3, 2}, DType::float32, "F32", 24});
    CHECK(to_vector(file.load<float>("h.1.up")) == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(file.load_all().size() == 1);
    CHECK(file.report().unmatched == std::vector<std::string>{"other"});
    CHECK(file.report().dropped == std::vector<std::string>{"rope"});
    CHECK_THROWS_WITH_AS(file.load_any("x"), "mapped_weights: there is no tensor 'x'", IoError);
    CHECK_THROWS_WITH_AS(
        file.load<double>("h.1.up"),
        "mapped_weights: tensor 'h.1.up' (blk.1.up.weight in the file) holds F32, not float64", IoError);
}

TEST_CASE("mapped_weights: two that become one") {
    const TemporaryFolder folder;
    StateDict dict;
    dict.add("a", Tensor<float>{1});
    dict.add("b", Tensor<float>{1});
    save_safetensors(folder / "a", dict);
    const KeyMap map{{"a", "c"}, {"b", "c"}};
    CHECK_THROWS_WITH_AS(MappedWeights(open_weights(folder / "a"), map),
                         "mapped_weights: two tensors become 'c': a and b", ValueError);
}
