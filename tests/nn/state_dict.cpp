#include <tapegrad/nn/state_dict.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("state_dict: keeps the order, finds by name") {
    StateDict dict;
    dict.add("z", zeros<float>({1}));
    dict.add("a", zeros<int64_t>({2}));
    dict.add("m", zeros<double>({3}));
    CHECK(dict.size() == 3);
    CHECK(dict.begin()->name == "z");
    CHECK(dict.find("a")->shape() == Shape{2});
    CHECK(dict.find("b") == nullptr);
    CHECK(dict.find("") == nullptr);
    CHECK(dict.get<double>("m").numel() == 3);
}

TEST_CASE("state_dict: prefixes") {
    StateDict inner, outer;
    inner.add("x", ones<float>({1}));
    outer.add("x", zeros<float>({1}));
    outer.add_all("model.", inner);
    CHECK(outer.get<float>("model.x")(0) == 1);
    CHECK(outer.under("model.").size() == 1);
    CHECK(outer.under("model.").get<float>("x")(0) == 1);
}

TEST_CASE("state_dict: many names") {
    std::vector<NamedTensor> entries;
    const auto x = zeros<float>({1});
    for (int i = 0; i < 1000; ++i) entries.push_back({std::to_string(i * 7919 % 1000), x});
    const StateDict dict(std::move(entries));
    for (int i = 0; i < 1000; ++i) CHECK(dict.contains(std::to_string(i)));
    CHECK(!dict.contains("1000"));
}

TEST_CASE("state_dict: errors") {
    StateDict dict;
    dict.add("w", zeros<float>({1}));
    CHECK_THROWS_WITH_AS(dict.add("w", zeros<float>({1})), "state_dict: the name 'w' is there twice",
                         ValueError);
    CHECK_THROWS_WITH_AS(StateDict({{"w", {}}, {"w", {}}}), "state_dict: the name 'w' is there twice",
                         ValueError);
    CHECK_THROWS_WITH_AS(dict.get<float>("v"), "state_dict: there is no v", IndexError);
    CHECK_THROWS_WITH_AS(dict.get<double>("w"), "state_dict: w holds float32, not float64", DtypeError);
}
