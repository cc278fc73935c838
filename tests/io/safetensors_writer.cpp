#include <tapegrad/io/safetensors_writer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "temporary.hpp"

using namespace tapegrad;

namespace {
const std::vector<TensorInfo> infos = {{"flags", {2}, DType::boolean, "", 0},
                                       {"x", {2, 2}, DType::float32, "", 0},
                                       {"y", {}, DType::float32, "", 0}};
}

TEST_CASE("safetensors_writer: one tensor after the other") {
    const TemporaryFolder folder;
    const std::string path = folder / "a";
    SafetensorsWriter file(path, infos, {{"format", "pt"}});
    REQUIRE(file.order().size() == 3);
    CHECK(file.order()[0].name == "x");
    CHECK(file.order()[1].name == "y");
    CHECK(file.order()[2].name == "flags");
    const Tensor<float> x{{1, 2}, {3, 4}};
    file.write(detail::view_of(x, {2, 2}, {1, 2}));  // a view
    file.write(Tensor<float>(7.0F));
    file.write(Tensor<bool>{true, false});
    CHECK(!std::filesystem::exists(path));
    file.commit();
    const SafetensorsFile read(path);
    CHECK(to_vector(read.load<float>("x")) == std::vector<float>{1, 3, 2, 4});
    CHECK(read.load<float>("y").item() == 7);
    CHECK(read.load<bool>("flags").data()[0]);
    CHECK(*read.find_metadata("format") == "pt");
    CHECK(read.info("x") == TensorInfo{"x", {2, 2}, DType::float32, "F32", 16});
}

TEST_CASE("safetensors_writer: errors, after which nothing remains") {
    const TemporaryFolder folder;
    {
        SafetensorsWriter file(folder / "a", infos);
        CHECK_THROWS_WITH_AS(file.write(Tensor<float>{1, 2, 3}),
                             "safetensors: tensor 'x' was to be float32 (2, 2), not float32 (3,)",
                             ValueError);
        CHECK_THROWS_WITH_AS(file.write(zeros<double>({2, 2})),
                             "safetensors: tensor 'x' was to be float32 (2, 2), not float64 (2, 2)",
                             ValueError);
        file.write(zeros<float>({2, 2}));
        CHECK_THROWS_WITH_AS(file.commit(), "safetensors: tensor 'y' was not written", ValueError);
        file.write(Tensor<float>(1.0F));
        file.write(Tensor<bool>{true, true});
        CHECK_THROWS_WITH_AS(file.write(Tensor<bool>{true, true}), "safetensors: all 3 tensors are written",
                             ValueError);
    }
    CHECK_THROWS_WITH_AS(SafetensorsWriter(folder / "a", {infos[0], infos[0]}),
                         "safetensors: tensor 'flags' is there twice", ValueError);
    CHECK_THROWS_WITH_AS(SafetensorsWriter(folder / "a", {{"q", {1}, {}, "Q9", 1}}),
                         "safetensors: tensor 'q' holds Q9, which no tensor does", ValueError);
    CHECK(folder.files() == 0);
}
