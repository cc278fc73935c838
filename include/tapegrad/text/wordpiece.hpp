// WordPiece: from the begin of a word the longest token, then the longest that goes on, to its end.
// Source   Devlin et al., "BERT", 2018; Schuster, Nakajima, "Japanese and Korean Voice Search", 2012
#pragma once

#include "prefix_trie.hpp"
#include "token_model.hpp"
#include "utf8.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct WordPieceOptions {
    int64_t unk = 0;
    /// Before tokens that go on with a word.
    std::string continuing_subword_prefix = "##";
    /// A word with more characters is unknown.
    int64_t max_input_chars_per_word = 100;
};

class WordPieceModel final : public TokenModel {
public:
    WordPieceModel(Vocabulary v, WordPieceOptions options)
        : TokenModel(std::move(v)), options_(std::move(options)) {
        for (int64_t id = 0; id < vocabulary.size(); ++id)
            if (vocabulary.contains(id)) trie_.add(vocabulary[id], id);
        continuing_ = trie_.walk(options_.continuing_subword_prefix);
    }

    void encode(std::string_view piece, std::vector<int64_t>& out) const override {
        int64_t characters = 0;
        for (std::size_t at = 0; at < piece.size() && characters <= options_.max_input_chars_per_word;
             ++characters)
            at += detail::decode_utf8(piece, at).size;
        if (characters > options_.max_input_chars_per_word) return out.push_back(options_.unk);
        const std::size_t before = out.size();
        for (std::size_t at = 0; at < piece.size();) {
            const std::uint32_t node = at == 0 ? detail::PrefixTrie::root : continuing_;
            detail::PrefixTrie::Match match{-1, at};
            if (node != detail::PrefixTrie::none) match = trie_.longest(piece, at, node);
            if (match.value < 0) {  // one part unknown: the word is
                out.resize(before);
                return out.push_back(options_.unk);
            }
            out.push_back(match.value);
            at = match.end;
        }
    }

private:
    WordPieceOptions options_;
    detail::PrefixTrie trie_;
    std::uint32_t continuing_ = 0;
};

}
