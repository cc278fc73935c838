#include <tapegrad/density/binary.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("binary: log-probabilities", T, float, double) {
    const Tensor<T> l{{0, 2}, {-100, 100}}, x{{1, 0}, {0, 1}};
    const std::vector<T> got = to_vector(bernoulli_log_prob(l, x));
    CHECK(static_cast<double>(got[0]) ==
          doctest::Approx(-std::log(2.0) - std::log(1 + std::exp(2.0))).epsilon(1e-6));
    CHECK(std::fabs(static_cast<double>(got[1])) < 1e-40);
    CHECK(bits_per_dimension(-std::log(2.0) * 784, 784) == doctest::Approx(1));
}

TEST_CASE("binary: gradient") {
    CHECK_GRAD([](const auto& in) { return bernoulli_log_prob(in[0], in[1]); },
               {support::normal<double>({2, 3}), support::normal<double>({2, 3}, 2)}, 2);
}

TEST_CASE("binary: drawing in an order, with what is known") {
    Generator g(1);
    const Tensor<float> x{{1, 0, 1}, {0, 0, 0}};
    const Tensor<bool> known{{true, false, false}, {false, false, true}};
    std::vector<int64_t> asked;
    const auto logits = [&](const Tensor<float>& y, int64_t d) {
        asked.push_back(d);
        return (select(y, 1, 0) * 2 - 1) * 1000;  // what variable 0 is, for sure
    };
    const Tensor<float> y = detail::draw_in_order(x, known, {0, 2, 1}, g, logits);
    CHECK(asked == std::vector<int64_t>{0, 2, 1});
    CHECK(to_vector(y) == std::vector<float>{1, 1, 1, 0, 0, 0});
    asked.clear();
    static_cast<void>(
        detail::draw_in_order(x, expand(Tensor<bool>{true, false, true}, {2, 3}), {0, 1, 2}, g, logits));
    CHECK(asked == std::vector<int64_t>{1});
}

TEST_CASE("binary: errors") {
    CHECK(support::message<ShapeError>([] {
              static_cast<void>(detail::known_of("Nade", zeros<float>({2, 3}), zeros<bool>({4}), 4));
          }) == "Nade: x (2, 3) is not (n, 4)");
    CHECK(support::message<ShapeError>([] {
              static_cast<void>(detail::known_of("Nade", zeros<float>({2, 3}), zeros<bool>({4}), 3));
          }) == "Nade: known (4,) is neither (3,) nor (2, 3)");
}
