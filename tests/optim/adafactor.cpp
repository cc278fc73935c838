#include <tapegrad/optim/adafactor.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("adafactor: equals torch.optim.Adafactor over 100 steps") {
    const auto check = [](const char* name, const AdafactorOptions& o) {
        reference::equals_golden<Adafactor<float>, Adafactor<double>>(name, o);
    };
    check("adafactor", {});
    check("adafactor_options",
          {.beta2_decay = -0.5, .eps1 = 1e-4, .eps2 = 1e-2, .d = 2, .weight_decay = 0.1});
}

TEST_CASE("adafactor: a saved state continues bit for bit") {
    reference::resumes<Adafactor<float>>(AdafactorOptions{});
}

TEST_CASE("adafactor: shapes: keeps a row and a column of each matrix, all of a vector, nothing of nothing") {
    Tensor<float> vector = ones<float>({3}), matrices = ones<float>({2, 3, 4}), none = ones<float>({0, 3});
    Adafactor optimizer(std::vector{vector, matrices, none});
    for (Tensor<float> p : {vector, matrices, none}) p.set_grad(full<float>(p.shape(), 2));
    optimizer.step();
    const StateDict state = optimizer.state_dict();
    CHECK(state.get<float>("0.variance").shape() == Shape{3});
    CHECK(!state.contains("0.row_var"));
    CHECK(state.get<float>("1.row_var").shape() == Shape{2, 3, 1});
    CHECK(state.get<float>("1.col_var").shape() == Shape{2, 1, 4});
    CHECK(!state.contains("1.variance"));
    CHECK(matrices(1, 2, 3) == doctest::Approx(0.99));  // a constant gradient is scaled to 1
    optimizer.load_state_dict(state);
    CHECK(optimizer.state_dict().size() == state.size());
}

TEST_CASE("adafactor: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Adafactor(params, {.beta2_decay = 1}),
                         "Adafactor: beta2_decay is 1; it must not be positive", ValueError);
    CHECK_THROWS_WITH_AS(Adafactor(params, {.eps1 = -1}), "Adafactor: eps1 is -1; it must not be negative",
                         ValueError);
    CHECK_THROWS_WITH_AS(Adafactor(params, {.d = 0.5}), "Adafactor: d is 0.5; it must be at least 1",
                         ValueError);
}
