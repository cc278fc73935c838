// Text as a sequence of bytes: a vocabulary, and random stretches of text to train a language model on.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "../core/random.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The bytes that occur in a text, in ascending order, numbered from 0.
class CharacterVocabulary {
public:
    explicit CharacterVocabulary(std::string_view text) {
        ids_.fill(-1);
        for (const char c : text) ids_[place(c)] = 0;
        for (std::size_t byte = 0; byte < ids_.size(); ++byte) {
            if (ids_[byte] < 0) continue;
            ids_[byte] = size();
            characters_ += static_cast<char>(byte);
        }
    }

    int64_t size() const { return static_cast<int64_t>(characters_.size()); }
    /// The characters in the order of their numbers.
    const std::string& characters() const { return characters_; }
    /// Throws   ValueError: a byte that is not in the vocabulary; names it and its place
    std::vector<int64_t> encode(std::string_view text) const {
        std::vector<int64_t> ids;
        ids.reserve(text.size());
        for (const char c : text) {
            const int64_t id = ids_[place(c)];
            if (id < 0)
                detail::fail<ValueError>("encode", "byte ", static_cast<int>(place(c)), " at place ", ids.size(),
                                         " is not in the vocabulary of ", size());
            ids.push_back(id);
        }
        return ids;
    }
    /// Throws   IndexError: an id outside [0, size)
    std::string decode(std::span<const int64_t> ids) const {
        std::string text;
        for (const int64_t id : ids) {
            if (id < 0 || id >= size())
                detail::fail<IndexError>("decode", "id ", id, " is outside [0, ", size(), ")");
            text += characters_[static_cast<std::size_t>(id)];
        }
        return text;
    }

private:
    static std::size_t place(char c) { return static_cast<unsigned char>(c); }

    std::string characters_;
    std::array<int64_t, 256> ids_{};
};

/// Inputs and what follows each of them.
struct TokenBatch {
    Tensor<int64_t> inputs, targets;  // (B, T): targets[b, t] = inputs[b, t + 1]
};

/// A sequence of tokens, cut into contexts.
class TokenSequence {
public:
    explicit TokenSequence(std::vector<int64_t> tokens) : tokens_(std::move(tokens)) {}

    int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
    /// `batch` stretches of `length` tokens that begin at random places.
    /// Shape    -> inputs, targets (batch, length)
    /// Throws   ValueError: the sequence is not longer than `length`
    TokenBatch random_batch(int64_t batch, int64_t length, Generator& generator) const {
        check(length);
        std::vector<int64_t> starts(static_cast<std::size_t>(batch));
        fill_randint(starts.data(), batch, generator, 0, size() - length);
        return batch_at(starts, length);
    }
    /// The stretches that begin at `starts`.
    /// Throws   IndexError: one that reaches past the end
    TokenBatch batch_at(const std::vector<int64_t>& starts, int64_t length) const {
        const auto batch = static_cast<int64_t>(starts.size());
        TokenBatch result{empty<int64_t>({batch, length}), empty<int64_t>({batch, length})};
        int64_t* x = detail::output(result.inputs);
        int64_t* y = detail::output(result.targets);
        for (const int64_t start : starts) {
            if (start < 0 || start + length >= size())
                detail::fail<IndexError>("batch_at", "tokens ", start, " to ", start + length, " of ", size());
            const int64_t* from = tokens_.data() + start;
            for (int64_t t = 0; t < length; ++t) {
                *x++ = from[t];
                *y++ = from[t + 1];
            }
        }
        return result;
    }
    /// The first starts of stretches that lie behind each other and cover the sequence.
    std::vector<int64_t> consecutive_starts(int64_t length) const {
        check(length);
        std::vector<int64_t> starts;
        for (int64_t start = 0; start + length < size(); start += length) starts.push_back(start);
        return starts;
    }

private:
    void check(int64_t length) const {
        if (length < 1 || length >= size())
            detail::fail<ValueError>("TokenSequence", "stretches of ", length, " from ", size(),
                                     " tokens; the sequence must be longer");
    }

    std::vector<int64_t> tokens_;
};

/// A sequence in two parts: the first `fraction` of it, and the rest.
/// Throws   ValueError: fraction outside [0, 1]
inline std::array<TokenSequence, 2> split_tokens(const std::vector<int64_t>& tokens, double fraction) {
    if (!(fraction >= 0 && fraction <= 1))
        detail::fail<ValueError>("split_tokens", "fraction ", fraction, " is outside [0, 1]");
    const auto cut = tokens.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(tokens.size()));
    return {TokenSequence({tokens.begin(), cut}), TokenSequence({cut, tokens.end()})};
}

}
