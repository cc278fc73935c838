// Text as tokens of one byte, numbered in the order of the bytes that occur, as nanoGPT's character data is.
#pragma once

#include <array>

#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The bytes that occur in a text, and their numbers. One byte is one token: a letter beyond ASCII is
/// several.
class Characters {
public:
    Characters() { numbers_.fill(-1); }
    /// The vocabulary of `text`: its distinct bytes, ascending.
    explicit Characters(std::string_view text) : Characters() {
        std::array<bool, 256> occurs{};
        for (const char c : text) occurs[static_cast<unsigned char>(c)] = true;
        for (std::size_t byte = 0; byte < 256; ++byte)
            if (occurs[byte]) {
                numbers_[byte] = static_cast<std::int16_t>(bytes_.size());
                bytes_ += static_cast<char>(byte);
            }
    }

    /// How many there are.
    int64_t size() const { return static_cast<int64_t>(bytes_.size()); }
    /// Byte i is what token i stands for; `Characters(vocabulary)` is this one again.
    const std::string& vocabulary() const { return bytes_; }

    /// Shape    (length,)
    /// Throws   ValueError: a byte that the vocabulary lacks
    Tensor<int64_t> encode(std::string_view text) const {
        Tensor<int64_t> ids = empty<int64_t>({static_cast<int64_t>(text.size())});
        int64_t* out = detail::output(ids);
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (numbers_[byte] < 0)
                detail::fail<ValueError>("characters", "byte ", int{byte}, " at place ", i,
                                         " is not in the vocabulary");
            out[i] = numbers_[byte];
        }
        return ids;
    }
    /// The text of all ids in row-major order.
    /// Throws   IndexError: an id outside [0, size)
    std::string decode(const Tensor<int64_t>& ids) const {
        const Tensor<int64_t> packed = detail::contiguous(ids);
        std::string text;
        for (int64_t i = 0; i < packed.numel(); ++i) {
            const int64_t id = packed.data()[i];
            if (id < 0 || id >= size())
                detail::fail<IndexError>("characters", "token ", id, " at place ", i, " is outside [0, ",
                                         size(), ")");
            text += bytes_[static_cast<std::size_t>(id)];
        }
        return text;
    }

private:
    std::string bytes_;
    std::array<std::int16_t, 256> numbers_{};
};

}
