// tokenizer.json, in which Hugging Face's tokenizers save themselves whole.
//
// Read are models of BPE, Unigram and WordPiece with the parts of tokenizer_json_parts.hpp. `truncation` and
// `padding` are left to the caller.
#pragma once

#include "bpe_model.hpp"
#include "tokenizer.hpp"
#include "tokenizer_json_parts.hpp"
#include "unigram.hpp"
#include "vocabulary_json.hpp"
#include "wordpiece.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Texts of added tokens in all, so that their table stays small.
inline constexpr std::size_t max_added_bytes = 1 << 22;

inline std::vector<AddedToken> read_added_tokens(const JsonObject& root, const Vocabulary& vocabulary) {
    std::vector<AddedToken> out;
    if (root.find("added_tokens") == nullptr) return out;
    std::map<std::string, int64_t> ids;
    std::map<int64_t, std::string> contents;
    std::size_t bytes = 0;
    for (const JsonValue& value : root.array("added_tokens")) {
        const JsonObject token(root.file(), "added_tokens", value);
        AddedToken added;
        added.content = token.string("content");
        added.id = token.integer("id", 0, Vocabulary::max_id);
        added.single_word = token.boolean("single_word", false);
        added.lstrip = token.boolean("lstrip", false);
        added.rstrip = token.boolean("rstrip", false);
        added.normalized = token.boolean("normalized", true);
        added.special = token.boolean("special", false);
        bytes += added.content.size();
        if (added.content.empty()) token.fail(value, "an empty token");
        if (bytes > max_added_bytes) token.fail(value, "more than 4 MiB of tokens");
        const int64_t known = vocabulary.find(added.content);
        if (!ids.emplace(added.content, added.id).second ||
            !contents.emplace(added.id, added.content).second || (known >= 0 && known != added.id) ||
            (known < 0 && vocabulary.contains(added.id)))
            token.fail(value,
                       text("the token ", shown(added.content), " or its id ", added.id, " is there twice"));
        out.push_back(std::move(added));
    }
    return out;
}

/// The id of a token that the model must have.
inline int64_t read_token(const JsonObject& model, std::string_view key, const Vocabulary& vocabulary) {
    const int64_t id = vocabulary.find(model.string(key));
    if (id < 0)
        model.fail_member(key, model.at(key),
                          text("the token ", shown(model.string(key)), " is not in the vocabulary"));
    return id;
}

inline std::shared_ptr<const TokenModel> read_bpe(const JsonObject& model, VocabularyEvents& vocab,
                                                  const MergesEvents& merges, bool byte_level) {
    if (!vocab.scores.empty()) model.fail(model.at("vocab"), "a vocabulary with scores");
    if (model.find("dropout") != nullptr && model.at("dropout").real != 0)
        model.fail(model.at("dropout"), "dropout is not supported");
    Vocabulary vocabulary = vocab.take(model.at("vocab").offset);
    BpeOptions options;
    options.byte_level = byte_level;
    options.ignore_merges = model.boolean("ignore_merges", false);
    options.byte_fallback = model.boolean("byte_fallback", false);
    options.fuse_unk = model.boolean("fuse_unk", false);
    options.continuing_subword_prefix = model.string("continuing_subword_prefix", "");
    options.end_of_word_suffix = model.string("end_of_word_suffix", "");
    if (model.find("unk_token") != nullptr) options.unk = read_token(model, "unk_token", vocabulary);
    MergeTable table = merge_table(model.file(), model.at("merges").offset, vocabulary, merges.parts,
                                   options.continuing_subword_prefix);
    return std::make_shared<BpeModel>(std::move(vocabulary), std::move(table), std::move(options));
}

inline std::shared_ptr<const TokenModel> read_unigram(const JsonObject& model, VocabularyEvents& vocab) {
    Vocabulary vocabulary = vocab.take(model.at("vocab").offset);
    if (static_cast<int64_t>(vocab.scores.size()) != vocabulary.size() || vocab.scores.empty())
        model.fail(model.at("vocab"), "must be a list of tokens and scores");
    UnigramOptions options;
    options.unk = model.integer("unk_id", 0, vocabulary.size() - 1);
    options.byte_fallback = model.boolean("byte_fallback", false);
    return std::make_shared<UnigramModel>(std::move(vocabulary), std::move(vocab.scores), std::move(options));
}

