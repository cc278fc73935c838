#include <tapegrad/io/weight_file.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {
/// Two tensors, and one that nobody can hold.
class Two final : public WeightFile {
public:
    std::vector<std::string> names() const override { return {"b", "a"}; }
    bool contains(std::string_view name) const override { return name == "a" || name == "b"; }
    TensorInfo info(std::string_view name) const override {
        if (!contains(name)) fail_at(name, "is not there");
        if (name == "a") return {"a", {2}, DType::float32, "F32", 8};
        return {"b", {3}, DType::bfloat16, "BF16", 6};
    }
    TensorBase load_any(std::string_view name) const override {
        if (name == "a") return Tensor<float>{1.5F, -2};
        return detail::cast<bfloat16>(Tensor<float>{1, 2, 3});
    }

private:
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        detail::fail<IoError>("two", name, " ", reason);
    }
};
}

TEST_CASE("weight_file: what every file of tensors can do") {
    const Two file;
    CHECK(file.load<float>("a").data()[1] == -2);
    CHECK_THROWS_WITH_AS(file.load<float>("b"), "two: b holds BF16, not float32", IoError);
    CHECK_THROWS_WITH_AS(file.load<double>("a"), "two: a holds F32, not float64", IoError);
    CHECK_THROWS_WITH_AS(file.load<float>("c"), "two: c is not there", IoError);
    CHECK(file.load_as<float>("b").data()[2] == 3);
    CHECK(file.load_as<double>("a").data()[0] == 1.5);
    const StateDict dict = file.load_all();
    CHECK(dict.size() == 2);
    CHECK(dict.begin()->name == "b");
    CHECK(file.infos() == std::vector<TensorInfo>{file.info("b"), file.info("a")});
    CHECK(detail::empty_any(DType::int64, {2, 3}).dtype() == DType::int64);
}
