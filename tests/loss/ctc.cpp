#include <tapegrad/loss/ctc.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <tapegrad/ops/softmax.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// The probability of `label`, by going through all ways of `time` steps.
double all_paths(const Tensor<double>& p, const std::vector<int64_t>& label, int64_t time, int64_t item) {
    const int64_t classes = p.size(2);
    int64_t count = 1;
    for (int64_t t = 0; t < time; ++t) count *= classes;
    double total = 0;
    for (int64_t path = 0; path < count; ++path) {
        std::vector<int64_t> collapsed;
        double chance = 1;
        for (int64_t t = 0, rest = path, before = -1; t < time; ++t, rest /= classes) {
            const int64_t c = rest % classes;
            chance *= std::exp(p(t, item, c));
            if (c != before && c != 0) collapsed.push_back(c);
            before = c;
        }
        if (collapsed == label) total += chance;
    }
    return total;
}

const Tensor<int64_t> targets{{1, 1, 2}, {2, 1, 0}, {1, 2, 1}};
const Tensor<int64_t> inputs{6, 4, 0}, lengths{3, 1, 0};

Tensor<double> probabilities() { return log_softmax(support::normal<double>({6, 3, 3}), -1); }

}

TEST_CASE("ctc: the sum over all alignments") {
    const Tensor<double> p = probabilities();
    const Tensor<double> y = ctc_loss(p, targets, inputs, lengths, {.reduction = Reduction::none});
    CHECK(y(0) == doctest::Approx(-std::log(all_paths(p, {1, 1, 2}, 6, 0))));
    CHECK(y(1) == doctest::Approx(-std::log(all_paths(p, {2}, 4, 1))));
    CHECK(y(2) == 0);  // nothing is nothing
    CHECK(ctc_loss(p, targets, inputs, lengths).item() == doctest::Approx((y(0) / 3 + y(1)) / 3));
}

TEST_CASE("ctc: a target that does not fit") {
    Tensor<double> p = detail::copy(probabilities()).requires_grad_();
    const Tensor<int64_t> few{3, 4, 1};  // 1 1 2 needs a blank between its ones: four steps
    const CtcOptions summed{.reduction = Reduction::sum};
    CHECK(std::isinf(ctc_loss(p, targets, few, lengths, summed).item()));
    const Tensor<double> y =
        ctc_loss(p, targets, few, lengths, {.zero_infinity = true, .reduction = Reduction::sum});
    const Tensor<double> d = grad(y, {p})[0];
    CHECK(to_vector(select(d, 1, 0)) == std::vector<double>(18, 0));
    CHECK(std::isfinite(y.item()));
    CHECK(std::isfinite(sum(d).item()));
    const Tensor<double> long_rows = log_softmax(support::normal<double>({600, 1, 5}), -1);
    CHECK(std::isfinite(
        ctc_loss(long_rows, Tensor<int64_t>{{1, 2, 3}}, Tensor<int64_t>{600}, Tensor<int64_t>{3}).item()));
}

TEST_CASE("ctc: targets one behind the other are those of rows") {
    const Tensor<double> p = probabilities();
    const Tensor<int64_t> in_a_row{1, 1, 2, 2}, with_gaps{1, 0, 1, 0, 2, 0, 2, 0};
    for (const Reduction reduction : {Reduction::none, Reduction::sum, Reduction::mean})
        CHECK(support::same_bits(ctc_loss(p, in_a_row, inputs, lengths, {.reduction = reduction}),
                                 ctc_loss(p, targets, inputs, lengths, {.reduction = reduction})));
    CHECK(support::same_bits(ctc_loss(p, slice(with_gaps, 0, 0, 8, 2), inputs, lengths),
                             ctc_loss(p, targets, inputs, lengths)));
    const Tensor<int64_t> none{0, 0, 0};
    CHECK(support::same_bits(ctc_loss(p, zeros<int64_t>({0}), inputs, none, {.reduction = Reduction::none}),
                             ctc_loss(p, targets, inputs, none, {.reduction = Reduction::none})));
    CHECK_GRAD(
        [&](const auto& v) {
            return ctc_loss(v[0], Tensor<int64_t>{1, 2, 2}, Tensor<int64_t>{4, 3}, Tensor<int64_t>{2, 1});
        },
        {support::normal<double>({4, 2, 3})}, 2);
}

TEST_CASE("ctc: gradients") {
    const Tensor<double> x = support::normal<double>({4, 2, 3});
    const auto loss = [](const Tensor<double>& p) {
        return ctc_loss(p, Tensor<int64_t>{{1, 2}, {2, 1}}, Tensor<int64_t>{4, 3}, Tensor<int64_t>{2, 1});
    };
    CHECK_GRAD([=](const auto& v) { return loss(v[0]); }, {x}, 2);
    CHECK_GRAD([=](const auto& v) { return loss(log_softmax(v[0], -1)); }, {x}, 1);
}

TEST_CASE("ctc: errors") {
    const Tensor<double> p = probabilities();
    CHECK(
        message<ShapeError>([&] { static_cast<void>(ctc_loss(p, Tensor<int64_t>{{1}}, inputs, lengths)); }) ==
        "ctc_loss: log_probs (6, 3, 3) and targets (1, 1) do not fit: they are (time, batch, classes) and "
        "(batch, length) or (sum of lengths,)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(ctc_loss(p, Tensor<int64_t>{1, 1, 2, 2, 2}, inputs, lengths));
          }) == "ctc_loss: targets (5,) in a row are not the 4 that target_lengths add up to");
    CHECK(message<ValueError>([&] {
              static_cast<void>(ctc_loss(p, Tensor<int64_t>{1, 2}, inputs, lengths));
          }) == "ctc_loss: target_lengths[0] is 3, outside [0, 2]");
    CHECK(message<IndexError>([&] {
              static_cast<void>(ctc_loss(p, Tensor<int64_t>{1, 1, 2, 3}, inputs, lengths));
          }) == "ctc_loss: target 3 at place 3 is outside [0, 3)");
    CHECK(message<ValueError>([&] {
              static_cast<void>(ctc_loss(p, targets, Tensor<int64_t>{1, 7, 1}, lengths));
          }) == "ctc_loss: input_lengths[1] is 7, outside [0, 6]");
    CHECK(message<ShapeError>([&] { static_cast<void>(ctc_loss(p, targets, inputs, Tensor<int64_t>{1})); }) ==
          "ctc_loss: target_lengths (1,) must be (3,), one for each item");
    CHECK(message<IndexError>([&] {
              static_cast<void>(ctc_loss(p, targets, inputs, lengths, {.blank = 3}));
          }) == "ctc_loss: blank 3 is outside [0, 3)");
    CHECK(message<IndexError>([&] { static_cast<void>(ctc_loss(p, targets * 2, inputs, lengths)); }) ==
          "ctc_loss: target 4 at place 2 is outside [0, 3)");
}
