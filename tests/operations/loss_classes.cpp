#include <doctest/doctest.h>

#include <tapegrad/loss/ctc.hpp>
#include <tapegrad/loss/linear_cross_entropy.hpp>
#include <tapegrad/loss/margin.hpp>
#include <tapegrad/loss/nll.hpp>
#include <tapegrad/loss/weighted_cross_entropy.hpp>
#include <tapegrad/ops/softmax.hpp>

#include "loss_rows.hpp"

using namespace support;

namespace {

std::vector<Operation> of_classes() {
    std::vector<Operation> rows;
    const Tensor<int64_t> target = integers("target");
    add<1>(
        rows, "nll_loss", [=](auto r, const auto& x) { return nll_loss(x, target, {.reduction = r}); },
        classes);
    add<1>(
        rows, "cross_entropy",
        [=](auto r, const auto& x) { return cross_entropy(x, target, {.reduction = r}); }, classes);
    for (const auto& [text, reduction] :
         {std::pair("mean", Reduction::mean), std::pair("sum", Reduction::sum),
          std::pair("none", Reduction::none)}) {
        const std::string r = text;
        add_one<1>(
            rows, "nll_loss:weight_" + r, reduction,
            [=](auto how, const auto& x) {
                return nll_loss(x, target, {.reduction = how}, kept("weight", x));
            },
            classes);
        add_one<1>(
            rows, "cross_entropy:smooth_" + r, reduction,
            [=](auto how, const auto& x) {
                return cross_entropy(x, target, {.label_smoothing = 0.1, .reduction = how});
            },
            classes);
        for (const double smooth : {0.0, 0.2})
            add_one<1>(
                rows, (smooth > 0 ? "cross_entropy:weight_0.2_" : "cross_entropy:weight_0.0_") + r, reduction,
                [=](auto how, const auto& x) {
                    return cross_entropy(x, target, {.label_smoothing = smooth, .reduction = how},
                                         kept("weight", x));
                },
                classes);
        add_one<2>(
            rows, "cross_entropy:soft_" + r, reduction,
            [](auto how, const auto& x, const auto& t) { return cross_entropy(x, t, {.reduction = how}); },
            {});
        add_one<2>(rows, "cross_entropy:soft_weight_" + r, reduction,
                   [](auto how, const auto& x, const auto& t) {
                       return cross_entropy(x, t, {.label_smoothing = 0.2, .reduction = how},
                                            kept("weight", x));
                   },
                   {.sizes = false});
    }
    // What an ignored row holds does not matter.
    for (const auto& [name, reduction] : {std::pair("linear_cross_entropy:mean", Reduction::mean),
                                          std::pair("linear_cross_entropy:sum", Reduction::sum)})
        rows.push_back(operation(name,
                                 [=, how = reduction](const auto& x, const auto& w) {
                                     return linear_cross_entropy(x, w, target,
                                                                 {.label_smoothing = 0.1, .reduction = how});
                                 },
                                 {.sizes = false, .nan = false}));
    const Tensor<int64_t> few = integers("classes");
    for (const auto& [p, text, reduction] :
         {std::tuple(1, "", Reduction::mean), std::tuple(1, ":1_sum", Reduction::sum),
          std::tuple(1, ":1_none", Reduction::none), std::tuple(2, ":2_mean", Reduction::mean),
          std::tuple(2, ":2_sum", Reduction::sum), std::tuple(2, ":2_none", Reduction::none)})
        add_one<1>(rows, std::string("multi_margin_loss") + text, reduction,
                   [=, power = p](auto r, const auto& x) {
                       return multi_margin_loss(x, few, {.p = power, .reduction = r});
                   },
                   {.sizes = false});
    rows.push_back(operation(
        "multi_margin_loss:weight",
        [=](const auto& x) { return multi_margin_loss(x, few, {.p = 2, .margin = 0.5}, kept("weight", x)); },
        {.sizes = false}));
    return rows;
}

std::vector<Operation> of_sequences() {
    std::vector<Operation> rows;
    const auto loss = [](const auto& x, const char* targets, const CtcOptions& options) {
        return ctc_loss(log_softmax(x, -1), integers(targets), integers("ctc_input_lengths"),
                        integers("ctc_target_lengths"), options);
    };
    add<1>(
        rows, "ctc_loss", [=](auto r, const auto& x) { return loss(x, "ctc_targets", {.reduction = r}); },
        classes);
    rows.push_back(operation(
        "ctc_loss:blank", [=](const auto& x) { return loss(x, "ctc_blank_targets", {.blank = 3}); },
        classes));
    rows.push_back(operation(
        "ctc_loss:joined targets", [=](const auto& x) { return loss(x, "ctc_joined_targets", {}); },
        classes));
    return rows;
}

}

TEST_CASE("operations: losses of classes") { Operations("loss", of_classes()).check(); }
TEST_CASE("operations: losses of sequences") { Operations("loss", of_sequences()).check(); }
