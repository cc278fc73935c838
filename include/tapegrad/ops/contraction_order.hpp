// The order in which the operands of a product of many are multiplied, two at a time, by the cost of the
// products.
#pragma once

#include <bit>
#include <limits>
#include <vector>

#include "einsum_equation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Two places in a list of operands, at whose end the result takes the next place.
struct PairStep {
    std::size_t a, b;
};

/// Operands as sets of labels, and the labels of the result.
template <std::same_as<LabelSet> Set = LabelSet>
class ContractionOrder {
public:
    ContractionOrder(std::vector<Set> operands, LabelSet output,
                     const std::array<int64_t, label_count>& sizes)
        : terms_(std::move(operands)), output_(output), sizes_(sizes) {}

    /// The steps from all operands to one result: the cheapest of all up to seven operands, of more those
    /// that a greedy choice finds. Empty when a result in between had more axes than a tensor may have.
    std::vector<PairStep> steps() {
        if (terms_.size() < 2) return {};
        return terms_.size() <= 7 ? cheapest() : greedy();
    }

private:
    /// The number of elements, or of products, over these labels.
    double volume(LabelSet labels) const {
        double v = 1;
        for (; labels != 0; labels &= labels - 1)
            v *= static_cast<double>(sizes_[static_cast<std::size_t>(std::countr_zero(labels))]);
        return v;
    }
    static bool fits(LabelSet labels) { return std::popcount(labels) <= max_rank; }

    /// Dynamic programming over the subsets of the operands: bit i of a subset is operand i.
    std::vector<PairStep> cheapest() {
        const std::size_t n = terms_.size(), subsets = std::size_t{1} << n;
        struct Best {
            double cost = std::numeric_limits<double>::infinity();
            std::size_t part = 0;  // one of the two halves
            LabelSet labels = 0;   // of the product
        };
        std::vector<Best> best(subsets);
        for (std::size_t s = 1; s < subsets; ++s) {
            LabelSet within = 0, outside = output_;
            for (std::size_t i = 0; i < n; ++i) (((s >> i) & 1) != 0 ? within : outside) |= terms_[i];
            best[s].labels = within & outside;
            if (std::has_single_bit(s)) {
                best[s] = {0, s, within};
                continue;
            }
            if (!fits(best[s].labels)) continue;
            // Each split once: the half that holds the lowest operand of s.
            for (std::size_t part = (s - 1) & s; part > 0; part = (part - 1) & s) {
                if ((part & s & (~s + 1)) == 0) continue;
                const Best &a = best[part], &b = best[s ^ part];
                const double cost = a.cost + b.cost + volume(a.labels | b.labels);
                if (cost < best[s].cost) best[s] = {cost, part, best[s].labels};
            }
        }
        std::vector<PairStep> order;
        if (best[subsets - 1].part == 0) return order;
        const auto emit = [&](const auto& self, std::size_t s) -> std::size_t {
            if (std::has_single_bit(s)) return static_cast<std::size_t>(std::countr_zero(s));
            const std::size_t a = self(self, best[s].part), b = self(self, s ^ best[s].part);
            order.push_back({a, b});
            return n + order.size() - 1;
        };
        emit(emit, subsets - 1);
        return order;
    }

    /// Each time the pair whose product is smallest beside its factors, at a tie the one that costs less.
    std::vector<PairStep> greedy() {
        std::vector<PairStep> order;
        std::vector<std::size_t> left;
        for (std::size_t i = 0; i < terms_.size(); ++i) left.push_back(i);
        while (left.size() > 1) {
            PairStep at{0, 0};
            LabelSet product = 0;
            double growth = std::numeric_limits<double>::infinity(), cost = growth;
            for (std::size_t i = 0; i < left.size(); ++i)
                for (std::size_t j = i + 1; j < left.size(); ++j) {
                    LabelSet outside = output_;
                    for (std::size_t k = 0; k < left.size(); ++k)
                        outside |= k != i && k != j ? terms_[left[k]] : 0;
                    const LabelSet a = terms_[left[i]], b = terms_[left[j]], both = (a | b) & outside;
                    if (!fits(both)) continue;
                    const double grows = volume(both) - volume(a) - volume(b), costs = volume(a | b);
                    if (grows > growth || (grows == growth && costs >= cost)) continue;
                    growth = grows;
                    cost = costs;
                    at = {i, j};
                    product = both;
                }
            if (at.b == 0) return {};
            order.push_back({left[at.a], left[at.b]});
            terms_.push_back(product);
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(at.b));
            left[at.a] = terms_.size() - 1;
        }
        return order;
    }

    std::vector<Set> terms_;
    LabelSet output_;
    const std::array<int64_t, label_count>& sizes_;
};

}
