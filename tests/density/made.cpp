#include <tapegrad/density/made.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;

namespace {

/// Outputs of a variable see those before it in the order, all of them, and nothing else.
template <class Act>
void check_mask(Made<double, Act>& net, const Tensor<double>& context = {}, bool every = true) {
    requires_grad_(net, false);
    for (auto& block : net.blocks)  // first values close to 0 hide nothing
        for (auto& layer : block.linear_layers) layer.weight = support::normal<double>(layer.weight.shape());
    const int64_t n = net.features();
    const std::vector<int64_t> place = to_vector(net.degrees());
    const auto f = [&](const Tensor<double>& x) {
        return reshape(net(unsqueeze(x, 0), context), {n * net.outputs});
    };
    const auto sees = support::dependencies(f, support::normal<double>({n}));
    for (int64_t a = 0; a < n * net.outputs; ++a)
        for (int64_t b = 0; b < n; ++b) {
            const auto own = static_cast<std::size_t>(a / net.outputs), other = static_cast<std::size_t>(b);
            const bool may = place[other] < place[own], does = sees[static_cast<std::size_t>(a)][other];
            CHECK_MESSAGE((every ? does == may : !does || may), "output ", a, ", input ", b);
        }
}

}

TEST_CASE("made: outputs see the variables before theirs") {
    Generator g(3);
    SUBCASE("feedforward, context, two outputs") {
        Made<double, Tanh> net(6, {.hidden = {40, 30, 20}, .outputs = 2, .context = 3}, g);
        check_mask(net, support::normal<double>({1, 3}));
    }
    SUBCASE("residual") {
        Made<double, Tanh> net(6, {.hidden = {25, 25, 25}, .outputs = 3, .residual = true}, g);
        check_mask(net);
        net.resample_order(g);
        check_mask(net);
    }
    SUBCASE("random order, one hidden layer, direct") {
        Made<double, Tanh> net(7, {.hidden = {30}, .direct = true, .order = VariableOrder::random}, g);
        CHECK(to_vector(net.degrees()) != std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7});
        check_mask(net);
        net.set_order({7, 6, 5, 4, 3, 2, 1}, g);
        check_mask(net);
        CHECK(to_vector(net.degrees()) == std::vector<int64_t>{7, 6, 5, 4, 3, 2, 1});
    }
    SUBCASE("random degrees, which are drawn anew") {
        Made<double, Tanh> net(5, {.hidden = {60, 60}, .degrees = HiddenDegrees::random}, g);
        check_mask(net, {}, false);
        const auto before = to_vector(net.initial_layer.degrees);
        net.resample_hidden(g);
        CHECK(to_vector(net.initial_layer.degrees) != before);
        CHECK(to_vector(net.degrees()) == std::vector<int64_t>{1, 2, 3, 4, 5});
        check_mask(net, {}, false);
    }
    SUBCASE("one variable sees nothing") {
        Made<double, Tanh> net(1, {.hidden = {4, 4}, .outputs = 2}, g);
        check_mask(net);
    }
}

TEST_CASE("made: nflows") {
    Generator g(1);
    const auto& golden = support::density_golden();
    Made<double, Tanh> residual(5, {.hidden = {9, 9, 9}, .outputs = 2, .context = 2, .residual = true}, g);
    support::check_density("made.residual", residual, [&](const auto& x) {
        return residual(x, golden.get<double>("made.residual.x1"));
    });
    Made<double, Tanh> plain(5, {.hidden = {7, 7}}, g);
    support::check_density("made.feedforward", plain, [&](const auto& x) { return plain(x); });
    Made<double, Tanh> random(5, {.hidden = {7, 7, 7}, .degrees = HiddenDegrees::random}, g);
    support::check_density("made.random", random, [&](const auto& x) { return random(x); });
    Made<double, Tanh> norm(5, {.hidden = {6, 6}, .context = 2, .residual = true, .batch_norm = true}, g);
    support::check_density("made.norm", norm,
                           [&](const auto& x) { return norm(x, golden.get<double>("made.norm.x1")); });
}

TEST_CASE("made: the degrees of nflows are those it begins with") {
    Generator g(1);
    const Made<float> net(5, {.hidden = {9, 9, 9}, .outputs = 2, .context = 2, .residual = true}, g);
    const StateDict want = support::density_golden().under("made.residual.state.");
    for (const NamedTensor& entry : state_dict(net))
        if (entry.name.ends_with("degrees")) {
            CAPTURE(entry.name);
            CHECK(to_vector(detail::cast_handle<int64_t>(entry.tensor)) ==
                  to_vector(want.get<int64_t>(entry.name)));
        }
    CHECK(net(zeros<float>({4, 5}), zeros<float>({4, 2})).shape() == Shape{4, 10});
}

TEST_CASE("made: errors") {
    Generator g(1);
    const auto refused = [&](int64_t features, const MadeOptions& o) {
        return support::message<ValueError>([&] { static_cast<void>(Made<float>(features, o, g)); });
    };
    CHECK(refused(0, {}) == "Made: 0 variables; there must be one or more");
    CHECK(refused(3, {.hidden = {}}) == "Made: no hidden layer");
    CHECK(refused(3, {.hidden = {3, 0}}) == "Made: a hidden layer of 0 units");
    CHECK(refused(3, {.outputs = 0}) == "Made: 0 outputs; there must be one or more");
    CHECK(refused(3, {.context = -1}) == "Made: a context of -1 features");
    CHECK(refused(3, {.residual = true, .degrees = HiddenDegrees::random}) ==
          "Made: residual blocks need sequential degrees: a sum must not see more than its parts");
    CHECK(refused(3, {.hidden = {3, 4}, .residual = true}) ==
          "Made: residual blocks need layers of one size, not of 3 and 4");
    Made<float> net(3, {}, g);
    CHECK(support::message<ValueError>([&] {
              net.set_order({1, 2, 2}, g);
          }) == "Made: an order must have each of 1 .. 3 once");
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(net(zeros<float>({1, 3}), zeros<float>({1, 2})));
          }) == "Made: a context for a network without one");
    const Made<float> with(3, {.context = 2}, g);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(with(zeros<float>({1, 3})));
          }) == "Made: the network needs a context");
}
