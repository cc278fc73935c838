#include <tapegrad/nn/stored_weight.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/linear.hpp>
#include <tapegrad/nn/load_state_dict.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// The simplest one: floats.
template <class T>
class Whole final : public StoredWeight<T> {
public:
    explicit Whole(Tensor<T> w) : w_(std::move(w)) {}
    Tensor<T> product(const Tensor<T>& x, const Tensor<T>& bias) const override {
        return linear(x, w_, bias);
    }
    Shape shape() const override { return w_.shape(); }
    int64_t bytes() const override { return w_.numel() * static_cast<int64_t>(sizeof(T)); }
    const char* storage() const override { return "whole"; }
    Tensor<T> dequantize() const override { return w_; }

private:
    Tensor<T> w_;
};

template <class T>
struct Net {
    Linear<T> first, second;
    TAPEGRAD_FIELDS(first, second);
};

}

TEST_CASE_TEMPLATE("stored_weight: a layer that multiplies with it", T, float, double) {
    Generator g(1);
    const Linear<T> plain(3, 2, g);
    const Linear<T> layer(std::make_shared<Whole<T>>(plain.weight.detach()), plain.bias);
    const auto x = support::normal<T>({4, 3});
    CHECK(support::same_bits(layer(x), plain(x)));
    CHECK(!layer.weight.defined());
    CHECK(parameters<T>(layer).size() == 1);
    CHECK(layer.stored->shape() == Shape{2, 3});
    CHECK(layer.stored->bytes() == 6 * static_cast<int64_t>(sizeof(T)));
    CHECK(layer.stored->dequantize().is_same(plain.weight) == false);
    const Linear<T> copy = layer, other = clone(layer);
    CHECK(copy.stored == layer.stored);
    CHECK(other.stored == layer.stored);
    CHECK(!other.bias.is_same(layer.bias));
}

TEST_CASE("stored_weight: a state_dict that would lack it is refused") {
    Generator g(1);
    Net<float> net{Linear(3, 2, g), Linear(2, 2, g)};
    const StateDict before = state_dict(net);
    net.second = Linear<float>(std::make_shared<Whole<float>>(ones<float>({2, 2})));
    const std::string text =
        "state_dict: 'second' holds a weight in whole, which is no tensor: save and load before store_, or "
        "make "
        "it one with widen_";
    CHECK(support::message<ValueError>([&] { state_dict(net); }) == text);
    CHECK(support::message<ValueError>([&] { state_dict_once(net); }) == text);
    CHECK(support::message<ValueError>([&] { load_state_dict(net, before); }) == text);
    CHECK(named_parameters(net).size() == 2);
    CHECK(count_parameters(net) == 8);
    net.second.stored = nullptr;
    CHECK(state_dict(net).size() == 2);
}
