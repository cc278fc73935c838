// Which texts of a set a text begins with.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "../core/shape.hpp"
#include "key_table.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A tree of bytes, its edges in one table: a step costs one look, whatever a node's width.
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
            const auto fresh = static_cast<std::uint32_t>(values_.size());
            values_.push_back(-1);
            if (node == root)
                first_[byte] = fresh;
            else
                edges_.set(key_of(node, byte), fresh);
            node = fresh;
        }
        values_[node] = value;
    }
    /// The node behind a byte, or `none`.
    TAPEGRAD_INLINE std::uint32_t step(std::uint32_t node, unsigned char byte) const {
        return node == root ? first_[byte] : edges_.find(key_of(node, byte), none);
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
    static std::uint64_t key_of(std::uint32_t node, unsigned char byte) {
        return (std::uint64_t{node} << 8 | byte) + 1;
    }
    static constexpr std::array<std::uint32_t, 256> filled() {
        std::array<std::uint32_t, 256> roots{};
        roots.fill(none);
        return roots;
    }
    KeyTable<std::uint32_t> edges_;
    std::array<std::uint32_t, 256> first_ = filled();  // of the root
    std::vector<int64_t> values_ = {-1};
};

}
