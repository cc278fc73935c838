#include <tapegrad/nn/recurrent.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class M, bool Two>
void check(const std::string& name) {
    Generator g(1);
    for (const char* what : {"plain", "states", "deep"}) {
        const bool deep = what == std::string("deep");
        M net(2, 4, g,
              {.num_layers = deep ? 2 : 1,
               .bias = what != std::string("states"),
               .batch_first = deep,
               .bidirectional = deep});
        support::check_module(name + '.' + what, net, [&](const auto& x) {
            const Tensor<double> h = x.size() > 1 ? x[1] : Tensor<double>();
            if constexpr (Two) {
                const auto out = net(x[0], h, x.size() > 2 ? x[2] : Tensor<double>());
                return std::vector{out.y, out.h, out.c};
            } else {
                const auto out = net(x[0], h);
                return std::vector{out.y, out.h};
            }
        });
    }
}

}

TEST_CASE("recurrent: torch.nn") {
    check<LSTM<double>, true>("lstm");
    check<GRU<double>, false>("gru");
    Generator g(1);
    for (const bool relu : {false, true}) {
        RNN<double> net(2, 4, g, {.num_layers = relu ? 1 : 2, .bidirectional = !relu, .relu = relu});
        support::check_module(relu ? "rnn.relu" : "rnn.tanh", net, [&](const auto& x) {
            const auto out = net(x[0]);
            return std::vector{out.y, out.h};
        });
    }
}

TEST_CASE("recurrent: keys, start and dropout") {
    Generator g(1);
    GRU<double> net(3, 4, g, {.num_layers = 2, .bias = false, .dropout = 0.5, .bidirectional = true});
    std::vector<std::string> names;
    for (const NamedTensor& entry : state_dict(net)) names.push_back(entry.name);
    CHECK(names == std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse",
                                            "weight_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1",
                                            "weight_ih_l1_reverse", "weight_hh_l1_reverse"});
    for_each_parameter(net, [](std::string_view, const Tensor<double>& p) {
        for (const double v : to_vector(p)) CHECK(std::fabs(v) <= 0.5);
    });
    const Tensor<double> x = support::normal<double>({5, 2, 3});
    CHECK_FALSE(support::same_bits(net(x).y, net(x).y));
    eval(net);
    CHECK(support::same_bits(net(x).y, net(x).y));
}

TEST_CASE("recurrent: errors") {
    Generator g(1);
    const LSTM<double> net(3, 4, g);
    const Tensor<double> x = zeros<double>({5, 2, 3});
    CHECK(message<ShapeError>([&] {
              static_cast<void>(net(zeros<double>({5, 2, 4})));
          }) == "LSTM: x (5, 2, 4) must be (time, batch, 3), of at least one time step");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(net(zeros<double>({0, 2, 3})));
          }) == "LSTM: x (0, 2, 3) must be (time, batch, 3), of at least one time step");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(net(x, zeros<double>({1, 2, 3})));
          }) == "LSTM: h0 (1, 2, 3) must be (1, 2, 4)");
    CHECK(message<ShapeError>([&] { static_cast<void>(LSTM<double>(3, 0, g)); }) ==
          "recurrent: hidden size 0 is not positive");
}
