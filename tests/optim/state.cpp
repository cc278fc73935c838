#include <tapegrad/optim/state.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
struct State {
    Buffer<int64_t> step;
    Buffer<float> mean, top;
    TAPEGRAD_FIELDS(step, mean, top);
};
}

TEST_CASE("state: begins when it is asked for") {
    State state;
    CHECK(detail::count_step(state.step) == 1);
    CHECK(detail::count_step(state.step) == 2);
    CHECK(detail::kept(state.mean, {2}, 3.0F)[1] == 3);
    detail::kept(state.mean, {2})[1] = 4;
    CHECK(state.mean(1) == 4);
    CHECK(detail::kept(detail::kept_if(false, state.top), {2}).data == nullptr);
    CHECK(!state.top.defined());
    const float* const top = detail::kept(detail::kept_if(true, state.top), {2}).data;
    CHECK(top == state.top.data());
}

TEST_CASE("state: saved by name, loaded by copy; what was not there is not there") {
    State state;
    detail::count_step(state.step);
    detail::kept(state.mean, {2}, 3.0F);
    StateDict dict;
    detail::save_state(dict, state, 7);
    CHECK(dict.size() == 2);
    CHECK(dict.get<int64_t>("7.step").item() == 1);
    State loaded;
    const auto shape_of = [](std::string_view field, DType) { return field == "step" ? Shape{} : Shape{2}; };
    CHECK(detail::load_state("SGD", dict, loaded, 7, shape_of) == 2);
    CHECK(loaded.mean(0) == 3);
    CHECK(!loaded.mean.is_same(state.mean));
    CHECK(!loaded.top.defined());
    CHECK(detail::load_state("SGD", dict, loaded, 8, shape_of) == 0);
}

TEST_CASE("state: errors") {
    StateDict dict;
    dict.add("0.mean", ones<double>({2}));
    State state;
    CHECK_THROWS_WITH_AS(
        detail::load_state("SGD", dict, state, 0, [](std::string_view, DType) { return Shape{2}; }),
        "SGD: the state 0.mean is (2,) of float64, not (2,) of float32", ValueError);
    CHECK_THROWS_WITH_AS(detail::saved_number("SGD", dict, "0.mean"), "SGD: the state has no number 0.mean",
                         ValueError);
    CHECK_THROWS_WITH_AS(detail::check_not_negative("SGD", {{"lr", 1}, {"momentum", -0.5}}),
                         "SGD: momentum is -0.5; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(detail::check_decays("Adam", {{"beta1", 0}, {"beta2", 1}}),
                         "Adam: beta2 is 1; it must be in [0, 1)", ValueError);
}
