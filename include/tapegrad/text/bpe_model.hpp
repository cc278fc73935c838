// Byte pair encoding over a vocabulary and its merges: of bytes (GPT-2 and what came after) or of characters.
#pragma once

#include <array>

#include "bpe_merge.hpp"
#include "byte_alphabet.hpp"
#include "token_model.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How a vocabulary is meant; the names are those of tokenizer.json.
struct BpeOptions {
    /// Pieces are bytes, and the vocabulary writes each as a character of its own.
    bool byte_level = false;
    /// The vocabulary is of bytes as they are (tiktoken).
    bool raw_bytes = false;
    /// A piece that is a token is that token, however the merges would make it.
    bool ignore_merges = false;
    /// A character without a token is its bytes: <0xE2> ...
    bool byte_fallback = false;
    /// Unknown characters in a row are one unknown token.
    bool fuse_unk = false;
    /// The unknown token; below 0 there is none, and what is unknown is left out.
    int64_t unk = -1;
    /// Goes before every symbol of a piece but the first, and behind the last.
    std::string continuing_subword_prefix = {}, end_of_word_suffix = {};
};

class BpeModel final : public TokenModel {
public:
    BpeModel(Vocabulary v, detail::MergeTable merges, BpeOptions options)
        : TokenModel(std::move(v)), merges_(std::move(merges)), options_(std::move(options)) {
        for (unsigned byte = 0; byte < 256; ++byte)
            fallback_[byte] = vocabulary.find(detail::byte_token(byte));
        for (unsigned place = 0; place < 4; ++place)
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(1, static_cast<char>(static_cast<unsigned char>(byte)));
                if (options_.byte_level) text = detail::bytes_to_characters(text);
                bytes_[place][byte] = byte < 0x80 || options_.byte_level || options_.raw_bytes
                                          ? find_symbol(text, (place & 1) != 0, (place & 2) != 0)
                                          : -1;
            }
        if (!options_.ignore_merges || !options_.byte_level) return;
        std::string text;
        for (int64_t id = 0; id < vocabulary.size(); ++id) {
            text.clear();
            if (vocabulary.contains(id) && detail::append_bytes_of(text, vocabulary[id]))
                whole_.add(text, id);
        }
    }

    const BpeOptions& options() const { return options_; }
    const detail::MergeTable& merges() const { return merges_; }

    void encode(std::string_view piece, std::vector<int64_t>& out) const override {
        if (piece.empty()) return;
        if (options_.ignore_merges) {
            const int64_t id = (options_.byte_level ? whole_ : vocabulary).find(piece);
            if (id >= 0) return out.push_back(id);
        }
        std::vector<std::uint32_t> symbols;
        symbols.reserve(piece.size());
        if (options_.byte_level || options_.raw_bytes)
            read_bytes(piece, symbols);
        else
            read_characters(piece, symbols);
        detail::merge_symbols(merges_, symbols);
        out.insert(out.end(), symbols.begin(), symbols.end());
    }

private:
    int64_t find_symbol(std::string_view text, bool first, bool last) const {
        const std::string& prefix = options_.continuing_subword_prefix;
        const std::string& suffix = options_.end_of_word_suffix;
        if ((first || prefix.empty()) && (!last || suffix.empty())) return vocabulary.find(text);
        std::string whole = first ? std::string() : prefix;
        whole += text;
        if (last) whole += suffix;
        return vocabulary.find(whole);
    }
    void add(int64_t id, std::vector<std::uint32_t>& symbols) const {
        symbols.push_back(static_cast<std::uint32_t>(id));
    }
    void read_bytes(std::string_view piece, std::vector<std::uint32_t>& symbols) const {
        bool unknown = false;
        for (std::size_t i = 0; i < piece.size(); ++i) {
            const unsigned place = (i == 0 ? 1u : 0u) | (i + 1 == piece.size() ? 2u : 0u);
            const int64_t id = bytes_[place][static_cast<unsigned char>(piece[i])];
            if (id >= 0) {
                add(id, symbols);
            } else if (options_.unk >= 0 && !(unknown && options_.fuse_unk)) {
                add(options_.unk, symbols);
            }
            unknown = id < 0;
        }
    }
    void read_characters(std::string_view piece, std::vector<std::uint32_t>& symbols) const {
        bool pending = false;  // an unknown token whose run is not over
        const auto end_run = [&] {
            if (pending) add(options_.unk, symbols);
            pending = false;
        };
        for (std::size_t at = 0; at < piece.size();) {
            const detail::Utf8Unit unit = detail::decode_utf8(piece, at);
            const bool first = at == 0, last = at + unit.size == piece.size();
            const std::string_view text = piece.substr(at, unit.size);
            const int64_t id = unit.point < 0x80 ? bytes_[(first ? 1 : 0) | (last ? 2 : 0)][unit.point]
                                                 : find_symbol(text, first, last);
            at += unit.size;
            if (id >= 0) {
                end_run();
                add(id, symbols);
                continue;
            }
            if (options_.byte_fallback && fall_back(text, first, last, symbols)) continue;
            if (options_.unk < 0) continue;
            if (!options_.fuse_unk) end_run();
            pending = true;
        }
        end_run();
    }
    /// The bytes of a character, with its prefix and suffix, where all have tokens.
    bool fall_back(std::string_view text, bool first, bool last, std::vector<std::uint32_t>& symbols) const {
        std::string whole = first ? std::string() : options_.continuing_subword_prefix;
        whole += text;
        if (last) whole += options_.end_of_word_suffix;
        for (const char c : whole)
            if (fallback_[static_cast<unsigned char>(c)] < 0) return false;
        for (const char c : whole) add(fallback_[static_cast<unsigned char>(c)], symbols);
        return true;
    }

    detail::MergeTable merges_;
    BpeOptions options_;
    std::array<std::array<int64_t, 256>, 4> bytes_{};  // by place: 1 first, 2 last
    std::array<int64_t, 256> fallback_{};
    Vocabulary whole_;  // of byte-level tokens as bytes
};

}
