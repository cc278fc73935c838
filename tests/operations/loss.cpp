#include <doctest/doctest.h>

#include <tapegrad/loss/likelihood.hpp>
#include <tapegrad/loss/mse.hpp>
#include <tapegrad/loss/robust.hpp>

#include "loss_rows.hpp"

using namespace support;

namespace {

std::vector<Operation> of_numbers() {
    std::vector<Operation> rows;
    add<2>(rows, "mse_loss", [](auto r, const auto& x, const auto& t) { return mse_loss(x, t, r); });
    add<2>(rows, "l1_loss", [](auto r, const auto& x, const auto& t) { return l1_loss(x, t, r); });
    for (const auto& [suffix, beta] :
         {std::pair("", 1.0), std::pair(":beta", 0.5), std::pair(":zero", 0.0)}) {
        const auto f = [b = beta](auto r, const auto& x, const auto& t) {
            return smooth_l1_loss(x, t, {.beta = b, .reduction = r});
        };
        if (beta == 1)
            add<2>(rows, "smooth_l1_loss", f);
        else
            add_one<2>(rows, std::string("smooth_l1_loss") + suffix, Reduction::mean, f, {});
    }
    add<2>(rows, "huber_loss",
           [](auto r, const auto& x, const auto& t) { return huber_loss(x, t, {.reduction = r}); });
    rows.push_back(operation("huber_loss:delta",
                             [](const auto& x, const auto& t) { return huber_loss(x, t, {.delta = 0.5}); }));
    add<3>(rows, "gaussian_nll_loss", [](auto r, const auto& x, const auto& t, const auto& v) {
        return gaussian_nll_loss(x, t, v, {.reduction = r});
    });
    rows.push_back(operation("gaussian_nll_loss:full", [](const auto& x, const auto& t, const auto& v) {
        return gaussian_nll_loss(x, t, v, {.full = true, .eps = 0.1});
    }));
    add<2>(rows, "poisson_nll_loss",
           [](auto r, const auto& x, const auto& t) { return poisson_nll_loss(x, t, {.reduction = r}); });
    rows.push_back(operation("poisson_nll_loss:rate", [](const auto& x, const auto& t) {
        return poisson_nll_loss(x, t, {.log_input = false});
    }));
    rows.push_back(operation("poisson_nll_loss:full", [](const auto& x, const auto& t) {
        return poisson_nll_loss(x, t, {.full = true});
    }));
    add<2>(rows, "kl_div",
           [](auto r, const auto& x, const auto& t) { return kl_div(x, t, {.reduction = r}); });
    for (const bool log_target : {false, true})
        rows.push_back(operation(log_target ? "kl_div:log_target" : "kl_div:batchmean",
                                 [=](const auto& x, const auto& t) {
                                     return kl_div(x, t, {.log_target = log_target, .batchmean = true});
                                 }));
    return rows;
}

}

TEST_CASE("operations: losses of numbers") { Operations("loss", of_numbers()).check(); }
