// Text to tokens and back. A tokenizer is a chain of simple parts: tokens that are found as they stand, what
// is done to the text before it is cut, cuts, a model, what is put around, and what joins tokens again.
//
//   const Tokenizer tokenizer = load_tokenizer("tokenizer.json");
//   const std::vector<int64_t> ids = tokenizer.encode("Hello");
//   const std::string text = tokenizer.decode(ids);
#pragma once

#include "added_tokens.hpp"
#include "decoder.hpp"
#include "token_model.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct EncodeOptions {
    /// Put around the text what the model expects: [CLS] and [SEP], <s>.
    bool add_special = false;
    /// Read "<|endoftext|>" in the text as that token. Off, it is text as any other: what a stranger wrote
    /// cannot end his turn.
    bool allow_special = false;
};

struct DecodeOptions {
    /// Leave special tokens out.
    bool skip_special = true;
};

/// The parts of a tokenizer, for who composes one; files are read by `load_tokenizer`.
struct TokenizerParts {
    std::shared_ptr<const TokenModel> model;
    std::vector<AddedToken> added = {};
    std::vector<std::shared_ptr<const Normalizer>> normalizers = {};
    std::vector<std::shared_ptr<const PreTokenizer>> pre_tokenizers = {};
    std::vector<std::shared_ptr<const Decoder>> decoders = {};
    /// Tokens that `add_special` puts before and behind.
    std::vector<int64_t> before = {}, after = {};
};

namespace detail {

/// Remembers where in `out` the tokens of a piece already stand. It knows pieces by where they lie: they must
/// stay there.
class PieceCache {
public:
    /// For a text of so many bytes.
    explicit PieceCache(std::size_t bytes) {
        if (bytes < 256) return;
        std::size_t n = 64;
        while (n < bytes / 16 && n < 32768) n *= 2;
        slots_.resize(n);
    }
    void encode(const TokenModel& model, std::string_view piece, std::vector<int64_t>& out) {
        constexpr std::size_t long_piece = 64;
        if (slots_.empty() || piece.size() > long_piece) return model.encode(piece, out);
        Slot& slot = slots_[hash_bytes(piece) & (slots_.size() - 1)];
        if (slot.size == piece.size() && std::memcmp(slot.data, piece.data(), piece.size()) == 0) {
            const std::size_t before = out.size();
            out.resize(before + slot.count);
            std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(slot.begin), slot.count,
                        out.begin() + static_cast<std::ptrdiff_t>(before));
            return;
        }
        const std::size_t before = out.size();
        model.encode(piece, out);
        slot = {piece.data(), static_cast<std::uint32_t>(piece.size()),
                static_cast<std::uint32_t>(out.size() - before), before};
    }

private:
    struct Slot {
        const char* data = nullptr;
        std::uint32_t size = 0, count = 0;
        std::size_t begin = 0;
    };
    std::vector<Slot> slots_;
};

}

class Tokenizer {
public:
    explicit Tokenizer(TokenizerParts parts)
        : parts_(std::move(parts)), added_(parts_.added, parts_.normalizers) {
        size_ = parts_.model->vocabulary.size();
        for (const AddedToken& token : parts_.added) size_ = std::max(size_, token.id + 1);
    }

    /// The ids of a text. One tokenizer may be used by several threads.
    std::vector<int64_t> encode(std::string_view text, EncodeOptions options = {}) const {
        std::vector<int64_t> out;
        if (options.add_special) out = parts_.before;
        encode_text(text, options.allow_special, out);
        if (options.add_special) out.insert(out.end(), parts_.after.begin(), parts_.after.end());
        return out;
    }

    /// The text of tokens. Tokens of bytes may end inside a character: `replace_malformed` or `StreamDecoder`
    /// see to that.
    /// Throws   IndexError: an id that is no token
    std::string decode(std::span<const int64_t> ids, DecodeOptions options = {}) const {
        std::vector<std::string> tokens;
        tokens.reserve(ids.size());
        for (const int64_t id : ids) {
            const AddedToken* added = added_.find(id);
            if (added == nullptr)
                tokens.emplace_back(token_of(id));
            else if (!added->special || !options.skip_special)
                tokens.push_back(added_.text_of(*added));
        }
        for (const auto& decoder : parts_.decoders)
            if (!tokens.empty()) decoder->apply(tokens);
        return detail::joined(tokens);
    }
    std::string decode(std::initializer_list<int64_t> ids, DecodeOptions options = {}) const {
        return decode(std::span(ids.begin(), ids.size()), options);
    }

    /// One more than the largest id: the rows of an embedding.
    int64_t vocab_size() const { return size_; }
    /// The id of a token as the vocabulary writes it, or -1.
    int64_t id_of(std::string_view token) const {
        if (const AddedToken* added = added_.find(token)) return added->id;
        return parts_.model->vocabulary.find(token);
    }
    /// A token as the vocabulary writes it.
    /// Throws   IndexError: an id that is no token
    std::string_view token_of(int64_t id) const {
        if (const AddedToken* added = added_.find(id)) return added->content;
        if (!parts_.model->vocabulary.contains(id))
            detail::fail<IndexError>("tokenizer", "there is no token ", id, "; the vocabulary has ", size_,
                                     " ids");
        return parts_.model->vocabulary[id];
    }
    bool is_special(int64_t id) const {
        const AddedToken* added = added_.find(id);
        return added != nullptr && added->special;
    }

    const TokenizerParts& parts() const { return parts_; }

private:
    void encode_text(std::string_view text, bool allow_special, std::vector<int64_t>& out) const {
        detail::PieceCache cache(text.size());
        std::deque<std::string> kept;  // what pieces lie in, until all is done
        added_.split(text, false, allow_special, [&](detail::Segment outer) {
            if (outer.id >= 0) return out.push_back(outer.id);
            const bool at_begin = outer.text.data() == text.data();
            std::string_view normal = outer.text;
            if (!parts_.normalizers.empty()) {
                std::string& changed = kept.emplace_back(outer.text);
                for (const auto& normalizer : parts_.normalizers) normalizer->apply(changed);
                normal = changed;
            }
            added_.split(normal, true, allow_special, [&](detail::Segment inner) {
                if (inner.id >= 0) return out.push_back(inner.id);
                const bool first = at_begin && inner.text.data() == normal.data();
                detail::Pieces pieces{{inner.text}, kept, first};
                for (const auto& pre_tokenizer : parts_.pre_tokenizers) pre_tokenizer->apply(pieces);
                for (const std::string_view piece : pieces.list) cache.encode(*parts_.model, piece, out);
            });
        });
    }

    TokenizerParts parts_;
    AddedTokens added_;
    int64_t size_ = 0;
};

}
