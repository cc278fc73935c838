// A table from numbers to small values, with open addressing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Values by keys above 0. At most half of it is full, so that a look is short.
template <class Value>
class KeyTable {
public:
    std::size_t size() const { return count_; }

    /// A key that is there gets the new value.
    void set(std::uint64_t key, Value value) {
        if ((count_ + 1) * 2 > slots_.size()) grow();
        Slot& slot = find_slot(key);
        count_ += slot.key == 0;
        slot = {key, value};
    }
    /// The value of a key, or `missing`.
    TAPEGRAD_INLINE Value find(std::uint64_t key, Value missing) const {
        if (slots_.empty()) return missing;
        for (std::size_t at = place(key);; at = (at + 1) & mask_) {
            if (slots_[at].key == key) return slots_[at].value;
            if (slots_[at].key == 0) return missing;
        }
    }
    /// Calls f(key, value), in no order.
    template <class F>
    void for_each(F f) const {
        for (const Slot& slot : slots_)
            if (slot.key != 0) f(slot.key, slot.value);
    }

private:
    struct Slot {
        std::uint64_t key = 0;
        Value value{};
    };
    std::size_t place(std::uint64_t key) const {
        return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> shift_);
    }
    Slot& find_slot(std::uint64_t key) {
        std::size_t at = place(key);
        while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) & mask_;
        return slots_[at];
    }
    void grow() {
        const std::vector<Slot> old = std::move(slots_);
        slots_.assign(old.empty() ? 256 : old.size() * 2, {});
        mask_ = slots_.size() - 1;
        shift_ = 64;
        for (std::size_t n = slots_.size(); n > 1; n /= 2) --shift_;
        for (const Slot& slot : old)
            if (slot.key != 0) find_slot(slot.key) = slot;
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0, count_ = 0;
    int shift_ = 64;
};

}
