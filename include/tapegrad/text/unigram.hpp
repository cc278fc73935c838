// The unigram model: of all ways to cut a piece into tokens the one with the highest sum of scores.
// Source   Kudo, "Subword Regularization", 2018
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "prefix_trie.hpp"
#include "token_model.hpp"
#include "utf8.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a token is to SentencePiece.
enum class TokenKind : std::uint8_t { normal, unknown, control, user_defined, byte, unused };

struct UnigramOptions {
    int64_t unk = 0;
    /// Unknown characters are their bytes: <0xE2> ...
    bool byte_fallback = false;
    /// Of each id. Without it all are normal, and all are found in texts, as tokenizers has it; with it those
    /// that are unknown, control, byte and unused are not, and sums are of float, as SentencePiece has it.
    std::vector<TokenKind> kinds = {};
};

class UnigramModel final : public TokenModel {
public:
    /// `scores` has one number for each id.
    UnigramModel(Vocabulary v, std::vector<double> scores, UnigramOptions options)
        : TokenModel(std::move(v)), scores_(std::move(scores)), options_(std::move(options)) {
        double lowest = std::numeric_limits<double>::infinity();
        for (std::size_t id = 0; id < scores_.size(); ++id) {
            const auto text = vocabulary[static_cast<int64_t>(id)];
            const TokenKind kind = options_.kinds.empty() ? TokenKind::normal : options_.kinds[id];
            if (kind == TokenKind::normal) {
                lowest = std::min(lowest, scores_[id]);
                highest_ = std::max(highest_, scores_[id]);
            }
            if (kind == TokenKind::normal || kind == TokenKind::user_defined)
                trie_.add(text, static_cast<int64_t>(id));
        }
        for (unsigned byte = 0; byte < 256; ++byte) bytes_[byte] = vocabulary.find(detail::byte_token(byte));
        unknown_score_ = lowest - 10;
    }

    void encode(std::string_view piece, std::vector<int64_t>& out) const override {
        if (options_.kinds.empty())
            encode_as<double>(piece, out);
        else
            encode_as<float>(piece, out);
    }

private:
    template <class Sum>
    struct Node {
        Sum score = 0;
        std::uint32_t length = 0;  // of the token that ends here; 0 for none
        std::int32_t id = -1;
    };

    template <class Sum>
    void encode_as(std::string_view piece, std::vector<int64_t>& out) const {
        const auto unknown_score = static_cast<Sum>(unknown_score_);
        std::vector<Node<Sum>> best(piece.size() + 1);
        const auto offer = [&](std::size_t begin, std::size_t end, Sum score, int64_t id) {
            if (best[end].length != 0 && !(score > best[end].score)) return;
            best[end] = {score, static_cast<std::uint32_t>(end - begin), static_cast<std::int32_t>(id)};
        };
        for (std::size_t begin = 0; begin < piece.size();) {
            const Sum so_far = best[begin].score;
            const std::size_t single = begin + detail::decode_utf8(piece, begin).size;
            bool has_single = false;
            std::uint32_t node = detail::PrefixTrie::root;
            for (std::size_t end = begin; end < piece.size();) {
                node = trie_.step(node, static_cast<unsigned char>(piece[end++]));
                if (node == detail::PrefixTrie::none) break;
                const int64_t id = trie_.value(node);
                if (id < 0) continue;
                offer(begin, end, score_of<Sum>(id, end - begin) + so_far, id);
                has_single |= end == single;
            }
            if (!has_single) offer(begin, single, unknown_score + so_far, options_.unk);
            begin = single;
        }
        // From the end back; then forward, unknown ones in a row together.
        std::vector<std::pair<std::uint32_t, std::int32_t>> path;
        for (std::size_t end = piece.size(); end > 0; end -= best[end].length)
            path.emplace_back(best[end].length, best[end].id);
        std::size_t at = 0, unknown = 0;  // bytes behind us, and of these unknown ones just before
        for (auto it = path.rbegin(); it != path.rend(); ++it) {
            at += it->first;
            if (it->second == options_.unk) {
                unknown += it->first;
                continue;
            }
            end_unknown(piece.substr(at - it->first - unknown, unknown), out);
            unknown = 0;
            out.push_back(it->second);
        }
        end_unknown(piece.substr(at - unknown, unknown), out);
    }
    template <class Sum>
    Sum score_of(int64_t id, std::size_t length) const {
        const auto i = static_cast<std::size_t>(id);
        if (options_.kinds.empty() || options_.kinds[i] != TokenKind::user_defined)
            return static_cast<Sum>(scores_[i]);
        // Nearly always better than what it consists of: scores are logarithms of frequencies.
        return static_cast<Sum>(static_cast<double>(length) * highest_ - 0.1);
    }
    void end_unknown(std::string_view text, std::vector<int64_t>& out) const {
        if (text.empty()) return;
        if (options_.kinds.empty())
            if (const int64_t id = vocabulary.find(text); id >= 0) return out.push_back(id);
        if (options_.byte_fallback && std::all_of(text.begin(), text.end(), [&](char c) {
                return bytes_[static_cast<unsigned char>(c)] >= 0;
            })) {
            for (const char c : text) out.push_back(bytes_[static_cast<unsigned char>(c)]);
            return;
        }
        out.push_back(options_.unk);
    }

    std::vector<double> scores_;
    UnigramOptions options_;
    detail::PrefixTrie trie_;
    std::array<int64_t, 256> bytes_{};
    double unknown_score_ = 0, highest_ = 0;  // at least 0, as it is in SentencePiece
};

}
