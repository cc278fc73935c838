#include <doctest/doctest.h>

#include <tapegrad/loss/margin.hpp>
#include <tapegrad/loss/metric.hpp>

#include "loss_rows.hpp"

using namespace support;

namespace {

std::vector<Operation> of_pairs() {
    std::vector<Operation> rows;
    const Options fixed{.sizes = false};
    add<1>(
        rows, "hinge_embedding_loss",
        [=](auto r, const auto& x) {
            return hinge_embedding_loss(x, kept("signs" + suffix(r), x), {.reduction = r});
        },
        fixed);
    add<1>(
        rows, "soft_margin_loss",
        [=](auto r, const auto& x) { return soft_margin_loss(x, kept("signs" + suffix(r), x), r); }, fixed);
    add<3>(rows, "margin_ranking_loss", [](auto r, const auto& a, const auto& b, const auto& t) {
        return margin_ranking_loss(a, b, t, {.margin = 0.5, .reduction = r});
    });
    add<3>(rows, "triplet_margin_loss", [](auto r, const auto& a, const auto& p, const auto& n) {
        return triplet_margin_loss(a, p, n, {.margin = 2, .reduction = r});
    });
    const double inf = std::numeric_limits<double>::infinity();
    for (const auto& [name, p, swap] : {std::tuple("p1.0", 1.0, false), std::tuple("p3.0", 3.0, false),
                                        std::tuple("pinf", inf, false), std::tuple("swap", 2.0, true)})
        add_one<3>(rows, std::string("triplet_margin_loss:") + name, Reduction::mean,
                   [p_ = p, swap_ = swap](auto, const auto& a, const auto& b, const auto& n) {
                       return triplet_margin_loss(a, b, n, {.margin = 3, .p = p_, .swap = swap_});
                   },
                   {.sizes = p < inf});
    add<2>(rows, "cosine_embedding_loss", [=](auto r, const auto& a, const auto& b) {
        return cosine_embedding_loss(a, b, kept("side" + suffix(r), a), {.margin = -0.9, .reduction = r});
    });
    for (const auto& [name, options] :
         {std::pair("info_nce_loss", InfoNceOptions{}),
          std::pair("info_nce_loss:symmetric", InfoNceOptions{.temperature = 0.5, .symmetric = true}),
          std::pair("info_nce_loss:products", InfoNceOptions{.temperature = 1, .normalize = false})})
        rows.push_back(
            operation(name, [o = options](const auto& a, const auto& b) { return info_nce_loss(a, b, o); }));
    return rows;
}

}

TEST_CASE("operations: losses of pairs") { Operations("loss", of_pairs()).check(); }
