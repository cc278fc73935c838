// Orders and parts of a data set, as functions of a seed.
#pragma once

#include <vector>

#include "dataset.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The order of an epoch: a permutation of 0 ... n - 1 that depends on n, seed and epoch alone.
inline std::vector<int64_t> epoch_order(int64_t n, std::uint64_t seed, int64_t epoch) {
    std::vector<int64_t> order(static_cast<std::size_t>(n));
    Generator generator = Generator(seed).split(static_cast<std::uint64_t>(epoch));
    fill_permutation(order.data(), n, generator);
    return order;
}

/// How many of n examples each part has. Parts that sum to 1 (or less by a rounding) are fractions: each is
/// rounded down, and what is left goes to the first parts, one each. Otherwise they are numbers of examples.
/// Throws   ValueError: a part that is negative or no number, or numbers that do not sum to n
inline std::vector<int64_t> split_sizes(int64_t n, const std::vector<double>& parts) {
    double total = 0;
    for (const double part : parts) {
        if (!(part >= 0 && part < 0x1p53)) detail::fail<ValueError>("split", "a part of ", part);
        total += part;
    }
    const bool fractions = total > 1 - 1e-9 && total < 1 + 1e-9 && !(parts.size() == 1 && n == 1);
    std::vector<int64_t> sizes;
    int64_t used = 0;
    for (const double part : parts) {
        // 0.1 * 10 may be a little below 1.
        const double wanted = fractions ? part * static_cast<double>(n) * (1 + 1e-12) : part;
        sizes.push_back(static_cast<int64_t>(wanted));
        if (!fractions && static_cast<double>(sizes.back()) != part)
            detail::fail<ValueError>("split", "a part of ", part, " examples");
        used += sizes.back();
    }
    if (fractions)
        for (std::size_t i = 0; used < n; ++i, ++used) ++sizes[i % sizes.size()];
    if (used != n) detail::fail<ValueError>("split", "parts of ", used, " examples in all, there are ", n);
    return sizes;
}

/// Parts of a data set at random, that have no example in common and are all of it. They share it.
///   auto parts = random_split(dataset, {0.9, 0.1}, 42);
/// Throws   ValueError: as split_sizes
template <Dataset D>
std::vector<Subset<D>> random_split(D dataset, const std::vector<double>& parts, std::uint64_t seed) {
    const auto shared = std::make_shared<const D>(std::move(dataset));
    const int64_t n = shared->size();
    const std::vector<int64_t> sizes = split_sizes(n, parts), order = epoch_order(n, seed, 0);
    std::vector<Subset<D>> result;
    auto from = order.begin();
    for (const int64_t size : sizes) {
        result.emplace_back(shared, std::vector<int64_t>(from, from + size));
        from += size;
    }
    return result;
}

/// Part `fold` of `folds` for validation, and the others for training.
template <Dataset D>
struct Fold {
    Subset<D> train, validation;
};
/// Throws   ValueError: fewer than 2 folds, more than examples, or a fold outside [0, folds)
template <Dataset D>
Fold<D> k_fold(D dataset, int64_t folds, int64_t fold, std::uint64_t seed) {
    const auto shared = std::make_shared<const D>(std::move(dataset));
    const int64_t n = shared->size();
    if (folds < 2 || folds > n || fold < 0 || fold >= folds)
        detail::fail<ValueError>("k_fold", "fold ", fold, " of ", folds, " over ", n, " examples");
    std::vector<int64_t> train = epoch_order(n, seed, 0);
    const auto begin = train.begin() + fold * n / folds, end = train.begin() + (fold + 1) * n / folds;
    std::vector<int64_t> validation(begin, end);
    train.erase(begin, end);
    return {{shared, std::move(train)}, {shared, std::move(validation)}};
}

}
