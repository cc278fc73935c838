// Tokens and their ids.
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A hash of bytes: eight at a time, mixed by a multiplication of 128 bits.
inline std::uint64_t hash_bytes(std::string_view text) {
    constexpr std::uint64_t k = 0x9E3779B97F4A7C15u;
    const auto mix = [](std::uint64_t a, std::uint64_t b) {
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    std::uint64_t h = text.size() * k;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        h = mix(h ^ word, k);
    }
    std::uint64_t word = 0;
    if (left > 0) std::memcpy(&word, at, left);
    return mix(h ^ word, 0xD6E8FEB86659FD93u);
}

}

/// Texts numbered from 0 on, with gaps where a file has them; found by text and by number.
class Vocabulary {
public:
    /// Ids up to here: 4 bytes each, so that a file cannot ask for more than it is worth.
    static constexpr int64_t max_id = (int64_t{1} << 31) - 2;

    /// One more than the largest id.
    int64_t size() const { return static_cast<int64_t>(places_.size()); }
    /// How many there are.
    int64_t count() const { return count_; }

    /// The id of a token, or -1.
    int64_t find(std::string_view token) const {
        if (slots_.empty()) return -1;
        for (std::size_t slot = detail::hash_bytes(token) & mask();; slot = (slot + 1) & mask()) {
            if (slots_[slot] == 0) return -1;
            const std::size_t id = slots_[slot] - 1;
            if (at(id) == token) return static_cast<int64_t>(id);
        }
    }
    bool contains(int64_t id) const {
        return id >= 0 && id < size() && places_[static_cast<std::size_t>(id)].there;
    }
    /// The text of an id that is there.
    std::string_view operator[](int64_t id) const { return at(static_cast<std::size_t>(id)); }

    /// False where the token or the id is there already. A gap before the id is filled with nothing.
    bool add(std::string_view token, int64_t id) {
        if (contains(id) || find(token) >= 0) return false;
        if (id >= size()) places_.resize(static_cast<std::size_t>(id) + 1);
        places_[static_cast<std::size_t>(id)] = {bytes_.size(), static_cast<std::uint32_t>(token.size()),
                                                 true};
        bytes_ += token;
        ++count_;
        if (static_cast<std::size_t>(count_) * 2 > slots_.size())
            grow();
        else
            insert(static_cast<std::size_t>(id));
        return true;
    }

private:
    struct Place {
        std::size_t begin = 0;
        std::uint32_t size = 0;
        bool there = false;
    };
    std::size_t mask() const { return slots_.size() - 1; }
    std::string_view at(std::size_t id) const {
        return std::string_view(bytes_).substr(places_[id].begin, places_[id].size);
    }
    void insert(std::size_t id) {
        std::size_t slot = detail::hash_bytes(at(id)) & mask();
        while (slots_[slot] != 0) slot = (slot + 1) & mask();
        slots_[slot] = static_cast<std::uint32_t>(id + 1);
    }
    void grow() {
        slots_.assign(slots_.empty() ? 64 : slots_.size() * 4, 0);
        for (std::size_t id = 0; id < places_.size(); ++id)
            if (places_[id].there) insert(id);
    }

    std::string bytes_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> slots_;  // open addressing, 1 + id
    int64_t count_ = 0;
};

}
