#include <tapegrad/nn/sequential.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/activation.hpp>
#include <tapegrad/nn/dropout.hpp>
#include <tapegrad/nn/linear.hpp>

using namespace tapegrad;

namespace {
struct Net {
    Sequential<Linear<>, ReLU, Dropout, Linear<>> body;
    ModuleList<Linear<>> heads;
    TAPEGRAD_FIELDS(body, heads);
};
std::vector<std::string> names_of(const auto& module) {
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(module)) names.push_back(entry.name);
    return names;
}
}

TEST_CASE("sequential: layers behind each other, functions too") {
    Generator g(1);
    Sequential net(
        Linear(2, 3, g), ReLU(), [](const auto& x) { return x * 2; }, Linear(3, 1, g));
    const Tensor<float> x{{1, 2}};
    CHECK(to_vector(net(x)) == to_vector(net.get<3>()(relu(net.get<0>()(x)) * 2)));
    CHECK(names_of(net) == std::vector<std::string>{"0.weight", "0.bias", "3.weight", "3.bias"});
    CHECK(parameters(net).size() == 4);
    CHECK(Sequential<>()(x).is_same(x));
}

TEST_CASE("sequential: inside a module its keys have its name") {
    Generator g(1);
    Net net{Sequential(Linear(2, 2, g), ReLU(), Dropout(), Linear(2, 2, g)),
            {Linear(2, 1, g), Linear(2, 1, g)}};
    CHECK(names_of(net) == std::vector<std::string>{"body.0.weight", "body.0.bias", "body.3.weight",
                                                    "body.3.bias", "heads.0.weight", "heads.0.bias",
                                                    "heads.1.weight", "heads.1.bias"});
    eval(net);
    CHECK(!net.body.get<2>().training);
}
