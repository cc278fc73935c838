// SentencePiece's models: unigram and BPE, as they are in a .model file.
//
//   const Tokenizer tokenizer = load_sentencepiece("tokenizer.model");
#pragma once

#include "../io/json.hpp"
#include "protobuf.hpp"
#include "sentencepiece_bpe.hpp"
#include "sentencepiece_normalizer.hpp"
#include "text_file.hpp"
#include "tokenizer.hpp"
#include "unigram.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SentencePieceOptions {
    /// What `add_special` puts around a text, where the model has it.
    bool add_bos = true, add_eos = false;
};

namespace detail {

/// What a model file says.
struct SentencePieceModel {
    Vocabulary vocabulary;
    std::vector<double> scores;
    std::vector<TokenKind> kinds;
    int64_t unk = -1;
    int64_t model_type = 1;  // 1 unigram, 2 BPE
    bool byte_fallback = false;
    std::string bos = "<s>", eos = "</s>", unk_surface = " \xE2\x81\x87 ";
    SentencePieceRules rules;
    CharsMap map;
};

/// Joins pieces: spaces from their character, bytes to characters, no space before the first.
struct DecodeSentencePiece final : Decoder {
    void apply(std::vector<std::string>& tokens) const override {
        std::string out, bytes;
        bool first = true, space_taken = false;
        const auto end_bytes = [&] {  // each byte that is none of UTF-8 is U+FFFD
            for (std::size_t at = 0; at < bytes.size();) {
                const Utf8Unit unit = decode_utf8(bytes, at);
                if (unit.malformed()) {
                    append_utf8(out, replacement_character);
                    ++at;
                } else {
                    out.append(bytes, at, unit.size);
                    at += unit.size;
                }
            }
            bytes.clear();
        };
        for (const std::string& token : tokens) {
            const int byte = byte_fallback ? DecodeByteFallback::byte_of(token) : -1;
            if (byte >= 0) {
                bytes += static_cast<char>(static_cast<unsigned char>(byte));
                continue;
            }
            end_bytes();
            if (space_taken || !out.empty()) first = false;
            space_taken = false;
            if (token == unk) {
                out += unk_surface;
                continue;
            }
            std::string_view text = token;
            if (first && (rules.add_dummy_prefix || rules.remove_extra_whitespaces) &&
                text.starts_with(metaspace)) {
                text.remove_prefix(metaspace.size());
                space_taken = !rules.remove_extra_whitespaces;
            }
            append_replaced(out, text, metaspace, " ");
        }
        end_bytes();
        tokens.assign(1, std::move(out));
    }
    SentencePieceRules rules;
    std::string unk, unk_surface;
    bool byte_fallback = false;
};

/// The next piece, of a type by its number in the file.
inline void add_piece(const InputFile& file, int64_t offset, std::string_view text, float score, int64_t type,
                      SentencePieceModel& model) {
    constexpr TokenKind kinds[] = {TokenKind::normal,       TokenKind::unknown, TokenKind::control,
                                   TokenKind::user_defined, TokenKind::unused,  TokenKind::byte};
    if (type < 1 || type > 6) file.fail(offset, "a piece of the type ", type);
    const TokenKind kind = kinds[type - 1];
    if (text.empty() || !is_utf8(text) || text.size() > max_merged_bytes)
        file.fail(offset, "a piece of ", text.size(), " bytes is empty, too long or not UTF-8");
    if (score - score != 0) file.fail(offset, "the score of ", shown(text), " is not finite");
    const int64_t id = model.vocabulary.size();
    if (!model.vocabulary.add(text, id)) file.fail(offset, "the piece ", shown(text), " is there twice");
    if (kind == TokenKind::unknown && std::exchange(model.unk, id) >= 0)
        file.fail(offset, "a second unknown piece");
    if (kind == TokenKind::byte &&
        (DecodeByteFallback::byte_of(text) < 0 ||
         byte_token(static_cast<unsigned>(DecodeByteFallback::byte_of(text))) != text))
        file.fail(offset, "the piece ", shown(text), " is no byte");
    model.kinds.push_back(kind);
    model.scores.push_back(static_cast<double>(score));
}

inline void read_piece(const InputFile& file, ProtobufReader reader, int64_t offset,
                       SentencePieceModel& model) {
    std::string_view text;
    float score = 0;
    int64_t type = 1;
    for (ProtobufField f; reader.next(f);) {
        if (f.number == 1) text = reader.bytes(f);
        if (f.number == 2) score = reader.real(f);
        if (f.number == 3) type = reader.number(f);
    }
    add_piece(file, offset, text, score, type, model);
}

inline void read_trainer_spec(ProtobufReader reader, SentencePieceModel& model) {
    for (ProtobufField f; reader.next(f);) {
        if (f.number == 3) model.model_type = reader.number(f);
        if (f.number == 24) model.rules.treat_whitespace_as_suffix = reader.boolean(f);
        if (f.number == 35) model.byte_fallback = reader.boolean(f);
        if (f.number == 44) model.unk_surface = reader.bytes(f);
        if (f.number == 46 && !f.bytes.empty()) model.bos = reader.bytes(f);
        if (f.number == 47 && !f.bytes.empty()) model.eos = reader.bytes(f);
    }
}

inline void read_normalizer_spec(const InputFile& file, ProtobufReader reader, SentencePieceModel& model) {
    for (ProtobufField f; reader.next(f);) {
        if (f.number == 2) model.map = CharsMap(file, reader.bytes(f), f.bytes_offset);
        if (f.number == 3) model.rules.add_dummy_prefix = reader.boolean(f);
        if (f.number == 4) model.rules.remove_extra_whitespaces = reader.boolean(f);
        if (f.number == 5) model.rules.escape_whitespaces = reader.boolean(f);
    }
}

inline void check_sentencepiece(const InputFile& file, const SentencePieceModel& model) {
    if (model.unk < 0) file.fail(file.size(), "there is no unknown piece");
    if (model.model_type != 1 && model.model_type != 2)
        file.fail(file.size(), "the model type ", model.model_type, " is neither unigram nor BPE");
    const auto count = [&](TokenKind kind) {
        return std::count(model.kinds.begin(), model.kinds.end(), kind);
    };
    if (count(TokenKind::byte) != (model.byte_fallback ? 256 : 0))
        file.fail(file.size(), "there are ", count(TokenKind::byte), " pieces of bytes, with byte_fallback ",
                  model.byte_fallback ? "on" : "off");
    if (model.model_type == 2 && count(TokenKind::unused) != 0)
        file.fail(file.size(), "unused pieces are not supported in a BPE model");
    if (count(TokenKind::normal) == 0) file.fail(file.size(), "there are no normal pieces");
}

inline SentencePieceModel read_sentencepiece(const InputFile& file) {
    SentencePieceModel model;
    const std::string content = read_all(file);
    ProtobufReader reader(file, content, 0);
    for (ProtobufField f; reader.next(f);) {
        if (f.number == 1) read_piece(file, reader.message(f), f.offset, model);
        if (f.number == 2) read_trainer_spec(reader.message(f), model);
        if (f.number == 3) read_normalizer_spec(file, reader.message(f), model);
        if (f.number != 5) continue;
        ProtobufReader spec = reader.message(f);
        for (ProtobufField inner; spec.next(inner);)
            if (inner.number == 2 && !spec.bytes(inner).empty())
                file.fail(f.offset, "a denormalizer is not supported");
    }
    check_sentencepiece(file, model);
    return model;
}

inline Tokenizer sentencepiece_tokenizer(SentencePieceModel model, SentencePieceOptions options) {
    TokenizerParts parts;
    PrefixTrie kept;
    for (int64_t id = 0; id < model.vocabulary.size(); ++id) {
        const TokenKind kind = model.kinds[static_cast<std::size_t>(id)];
        const std::string_view text = model.vocabulary[id];
        if (kind == TokenKind::control)
            parts.added.push_back({.content = std::string(text), .id = id, .special = true});
        if (kind == TokenKind::user_defined) kept.add(text, id);
    }
    const auto control = [&](bool wanted, const std::string& text, std::vector<int64_t>& out) {
        const int64_t id = model.vocabulary.find(text);
        if (wanted && id >= 0 && model.kinds[static_cast<std::size_t>(id)] == TokenKind::control)
            out.push_back(id);
    };
    control(options.add_bos, model.bos, parts.before);
    control(options.add_eos, model.eos, parts.after);
    auto decoder = std::make_shared<DecodeSentencePiece>();
    decoder->rules = model.rules;
    decoder->unk = model.vocabulary[model.unk];
    decoder->unk_surface = model.unk_surface;
    decoder->byte_fallback = model.byte_fallback;
    parts.decoders.push_back(std::move(decoder));
    parts.normalizers.push_back(
        std::make_shared<SentencePieceNormalizer>(model.rules, std::move(model.map), std::move(kept)));
    UnigramOptions kinds{model.unk, model.byte_fallback, std::move(model.kinds)};
    if (model.model_type == 2)
        parts.model =
            std::make_shared<SentencePieceBpe>(std::move(model.vocabulary), model.scores, std::move(kinds));
    else
        parts.model = std::make_shared<UnigramModel>(std::move(model.vocabulary), std::move(model.scores),
                                                     std::move(kinds));
    return Tokenizer(std::move(parts));
}

}

/// The tokenizer of a .model file of SentencePiece. Control pieces are its special tokens.
/// Throws   IoError: the file is not there, or anything in it is not as it should be
/// Source   Kudo, Richardson, "SentencePiece", 2018
inline Tokenizer load_sentencepiece(const std::string& path, SentencePieceOptions options = {}) {
    const InputFile file("sentencepiece", path);
    return detail::sentencepiece_tokenizer(detail::read_sentencepiece(file), options);
}

}