inline std::shared_ptr<const TokenModel> read_wordpiece(const JsonObject& model, VocabularyEvents& vocab) {
    if (!vocab.scores.empty()) model.fail(model.at("vocab"), "a vocabulary with scores");
    Vocabulary vocabulary = vocab.take(model.at("vocab").offset);
    WordPieceOptions options;
    options.unk = read_token(model, "unk_token", vocabulary);
    options.continuing_subword_prefix = model.string("continuing_subword_prefix", "##");
    if (model.find("max_input_chars_per_word") != nullptr)
        options.max_input_chars_per_word = model.integer("max_input_chars_per_word", 0, 1 << 20);
    return std::make_shared<WordPieceModel>(std::move(vocabulary), std::move(options));
}

/// What goes around a text.
struct Around {
    std::vector<int64_t> before, after;
};

inline void read_template(const JsonObject& part, Around& around) {
    const JsonObject tokens = part.object("special_tokens");
    Around fresh;
    bool behind = false;
    for (const JsonValue& value : part.array("single")) {
        const JsonObject item(part.file(), part.where() + ".single", value);
        if (item.find("Sequence") != nullptr) {
            if (behind || item.object("Sequence").string("id") != "A")
                item.fail(value, "must have the text once");
            behind = true;
            continue;
        }
        const std::string& name = item.object("SpecialToken").string("id");
        for (const JsonValue& id : tokens.object(name).array("ids")) {
            if (id.kind != JsonValue::Kind::number || id.number < 0 || id.number > Vocabulary::max_id)
                tokens.fail_member(name, id, "must be ids");
            (behind ? fresh.after : fresh.before).push_back(id.number);
        }
    }
    if (!behind) part.fail_member("single", part.at("single"), "must have the text once");
    around.before.insert(around.before.begin(), fresh.before.begin(), fresh.before.end());
    around.after.insert(around.after.end(), fresh.after.begin(), fresh.after.end());
}

inline Around read_post_processor(const JsonObject& root) {
    Around around;
    if (root.find("post_processor") == nullptr) return around;
    for_each_part(root.object("post_processor"), "processors", [&](const JsonObject& part) {
        const std::string& type = part.string("type");
        if (type == "ByteLevel") return;  // is about offsets, which there are none of here
        if (type == "TemplateProcessing") return read_template(part, around);
        if (type != "BertProcessing" && type != "RobertaProcessing") fail_unknown(part);
        const auto id_of = [&](std::string_view key) {
            const auto& pair = part.array(key);
            if (pair.size() != 2 || pair[1].kind != JsonValue::Kind::number || pair[1].number < 0 ||
                pair[1].number > Vocabulary::max_id)
                part.fail_member(key, part.at(key), "must be a token and its id");
            return pair[1].number;
        };
        around.before.insert(around.before.begin(), id_of("cls"));
        around.after.push_back(id_of("sep"));
    });
    return around;
}

}

/// The tokenizer of a tokenizer.json.
/// Throws   IoError: the file is not there, is not as it should be, or has a part or a pattern that is not known
///          here, which it names
/// Source   https://huggingface.co/docs/tokenizers
inline Tokenizer load_tokenizer_json(const std::string& path) {
    const InputFile file("tokenizer.json", path);
    detail::VocabularyEvents vocab(file);
    detail::MergesEvents merges(file);
    detail::JsonTree tree(file, {{"model.vocab", &vocab}, {"model.merges", &merges}});
    {
        const std::string content = detail::read_all(file);
        parse_json(content, tree);
    }
    const detail::JsonObject root(file, "", tree.root()), model = root.object("model");
    TokenizerParts parts;
    parts.normalizers = detail::read_normalizers(root);
    detail::PreTokenizers cuts = detail::read_pre_tokenizers(root);
    parts.pre_tokenizers = std::move(cuts.all);
    const std::string type = model.string("type", model.find("merges") != nullptr ? "BPE" : "");
    if (type == "BPE")
        parts.model = detail::read_bpe(model, vocab, merges, cuts.byte_level);
    else if (cuts.byte_level)
        model.fail(model.value(), "only BPE may stand behind ByteLevel");
    else if (type == "Unigram")
        parts.model = detail::read_unigram(model, vocab);
    else if (type == "WordPiece")
        parts.model = detail::read_wordpiece(model, vocab);
    else
        model.fail(model.value(), detail::text("the type ", detail::shown(type), " is not known here"));
    parts.added = detail::read_added_tokens(root, parts.model->vocabulary);
    parts.decoders = detail::read_decoders(root);
    detail::Around around = detail::read_post_processor(root);
    parts.before = std::move(around.before);
    parts.after = std::move(around.after);
    return Tokenizer(std::move(parts));
}

}
