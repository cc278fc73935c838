#include <tapegrad/nn/load_state_dict.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

struct Affine {
    Tensor<float> weight = zeros<float>({2, 3});
    Tensor<float> bias = zeros<float>({2});
    Buffer<int64_t> steps = zeros<int64_t>({});
    TAPEGRAD_FIELDS(weight, bias, steps);
};

}

TEST_CASE("load_state_dict: copies values and keeps handles") {
    Affine from, to;
    from.weight = Tensor<float>{{1, 2, 3}, {4, 5, 6}};
    from.steps.mutable_data()[0] = 9;
    const Tensor<float> handle = to.weight;
    CHECK(load_state_dict(to, state_dict(from)).ok());
    CHECK(handle(1, 2) == 6);
    CHECK(to.steps.item() == 9);
    from.weight.mutable_data()[0] = 100;
    CHECK(to.weight(0, 0) == 1);
    // Its own state is no conflict.
    CHECK(load_state_dict(to, state_dict(to)).ok());
}

TEST_CASE("load_state_dict: converts between floating types") {
    Affine module;
    StateDict dict;
    dict.add("weight", full<double>({2, 3}, 0.1));
    dict.add("bias", detail::cast<bfloat16>(full<float>({2}, 1.5F)));
    dict.add("steps", full<int64_t>({}, 3));
    CHECK(load_state_dict(module, dict).ok());
    CHECK(module.weight(1, 1) == 0.1F);
    CHECK(module.bias(1) == 1.5F);
}

TEST_CASE("load_state_dict: strict throws the report and writes nothing") {
    Affine module;
    StateDict dict;
    dict.add("weight", ones<float>({3, 2}));
    dict.add("bias", ones<float>({2}));
    dict.add("gain", ones<float>({1}));
    CHECK_THROWS_WITH_AS(load_state_dict(module, dict),
                         "load_state_dict: the keys do not fit\n"
                         "1 missing:\n  steps\n"
                         "1 unexpected:\n  gain\n"
                         "1 misshaped:\n  weight: (2, 3) in the module, (3, 2) in the dictionary",
                         ValueError);
    CHECK(module.bias(0) == 0);
    const LoadReport report = load_state_dict(module, dict, {.strict = false});
    CHECK(report.missing == std::vector<std::string>{"steps"});
    CHECK(report.unexpected == std::vector<std::string>{"gain"});
    CHECK(report.misshaped.size() == 1);
    CHECK(module.bias(0) == 1);
    CHECK(module.weight(0, 0) == 0);
}

TEST_CASE("load_state_dict: integers are not converted") {
    Affine module;
    StateDict dict = state_dict(module).under("");
    StateDict wrong;
    for (const NamedTensor& entry : dict)
        wrong.add(entry.name, entry.name == "steps" ? TensorBase(zeros<float>({})) : entry.tensor);
    const LoadReport report = load_state_dict(module, wrong, {.strict = false});
    CHECK(report.misshaped ==
          std::vector<std::string>{"steps: int64 in the module, float32 in the dictionary"});
}

namespace {
struct Tied {
    Tensor<float> table = zeros<float>({2}), head = table;
    TAPEGRAD_FIELDS(table, head);
};
}

TEST_CASE("load_state_dict: a shared tensor may come under any of its names") {
    for (const char* name : {"table", "head"}) {
        Tied tied;
        StateDict dict;
        dict.add(name, Tensor<float>{3, 4});
        CHECK(load_state_dict(tied, dict).ok());
        CHECK(tied.head(1) == 4);
        CHECK(tied.table.is_same(tied.head));
    }
    Tied tied;
    CHECK(load_state_dict(tied, StateDict(), {.strict = false}).missing.size() == 2);
}
