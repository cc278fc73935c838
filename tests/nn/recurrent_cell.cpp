#include <tapegrad/nn/recurrent_cell.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("recurrent_cell: torch.nn") {
    Generator g(1);
    LSTMCell<double> lstm(2, 4, g);
    support::check_module("lstm.cell", lstm, [&](const auto& x) {
        const auto out = lstm(x[0], x[1], x[2]);
        return std::vector{out.h, out.c};
    });
    GRUCell<double> gru(2, 4, g);
    support::check_module("gru.cell", gru, [&](const auto& x) { return std::vector{gru(x[0], x[1])}; });
    RNNCell<double> rnn(2, 4, g);
    support::check_module("rnn.cell", rnn, [&](const auto& x) { return std::vector{rnn(x[0], x[1])}; });
    CHECK(support::same_bits(rnn(ones<double>({3, 2})), rnn(ones<double>({3, 2}), zeros<double>({3, 4}))));
}

TEST_CASE("recurrent_cell: errors") {
    Generator g(1);
    const GRUCell<double> cell(2, 4, g);
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(cell(zeros<double>({3, 3})));
          }) == "GRUCell: x (3, 3) must be (batch, 2)");
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(cell(zeros<double>({3, 2}), zeros<double>({2, 4})));
          }) == "GRUCell: h (2, 4) must be (3, 4)");
}
