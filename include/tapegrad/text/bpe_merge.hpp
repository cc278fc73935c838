// Byte pair encoding: again and again the pair of neighbours of the lowest rank becomes one symbol, the
// leftmost first where several have it.
// Source   Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "key_table.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

inline constexpr std::uint32_t no_rank = 0xFFFFFFFF;
/// Longer tokens are refused where merges are found by cutting tokens in all ways: that costs the square.
inline constexpr std::size_t max_merged_bytes = 1024;

struct Merge {
    std::uint32_t rank = no_rank;
    std::uint32_t symbol = 0;
};

/// Which pairs merge, to what, in which order.
class MergeTable {
public:
    std::size_t size() const { return merges_.size(); }

    /// A pair that is there gets the new rank.
    void set(std::uint32_t left, std::uint32_t right, Merge merge) {
        merges_.set(key_of(left, right), merge);
    }
    /// The rank is `no_rank` where the pair does not merge.
    TAPEGRAD_INLINE Merge find(std::uint32_t left, std::uint32_t right) const {
        return merges_.find(key_of(left, right), {});
    }
    /// Calls f(left, right, merge), in no order.
    template <class F>
    void for_each(F f) const {
        merges_.for_each([&](std::uint64_t key, const Merge& merge) {
            f(static_cast<std::uint32_t>((key - 1) >> 32), static_cast<std::uint32_t>(key - 1), merge);
        });
    }

private:
    /// Never 0: symbols are below 2^32 - 1.
    static std::uint64_t key_of(std::uint32_t left, std::uint32_t right) {
        return (std::uint64_t{left} << 32 | right) + 1;
    }

    KeyTable<Merge> merges_;
};

/// Merges a few symbols in place and returns how many are left: the lowest rank is looked for among all,
/// which for the length of a word is faster than any queue.
inline std::size_t merge_short(const MergeTable& table, std::uint32_t* symbols, Merge* merges,
                               std::size_t n) {
    for (std::size_t i = 0; i + 1 < n; ++i) merges[i] = table.find(symbols[i], symbols[i + 1]);
    while (n > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < n; ++i)
            if (merges[i].rank < merges[best].rank) best = i;
        if (merges[best].rank == no_rank) break;
        symbols[best] = merges[best].symbol;
        --n;
        for (std::size_t i = best + 1; i < n; ++i) symbols[i] = symbols[i + 1];
        for (std::size_t i = best; i + 1 < n; ++i) merges[i] = merges[i + 1];
        if (best + 1 < n) merges[best] = table.find(symbols[best], symbols[best + 1]);
        if (best > 0) merges[best - 1] = table.find(symbols[best - 1], symbols[best]);
    }
    return n;
}

/// The places where a pair of one rank waits, lowest first. Places come in ascending order nearly always, and
/// then this is a line; from the first that does not on it is a heap.
class WaitingPlaces {
public:
    bool empty() const { return head_ == places_.size(); }
    void push(std::uint32_t place) {
        if (!heap_ && !empty() && place < places_.back()) {
            places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
            heap_ = true;  // what ascends is a heap
        }
        places_.push_back(place);
        if (heap_) std::push_heap(places_.begin(), places_.end(), std::greater<>());
    }
    std::uint32_t pop() {
        if (!heap_) return places_[head_++];
        std::pop_heap(places_.begin(), places_.end(), std::greater<>());
        const std::uint32_t place = places_.back();
        places_.pop_back();
        return place;
    }

private:
    std::vector<std::uint32_t> places_;
    std::size_t head_ = 0;
    bool heap_ = false;
};

/// Merges any number of symbols (below 2^32) in place: a linked list of them, and for each rank the places
/// where it waits. Near linear: a million equal letters cost no more each than ten.
class LongMerge {
public:
    LongMerge(const MergeTable& table, std::vector<std::uint32_t>& symbols)
        : table_(table), symbols_(symbols), next_(symbols.size()), previous_(symbols.size()) {
        const auto n = static_cast<std::uint32_t>(symbols.size());
        for (std::uint32_t i = 0; i < n; ++i) {
            next_[i] = i + 1;
            previous_[i] = i - 1;  // of the first: none
        }
        for (std::uint32_t i = 0; i + 1 < n; ++i) look_at(i);
        while (!ranks_.empty()) {
            const std::uint32_t rank = ranks_.front();
            const auto found = waiting_.find(rank);
            if (found->second.empty()) {
                std::pop_heap(ranks_.begin(), ranks_.end(), std::greater<>());
                ranks_.pop_back();
                waiting_.erase(found);
                last_ = nullptr;
            } else {
                merge_at(found->second.pop(), rank);
            }
        }
        std::size_t kept = 0;
        for (std::uint32_t i = 0; i < n; i = next_[i]) symbols[kept++] = symbols[i];
        symbols.resize(kept);
    }

private:
    static constexpr std::uint32_t gone = 0xFFFFFFFF;

    /// Notes the pair that begins at `place`, where it merges.
    void look_at(std::uint32_t place) {
        const std::uint32_t rank = table_.find(symbols_[place], symbols_[next_[place]]).rank;
        if (rank == no_rank) return;
        if (last_ == nullptr || rank != last_rank_) {
            const auto [found, fresh] = waiting_.try_emplace(rank);
            if (fresh) {
                ranks_.push_back(rank);
                std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
            }
            last_ = &found->second;
            last_rank_ = rank;
        }
        last_->push(place);
    }
    void merge_at(std::uint32_t place, std::uint32_t rank) {
        const auto n = static_cast<std::uint32_t>(symbols_.size());
        if (symbols_[place] == gone || next_[place] >= n) return;
        const std::uint32_t right = next_[place];
        const Merge merge = table_.find(symbols_[place], symbols_[right]);
        if (merge.rank != rank) return;  // another pair stands here by now
        symbols_[place] = merge.symbol;
        symbols_[right] = gone;
        next_[place] = next_[right];
        if (next_[place] < n) previous_[next_[place]] = place;
        if (previous_[place] < n) look_at(previous_[place]);
        if (next_[place] < n) look_at(place);
    }

    const MergeTable& table_;
    std::vector<std::uint32_t>& symbols_;
    std::vector<std::uint32_t> next_, previous_, ranks_;
    std::unordered_map<std::uint32_t, WaitingPlaces> waiting_;
    WaitingPlaces* last_ = nullptr;  // of last_rank_
    std::uint32_t last_rank_ = 0;
};

/// Merges `symbols` in place.
inline void merge_symbols(const MergeTable& table, std::vector<std::uint32_t>& symbols) {
    constexpr std::size_t few = 64;
    if (symbols.size() <= few) {
        Merge merges[few];
        symbols.resize(merge_short(table, symbols.data(), merges, symbols.size()));
    } else {
        LongMerge(table, symbols);
    }
}

}
