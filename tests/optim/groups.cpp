#include <tapegrad/optim/groups.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {
struct DecayOptions {
    double lr = 1, weight_decay = 0;
};
struct Model {
    Tensor<float> weight = ones<float>({2, 2}), bias = ones<float>({2}), scale = ones<float>({2});
    Tensor<double> wide = ones<double>({2, 2});
    TAPEGRAD_FIELDS(weight, bias, scale, wide);
};
}

TEST_CASE("groups: by rank or predicate") {
    const Tensor<float> w = ones<float>({2, 2}), b = ones<float>({2});
    const auto groups = decay_groups(std::vector{b, w}, DecayOptions{.lr = 0.5, .weight_decay = 0.1});
    CHECK(groups[0].parameters.size() == 1);
    CHECK(groups[0].parameters[0].is_same(w));
    CHECK(groups[0].options.weight_decay == 0.1);
    CHECK(groups[1].parameters[0].is_same(b));
    CHECK(groups[1].options.weight_decay == 0);
    CHECK(groups[1].options.lr == 0.5);
    const auto all =
        decay_groups(std::vector{b, w}, DecayOptions(), [](const Tensor<float>&) { return true; });
    CHECK(all[0].parameters.size() == 2);
    CHECK(all[1].parameters.empty());
}

TEST_CASE("groups: of a module, by rank or by name") {
    const Model model;
    const DecayOptions options{.weight_decay = 0.1};
    const auto by_rank = decay_groups(model, options);
    CHECK(by_rank[0].parameters.size() == 1);
    CHECK(by_rank[0].parameters[0].is_same(model.weight));
    CHECK(by_rank[1].parameters.size() == 2);
    const auto by_name = decay_groups(
        model, options, [](std::string_view name, const Tensor<float>&) { return name != "bias"; });
    CHECK(by_name[0].parameters.size() == 2);
    CHECK(by_name[1].parameters.size() == 1);
    CHECK(by_name[1].parameters[0].is_same(model.bias));
    CHECK(decay_groups<double>(model, options)[0].parameters[0].is_same(model.wide));
}
