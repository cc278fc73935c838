// SentencePiece's rules of normalization as they are compiled into a model: texts and what they become.
//
//   4 bytes       n, the length of the tree, little endian
//   n bytes       a tree of bytes as a double array: units of 4 bytes
//   the rest      replacements, each ended by a zero byte; a leaf of the tree says where its own begins
#pragma once

#include <algorithm>
#include <vector>

#include "../io/bytes.hpp"
#include "../io/input_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

class CharsMap {
public:
    CharsMap() = default;
    /// Everything that can be reached is checked here, so that a search is safe. `offset` is where the bytes lie
    /// in the file.
    /// Throws   IoError: sizes that do not fit, a leaf that points beyond the replacements
    CharsMap(const InputFile& file, std::string_view bytes, int64_t offset) {
        if (bytes.empty()) return;
        if (bytes.size() < 4) file.fail(offset, "precompiled_charsmap: ", bytes.size(), " bytes");
        const std::uint32_t size = little<std::uint32_t>(bytes.data());
        if (size == 0 || size % 4 != 0 || size > bytes.size() - 4)
            file.fail(offset, "precompiled_charsmap: a tree of ", size, " bytes among ", bytes.size());
        for (std::size_t i = 4; i < 4 + std::size_t{size}; i += 4)
            units_.push_back(little<std::uint32_t>(bytes.data() + i));
        replacements_ = bytes.substr(4 + std::size_t{size});
        replacements_ += '\0';
        check(file, offset);
    }

    bool empty() const { return units_.empty(); }

    /// The longest text that begins at `at` and has a rule: its length, 0 for none, and what it becomes.
    struct Match {
        std::size_t length = 0;
        std::string_view replacement;
    };
    Match longest(std::string_view text, std::size_t at) const {
        if (units_.empty()) return {};
        std::size_t length = 0, value = 0;
        std::uint32_t node = offset_of(units_[0]);
        for (std::size_t i = at; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            const std::uint32_t unit = unit_at(node ^ byte);
            if ((unit & label_mask) != byte) break;
            node ^= byte ^ offset_of(unit);
            if (!has_leaf(unit)) continue;
            length = i + 1 - at;
            value = units_[node] & value_mask;
        }
        if (length == 0) return {};
        return {length, std::string_view(replacements_.data() + value)};
    }

private:
    static constexpr std::uint32_t label_mask = 0x800000FF, value_mask = 0x7FFFFFFF;
    static bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
    static std::uint32_t offset_of(std::uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }
    /// Beyond the array nothing has any label.
    std::uint32_t unit_at(std::uint32_t place) const {
        return place < units_.size() ? units_[place] : 0x80000000;
    }

    void check(const InputFile& file, int64_t offset) const {
        std::vector<bool> seen(units_.size());
        std::vector<std::uint32_t> open{offset_of(units_[0])};
        while (!open.empty()) {
            const std::uint32_t node = open.back();
            open.pop_back();
            for (std::uint32_t byte = 1; byte < 256; ++byte) {
                const std::uint32_t place = node ^ byte, unit = unit_at(place);
                if ((unit & label_mask) != byte || seen[place]) continue;
                seen[place] = true;
                const std::uint32_t next = place ^ offset_of(unit);
                if (has_leaf(unit)) check_leaf(file, offset, next);
                open.push_back(next);
            }
        }
    }

    /// A replacement must be there and short: what a text grows to is bounded.
    void check_leaf(const InputFile& file, int64_t offset, std::uint32_t place) const {
        constexpr std::size_t longest_replacement = 1024;
        const std::size_t value = place < units_.size() ? units_[place] & value_mask : replacements_.size();
        if (value >= replacements_.size())
            file.fail(offset, "precompiled_charsmap: the unit ", place, " points outside");
        const std::size_t room = std::min(replacements_.size() - value, longest_replacement);
        if (std::memchr(replacements_.data() + value, 0, room) == nullptr)
            file.fail(offset, "precompiled_charsmap: a replacement of more than 1023 bytes");
    }

    std::vector<std::uint32_t> units_;
    std::string replacements_;
};

}
