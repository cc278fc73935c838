#include <doctest/doctest.h>

#include <tapegrad/loss/binary_cross_entropy.hpp>
#include <tapegrad/loss/dice.hpp>

#include "loss_rows.hpp"

using namespace support;

namespace {

std::vector<Operation> of_probabilities() {
    std::vector<Operation> rows;
    add<2>(rows, "binary_cross_entropy_with_logits",
           [](auto r, const auto& x, const auto& t) { return binary_cross_entropy_with_logits(x, t, r); });
    rows.push_back(operation("binary_cross_entropy_with_logits:pos_weight",
                             [](const auto& x, const auto& t) {
                                 return binary_cross_entropy_with_logits(x, t, Reduction::mean, {},
                                                                         kept("pos_weight", x));
                             },
                             {.sizes = false}));
    rows.push_back(operation("binary_cross_entropy_with_logits:weight",
                             [](const auto& x, const auto& t) {
                                 return binary_cross_entropy_with_logits(
                                     x, t, Reduction::sum, kept("bce_weight", x), kept("pos_weight", x));
                             },
                             {.sizes = false}));
    add<2>(rows, "binary_cross_entropy",
           [](auto r, const auto& x, const auto& t) { return binary_cross_entropy(x, t, r); });
    rows.push_back(operation("binary_cross_entropy:weight",
                             [](const auto& x, const auto& t) {
                                 return binary_cross_entropy(x, t, Reduction::mean, kept("bce_weight", x));
                             },
                             {.sizes = false}));
    for (const auto& [name, alpha, gamma] :
         {std::tuple("focal_loss", 0.25, 2.0), std::tuple("focal_loss:plain", -1.0, 0.0),
          std::tuple("focal_loss:gamma", 0.5, 1.5)})
        rows.push_back(operation(name, [a = alpha, g = gamma](const auto& x, const auto& t) {
            return focal_loss(x, t, {.alpha = a, .gamma = g});
        }));
    rows.push_back(operation("dice_loss", [](const auto& x, const auto& t) { return dice_loss(x, t); }));
    rows.push_back(operation("dice_loss:none", [](const auto& x, const auto& t) {
        return dice_loss(x, t, {.smooth = 0.1, .reduction = Reduction::none});
    }));
    return rows;
}

}

TEST_CASE("operations: losses of probabilities") { Operations("loss", of_probabilities()).check(); }
