#include <tapegrad/nn/module.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

struct Leaf {
    Tensor<float> weight = zeros<float>({2, 3});
    Tensor<float> bias = zeros<float>({2});
    int size = 3;
    TAPEGRAD_FIELDS(weight, bias, size);
};
struct Switch {
    double p = 0.5;
    bool training = true;
    TAPEGRAD_FIELDS(p, training);
};
struct Tree {
    Leaf first;
    std::vector<Leaf> h = std::vector<Leaf>(2);
    std::optional<Leaf> absent, present = Leaf();
    std::tuple<Leaf, Switch> pair;
    std::vector<Switch> switches = std::vector<Switch>(2);
    Buffer<double> running = zeros<double>({4});
    Tensor<double> scale = ones<double>({});
    Tensor<float> undefined;
    std::string title = "configuration";
    TAPEGRAD_FIELDS(first, h, absent, present, pair, switches, running, scale, undefined, title);
};
/// Two names for one tensor.
struct Tied {
    Tensor<float> table = ones<float>({3, 2});
    Tensor<float> head = table;
    TAPEGRAD_FIELDS(table, head);
};

std::vector<std::string> names_of(const StateDict& dict) {
    std::vector<std::string> names;
    for (const NamedTensor& entry : dict) names.push_back(entry.name);
    return names;
}

const std::vector<std::string> parameter_names = {
    "first.weight",   "first.bias",   "h.0.weight",    "h.0.bias",    "h.1.weight", "h.1.bias",
    "present.weight", "present.bias", "pair.0.weight", "pair.0.bias", "scale"};

}

TEST_CASE("module: names are the members' names, with dots and indices") {
    const Tree tree;
    CHECK(names_of(named_parameters(tree)) == parameter_names);
    auto with_buffer = parameter_names;
    with_buffer.insert(with_buffer.end() - 1, "running");
    CHECK(names_of(state_dict(tree)) == with_buffer);
    CHECK(state_dict(tree).get<double>("running").shape() == Shape{4});
}

TEST_CASE("module: parameters are handles, by element type") {
    Tree tree;
    const auto floats = parameters(tree);
    CHECK(floats.size() == 10);
    CHECK(floats[0].is_same(tree.first.weight));
    CHECK(parameters<double>(tree).size() == 1);
    CHECK(parameters<double>(tree)[0].is_same(tree.scale));
    CHECK(count_parameters(tree) == 5 * 8 + 1);
}

TEST_CASE("module: a shared tensor is one parameter with two names in the state") {
    const Tied tied;
    CHECK(parameters(tied).size() == 1);
    CHECK(count_parameters(tied) == 6);
    CHECK(names_of(named_parameters(tied)) == std::vector<std::string>{"table"});
    CHECK(names_of(state_dict(tied)) == std::vector<std::string>{"table", "head"});
    CHECK(names_of(state_dict_once(tied)) == std::vector<std::string>{"table"});
}

TEST_CASE("module: for_each_parameter can write, also to one of a const module only read") {
    Tree tree;
    int count = 0;
    for_each_parameter(tree, [&]<class T>(std::string_view name, Tensor<T>& x) {
        ++count;
        if (name == "h.1.bias") x.mutable_data()[0] = T(7);
    });
    CHECK(count == 11);
    CHECK(tree.h[1].bias(0) == 7);
}

TEST_CASE("module: clone shares nothing, keeps ties and what requires a gradient") {
    Tied tied;
    tied.table.requires_grad_();
    const Tied copy = clone(tied);
    CHECK(copy.table.is_same(copy.head));
    CHECK(!copy.table.is_same(tied.table));
    CHECK(copy.table.requires_grad());
    CHECK(copy.table.is_leaf());
    tied.table.mutable_data()[0] = 5;
    CHECK(copy.table(0, 0) == 1);

    Tree tree;
    Tree other = clone(tree);
    other.running.mutable_data()[0] = 3;
    CHECK(tree.running(0) == 0);
    CHECK(!other.undefined.defined());
    CHECK(other.title == "configuration");
}

TEST_CASE("module: requires_grad_ and zero_grad reach parameters, not buffers") {
    Tree tree;
    CHECK(!tree.first.weight.requires_grad());
    requires_grad_(tree);
    CHECK(tree.first.weight.requires_grad());
    CHECK(tree.scale.requires_grad());
    CHECK(!tree.running.requires_grad());
    tree.h[0].bias.set_grad(ones<float>({2}));
    zero_grad(tree);
    CHECK(!tree.h[0].bias.grad().defined());
    requires_grad_(tree, false);
    CHECK(!tree.first.weight.requires_grad());
}

TEST_CASE("module: train and eval set every flag; Evaluating puts them back") {
    Tree tree;
    CHECK(&eval(tree) == &tree);
    CHECK(!std::get<1>(tree.pair).training);
    CHECK(!tree.switches[1].training);
    train(tree);
    CHECK(tree.switches[1].training);
    tree.switches[0].training = false;
    {
        const Evaluating scope(tree);
        CHECK(!tree.switches[1].training);
        CHECK(!grad_enabled());
    }
    CHECK(!tree.switches[0].training);
    CHECK(tree.switches[1].training);
    CHECK(std::get<1>(tree.pair).training);
    CHECK(grad_enabled());
}
