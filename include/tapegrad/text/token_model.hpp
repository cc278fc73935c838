// What turns a piece of text into tokens: BPE, unigram, WordPiece.
#pragma once

#include <memory>

#include "vocabulary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct TokenModel {
    explicit TokenModel(Vocabulary v) : vocabulary(std::move(v)) {}
    virtual ~TokenModel() = default;
    /// Adds the ids of a piece. They depend on the piece alone.
    virtual void encode(std::string_view piece, std::vector<int64_t>& out) const = 0;

    Vocabulary vocabulary;
};

namespace detail {

/// The token of a byte where characters fall back to bytes: <0x41>.
inline std::string byte_token(unsigned byte) {
    constexpr char digits[] = "0123456789ABCDEF";
    return {'<', '0', 'x', digits[byte >> 4 & 15], digits[byte & 15], '>'};
}

}

}
