// The cheapest way to give each row of a matrix of costs a column of its own.
#pragma once

#include <limits>
#include <vector>

#include "fold.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Shortest augmenting paths over a matrix of finite costs, begun by a greedy reduction that leaves few rows free.
/// Source   Jonker and Volgenant 1987, A shortest augmenting path algorithm for dense and sparse linear assignment problems
class AssignmentSolver {
public:
    /// Copies the n x n costs.
    template <class C>
    AssignmentSolver(const C* cost, int64_t n)
        : n_(static_cast<std::size_t>(n)),
          width_((n_ + lanes - 1) / lanes * lanes),
          costs_(n_ * width_, infinite),
          row_of_(n_, none),
          column_of_(n_, none),
          price_(width_),
          distance_(width_),
          open_(width_),
          by_(width_) {
        for (std::size_t i = 0; i < n_; ++i)
            for (std::size_t j = 0; j < n_; ++j)
                costs_[i * width_ + j] = static_cast<double>(cost[i * n_ + j]);
    }

    /// Writes the column of each row.
    void solve(int64_t* columns) {
        if (n_ > 1) {
            reduce_columns();
            for (int pass = 0; pass < 2; ++pass) bid();
            for (const std::size_t row : free_) augment(row);
        } else if (n_ == 1) {
            column_of_[0] = 0;
        }
        for (std::size_t i = 0; i < n_; ++i) columns[i] = static_cast<int64_t>(column_of_[i]);
    }

private:
    using D = Batch<double>;
    static constexpr std::size_t lanes = static_cast<std::size_t>(D::size);
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    static constexpr double infinite = std::numeric_limits<double>::infinity();

    // Rows are padded by columns of infinite cost, which nobody takes.
    const double* row(std::size_t i) const { return costs_.data() + i * width_; }
    void match(std::size_t i, std::size_t j) {
        column_of_[i] = j;
        row_of_[j] = i;
    }

    /// Prices columns at their cheapest row, which takes the last such column, and lowers the price of a row's only
    /// column by as much as the row would lose with another.
    void reduce_columns() {
        std::fill_n(by_.data(), width_, 0.0);
        std::copy_n(row(0), width_, price_.data());
        for (std::size_t i = 1; i < n_; ++i)
            for (std::size_t j = 0; j < width_; j += lanes) {
                const D cost = D::load(row(i) + j), price = D::load(&price_[j]);
                const auto less = cost < price;
                where(less, cost, price).store(&price_[j]);
                where(less, D(static_cast<double>(i)), D::load(&by_[j])).store(&by_[j]);
            }
        for (std::size_t j = n_; j < width_; ++j) price_[j] = 0;
        std::vector<std::size_t> wins(n_, 0);
        for (std::size_t j = n_; j-- > 0;)
            if (const auto i = static_cast<std::size_t>(by_[j]); wins[i]++ == 0) match(i, j);
        for (std::size_t i = 0; i < n_; ++i) {
            if (wins[i] == 0) free_.push_back(i);
            if (wins[i] != 1) continue;
            const std::size_t own = column_of_[i];
            const Cheapest c = cheapest(i);
            price_[own] -= c.first == own ? c.second_cost : c.cost;
        }
    }

    struct Cheapest {
        double cost, second_cost;
        std::size_t first, second;
    };
    /// The two cheapest columns of a row at the prices of now.
    Cheapest cheapest(std::size_t i) const {
        const double* const costs = row(i);
        D low(infinite), next(infinite);
        for (std::size_t j = 0; j < width_; j += lanes) {
            const D v = D::load(costs + j) - D::load(&price_[j]);
            next = min(next, max(low, v));
            low = min(low, v);
        }
        double lows[lanes], nexts[lanes];
        low.store(lows);
        next.store(nexts);
        Cheapest c{infinite, infinite, 0, 0};
        for (std::size_t k = 0; k < lanes; ++k) {
            c.second_cost = std::min({c.second_cost, std::max(c.cost, lows[k]), nexts[k]});
            c.cost = std::min(c.cost, lows[k]);
        }
        while (costs[c.first] - price_[c.first] != c.cost) ++c.first;
        while (c.second == c.first || costs[c.second] - price_[c.second] != c.second_cost) ++c.second;
        return c;
    }

    /// Free rows take their cheapest column from whoever has it, and price it so that it is as dear as the second.
    void bid() {
        std::vector<std::size_t> queue = std::move(free_);
        free_.clear();
        // Rows may outbid each other by ever smaller amounts: what is left then is the paths' work.
        std::size_t left = 4 * n_;
        for (std::size_t next = 0; next < queue.size();) {
            const std::size_t i = queue[next++];
            if (left == 0) {
                free_.push_back(i);
                continue;
            }
            --left;
            const Cheapest c = cheapest(i);
            const bool strict = c.cost < c.second_cost;
            std::size_t column = c.first;
            if (strict)
                price_[column] -= c.second_cost - c.cost;
            else if (row_of_[column] != none)
                column = c.second;
            const std::size_t before = row_of_[column];
            match(i, column);
            if (before == none) continue;
            column_of_[before] = none;
            if (strict)
                queue[--next] = before;  // it bids at once
            else
                free_.push_back(before);
        }
    }

    /// Dijkstra over reduced costs from a free row to a free column; the pairs on the way change over.
    void augment(std::size_t from) {
        scanned_.clear();
        D least_of_all(infinite);
        for (std::size_t j = 0; j < width_; j += lanes) {
            const D v = D::load(row(from) + j) - D::load(&price_[j]);
            v.store(&open_[j]);
            v.store(&distance_[j]);
            D(static_cast<double>(from)).store(&by_[j]);
            least_of_all = min(least_of_all, v);
        }
        std::size_t nearest = 0;
        double least = 0;
        for (;;) {
            least = -reduce_max(-least_of_all);
            nearest = 0;
            while (open_[nearest] != least) ++nearest;
            if (row_of_[nearest] == none) break;
            open_[nearest] = -infinite;  // nothing is nearer: it stays as it is
            scanned_.push_back(nearest);
            const std::size_t i = row_of_[nearest];
            least_of_all = scan(i, least - (row(i)[nearest] - price_[nearest]));
        }
        for (const std::size_t j : scanned_) price_[j] += distance_[j] - least;
        for (std::size_t j = nearest;;) {
            const auto i = static_cast<std::size_t>(by_[j]);
            const std::size_t next = column_of_[i];
            match(i, j);
            if (i == from) break;
            j = next;
        }
    }
    /// Ways to all open columns through row i; the shortest of an open column, by lanes. Columns that are done have an
    /// open distance of -inf.
    D scan(std::size_t i, double base) {
        const double* const costs = row(i);
        const D start(base), by(static_cast<double>(i)), done(-infinite), far(infinite);
        D least(infinite);
        for (std::size_t j = 0; j < width_; j += lanes) {
            const D through = D::load(costs + j) - D::load(&price_[j]) + start, open = D::load(&open_[j]);
            const auto nearer = through < open;
            const D now = where(nearer, through, open);
            now.store(&open_[j]);
            where(nearer, through, D::load(&distance_[j])).store(&distance_[j]);
            where(nearer, by, D::load(&by_[j])).store(&by_[j]);
            least = min(least, where(now == done, far, now));
        }
        return least;
    }

    std::size_t n_, width_;
    std::vector<double> costs_;
    std::vector<std::size_t> row_of_, column_of_, free_, scanned_;
    std::vector<double> price_, distance_, open_, by_;
};

}
