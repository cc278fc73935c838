// SentencePiece's BPE: pieces have scores instead of merges, and any two neighbours may become one that are a
// piece together, the highest score first.
#pragma once

#include "bpe_merge.hpp"
#include "prefix_trie.hpp"
#include "unigram.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

class SentencePieceBpe final : public TokenModel {
public:
    /// `options.kinds` and `scores` have an entry for each id; no piece is longer than `max_merged_bytes`.
    SentencePieceBpe(Vocabulary v, const std::vector<double>& scores, UnigramOptions options)
        : TokenModel(std::move(v)), options_(std::move(options)) {
        std::vector<double> order = scores;
        std::sort(order.begin(), order.end(), std::greater<>());
        order.erase(std::unique(order.begin(), order.end()), order.end());
        for (unsigned byte = 0; byte < 256; ++byte) bytes_[byte] = vocabulary.find(byte_token(byte));
        const int64_t n = vocabulary.size();
        for (int64_t id = 0; id < n; ++id)
            if (is_text(id)) characters_of(vocabulary[id]);
        for (int64_t id = 0; id < n; ++id) {
            if (!is_text(id)) continue;
            const std::string_view piece = vocabulary[id];
            if (options_.kinds[static_cast<std::size_t>(id)] == TokenKind::user_defined)
                frozen_.add(piece, id);
            const auto rank = static_cast<std::uint32_t>(
                std::lower_bound(order.begin(), order.end(), scores[static_cast<std::size_t>(id)],
                                 std::greater<>()) -
                order.begin());
            for (std::size_t cut = decode_utf8(piece, 0).size; cut < piece.size();
                 cut += decode_utf8(piece, cut).size) {
                const std::uint32_t left = symbol_of(piece.substr(0, cut));
                const std::uint32_t right = left == none ? none : symbol_of(piece.substr(cut));
                if (right != none) merges_.set(left, right, {rank, static_cast<std::uint32_t>(id)});
            }
        }
    }

    void encode(std::string_view piece, std::vector<int64_t>& out) const override {
        std::vector<std::uint32_t> symbols;
        symbols.reserve(piece.size());
        for (std::size_t at = 0; at < piece.size();) {
            if (const auto match = frozen_.longest(piece, at); match.value >= 0) {
                symbols.push_back(frozen | static_cast<std::uint32_t>(match.value));
                at = match.end;
                continue;
            }
            const std::size_t size = decode_utf8(piece, at).size;
            const std::uint32_t symbol = symbol_of(piece.substr(at, size));
            symbols.push_back(symbol == none ? unknown | static_cast<std::uint32_t>(at) : symbol);
            at += size;
        }
        merge_symbols(merges_, symbols);
        bool after_unknown = false;
        for (const std::uint32_t symbol : symbols) {
            const std::uint32_t id = symbol & ~frozen;
            const bool is_unknown = (symbol & unknown) != 0 || static_cast<int64_t>(id) >= vocabulary.size();
            if (!is_unknown) {
                out.push_back(id);
            } else if (options_.byte_fallback) {
                const std::size_t at = symbol & ~unknown;
                const std::string_view text = (symbol & unknown) != 0
                                                  ? piece.substr(at, decode_utf8(piece, at).size)
                                                  : extra_[static_cast<int64_t>(id) - vocabulary.size()];
                for (const char c : text) out.push_back(bytes_[static_cast<unsigned char>(c)]);
            } else if (!after_unknown) {
                out.push_back(options_.unk);
            }
            after_unknown = is_unknown;
        }
    }

private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    /// Symbols that never merge: user-defined pieces, and characters that no piece has, by their place.
    static constexpr std::uint32_t frozen = 0x40000000, unknown = 0x80000000;

    bool is_text(int64_t id) const {
        const TokenKind kind = options_.kinds[static_cast<std::size_t>(id)];
        return kind == TokenKind::normal || kind == TokenKind::user_defined;
    }
    /// Characters of pieces that are no piece themselves are symbols all the same.
    void characters_of(std::string_view piece) {
        for (std::size_t at = 0; at < piece.size();) {
            const std::size_t size = decode_utf8(piece, at).size;
            const std::string_view character = piece.substr(at, size);
            if (symbol_of(character) == none) extra_.add(character, extra_.size());
            at += size;
        }
    }
    std::uint32_t symbol_of(std::string_view text) const {
        if (const int64_t id = vocabulary.find(text); id >= 0 && is_text(id))
            return static_cast<std::uint32_t>(id);
        if (const int64_t id = extra_.find(text); id >= 0)
            return static_cast<std::uint32_t>(vocabulary.size() + id);
        return none;
    }

    UnigramOptions options_;
    Vocabulary extra_;
    MergeTable merges_;
    PrefixTrie frozen_;
    std::array<int64_t, 256> bytes_{};
};

}
