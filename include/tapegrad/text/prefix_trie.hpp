// Which texts of a set a text begins with.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A tree of bytes, its edges in one table of open addressing: a step costs one look, whatever a node's width.
class PrefixTrie {
public:
    static constexpr std::uint32_t root = 0, none = 0xFFFFFFFF;

    bool empty() const { return values_.size() == 1; }
    /// Sets the value, from 0 on, of a text. Of one that is there already it is replaced.
    void add(std::string_view text, int64_t value) {
        std::uint32_t node = root;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (const std::uint32_t next = step(node, byte); next != none) {
                node = next;
                continue;
            }
            if (values_.size() * 2 > slots_.size()) grow();
            const auto fresh = static_cast<std::uint32_t>(values_.size());
            values_.push_back(-1);
            if (node == root)
                first_[byte] = fresh;
            else
                place(key_of(node, byte)) = {key_of(node, byte), fresh};
            node = fresh;
        }
        values_[node] = value;
    }
    /// The node behind a byte, or `none`.
    TAPEGRAD_INLINE std::uint32_t step(std::uint32_t node, unsigned char byte) const {
        if (node == root) return first_[byte];
        if (slots_.empty()) return none;
        const std::uint64_t key = key_of(node, byte);
        for (std::size_t at = hash(key);; at = (at + 1) & mask_) {
            if (slots_[at].key == key) return slots_[at].node;
            if (slots_[at].key == 0) return none;
        }
    }
    std::uint32_t walk(std::string_view text, std::uint32_t node = root) const {
        for (const char c : text)
            if (node != none) node = step(node, static_cast<unsigned char>(c));
        return node;
    }
    /// -1 for a node where no text ends.
    int64_t value(std::uint32_t node) const { return values_[node]; }

    struct Match {
        int64_t value = -1;
        std::size_t end = 0;
    };
    /// The longest text of the set that begins at `at`.
    Match longest(std::string_view text, std::size_t at, std::uint32_t node = root) const {
        Match best{-1, at};
        while (at < text.size()) {
            node = step(node, static_cast<unsigned char>(text[at++]));
            if (node == none) break;
            if (values_[node] >= 0) best = {values_[node], at};
        }
        return best;
    }

private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t node = 0;
    };
    static std::uint64_t key_of(std::uint32_t node, unsigned char byte) {
        return (std::uint64_t{node} << 8 | byte) + 1;
    }
    static constexpr std::array<std::uint32_t, 256> filled() {
        std::array<std::uint32_t, 256> roots{};
        roots.fill(none);
        return roots;
    }
    std::size_t hash(std::uint64_t key) const {
        return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> shift_);
    }
    Slot& place(std::uint64_t key) {
        std::size_t at = hash(key);
        while (slots_[at].key != 0) at = (at + 1) & mask_;
        return slots_[at];
    }
    void grow() {
        const std::vector<Slot> old = std::move(slots_);
        slots_.assign(old.empty() ? 256 : old.size() * 2, {});
        mask_ = slots_.size() - 1;
        shift_ = 64;
        for (std::size_t n = slots_.size(); n > 1; n /= 2) --shift_;
        for (const Slot& slot : old)
            if (slot.key != 0) place(slot.key) = slot;
    }

    std::vector<Slot> slots_;
    std::array<std::uint32_t, 256> first_ = filled();  // of the root
    std::vector<int64_t> values_ = {-1};
    std::size_t mask_ = 0;
    int shift_ = 64;
};

}
