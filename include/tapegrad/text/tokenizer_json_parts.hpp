// The parts that a tokenizer.json names: normalizers, cuts, decoders. One that is not known here is an error
// that names it; nothing is left out in silence.
#pragma once

#include "bert.hpp"
#include "decoder.hpp"
#include "json_value.hpp"
#include "split_pattern.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Calls f(object) for a part, or for each of a "Sequence", which may hold others.
template <class F>
void for_each_part(const JsonObject& part, std::string_view list, F f) {
    if (part.string("type") != "Sequence") return f(part);
    std::size_t i = 0;
    for (const JsonValue& value : part.array(list)) {
        const std::string where = part.where() + "." + std::string(list) + "[" + std::to_string(i++) + "]";
        for_each_part(JsonObject(part.file(), where, value), list, f);
    }
}

[[noreturn]] inline void fail_unknown(const JsonObject& part) {
    part.fail(part.at("type"), text("the type ", shown(part.string("type")), " is not known here"));
}

/// {"String": "-"} or {"Regex": "\\s+"}.
inline SplitPattern read_pattern(const JsonObject& part) {
    const JsonObject pattern = part.object("pattern");
    if (pattern.find("String") != nullptr) return {nullptr, pattern.string("String")};
    const std::string& regex = pattern.string("Regex");
    const Scan scan = find_pattern(regex);
    if (scan == nullptr)
        pattern.fail_member("Regex", pattern.at("Regex"),
                            text("the pattern ", regex.substr(0, 400), " is not known here"));
    return {scan, {}};
}

inline SplitBehavior read_behavior(const JsonObject& part, std::string_view absent) {
    const std::string name = part.string("behavior", absent);
    if (name == "Removed") return SplitBehavior::removed;
    if (name == "Isolated") return SplitBehavior::isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
    if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
    if (name == "Contiguous") return SplitBehavior::contiguous;
    part.fail_member("behavior", part.at("behavior"), text("the behavior ", shown(name), " is not known"));
}

inline std::vector<std::shared_ptr<const Normalizer>> read_normalizers(const JsonObject& root) {
    std::vector<std::shared_ptr<const Normalizer>> out;
    if (root.find("normalizer") == nullptr) return out;
    for_each_part(root.object("normalizer"), "normalizers", [&](const JsonObject& part) {
        const std::string& type = part.string("type");
        const auto add = [&]<class N>(N normalizer) {
            out.push_back(std::make_shared<N>(std::move(normalizer)));
        };
        if (type == "NFC") return add(NormalizeForm(NormalForm::nfc));
        if (type == "NFD") return add(NormalizeForm(NormalForm::nfd));
        if (type == "NFKC") return add(NormalizeForm(NormalForm::nfkc));
        if (type == "NFKD") return add(NormalizeForm(NormalForm::nfkd));
        if (type == "Lowercase") return add(Lowercase());
        if (type == "StripAccents") return add(Remove(is_accent));
        if (type == "Prepend") return add(Prepend(part.string("prepend")));
        if (type == "Replace") return add(Replace(read_pattern(part), part.string("content")));
        if (type == "Strip")
            return add(StripSpaces(part.boolean("strip_left", true), part.boolean("strip_right", true)));
        if (type == "BertNormalizer") {
            const bool small = part.boolean("lowercase", true);
            return add(BertNormalizer(part.boolean("clean_text", true),
                                      part.boolean("handle_chinese_chars", true),
                                      part.boolean("strip_accents", small), small));
        }
        fail_unknown(part);
    });
    return out;
}

/// "replacement" and whether a space goes before.
struct MetaspaceSpec {
    std::string replacement;
    MetaspacePieces::Prepend prepend;
};
inline MetaspaceSpec read_metaspace(const JsonObject& part) {
    MetaspaceSpec spec{part.string("replacement"), MetaspacePieces::Prepend::always};
    if (spec.replacement.empty() || decode_utf8(spec.replacement, 0).size != spec.replacement.size())
        part.fail_member("replacement", part.at("replacement"), "must be one character");
    const std::string scheme = part.string("prepend_scheme", "always");
    if (scheme == "first")
        spec.prepend = MetaspacePieces::Prepend::first;
    else if (scheme == "never" || !part.boolean("add_prefix_space", true))
        spec.prepend = MetaspacePieces::Prepend::never;
    else if (scheme != "always")
        part.fail_member("prepend_scheme", part.at("prepend_scheme"), "must be first, never or always");
    return spec;
}

/// The cuts, and whether pieces are bytes behind them.
struct PreTokenizers {
    std::vector<std::shared_ptr<const PreTokenizer>> all;
    bool byte_level = false;
};
inline PreTokenizers read_pre_tokenizers(const JsonObject& root) {
    PreTokenizers out;
    if (root.find("pre_tokenizer") == nullptr) return out;
    for_each_part(root.object("pre_tokenizer"), "pretokenizers", [&](const JsonObject& part) {
        const std::string& type = part.string("type");
        if (out.byte_level) part.fail(part.at("type"), "nothing may stand behind ByteLevel");
        const auto add = [&](std::shared_ptr<const PreTokenizer> p) { out.all.push_back(std::move(p)); };
        if (type == "ByteLevel") {
            out.byte_level = true;
            return add(std::make_shared<ByteLevel>(part.boolean("add_prefix_space", true),
                                                   part.boolean("use_regex", true)));
        }
        if (type == "Split")
            return add(std::make_shared<Split>(read_pattern(part), read_behavior(part, ""),
                                               part.boolean("invert", false)));
        if (type == "Digits")
            return add(split_at(is_number, part.boolean("individual_digits", false)
                                               ? SplitBehavior::isolated
                                               : SplitBehavior::contiguous));
        if (type == "Metaspace") {
            MetaspaceSpec spec = read_metaspace(part);
            return add(std::make_shared<MetaspacePieces>(std::move(spec.replacement), spec.prepend,
                                                         part.boolean("split", true)));
        }
        if (type == "BertPreTokenizer") {
            for (const auto& p : bert_pre_tokenizers()) add(p);
            return;
        }
        if (type == "WhitespaceSplit") return add(split_at(is_space, SplitBehavior::removed));
        if (type == "Whitespace")
            return add(
                std::make_shared<Split>(SplitPattern{scan_word_or_signs, {}}, SplitBehavior::removed, true));
        if (type == "Punctuation" && read_behavior(part, "Isolated") == SplitBehavior::isolated)
            return add(split_at(is_bert_punctuation, SplitBehavior::isolated));
        fail_unknown(part);
    });
    return out;
}

inline std::vector<std::shared_ptr<const Decoder>> read_decoders(const JsonObject& root) {
    std::vector<std::shared_ptr<const Decoder>> out;
    if (root.find("decoder") == nullptr) return {std::make_shared<DecodeWithSpaces>()};
    for_each_part(root.object("decoder"), "decoders", [&](const JsonObject& part) {
        const std::string& type = part.string("type");
        const auto add = [&]<class D>(D decoder) { out.push_back(std::make_shared<D>(std::move(decoder))); };
        if (type == "ByteLevel") return add(DecodeByteLevel());
        if (type == "ByteFallback") return add(DecodeByteFallback());
        if (type == "Fuse") return add(DecodeFuse());
        if (type == "Replace") return add(DecodeReplace(read_pattern(part), part.string("content")));
        if (type == "WordPiece")
            return add(DecodeWordPiece(part.string("prefix", "##"), part.boolean("cleanup", true)));
        if (type == "BPEDecoder") return add(DecodeBpe(part.string("suffix", "</w>")));
        if (type == "Metaspace") {
            MetaspaceSpec spec = read_metaspace(part);
            return add(DecodeMetaspace(std::move(spec.replacement),
                                       spec.prepend != MetaspacePieces::Prepend::never));
        }
        if (type == "Strip") {
            if (part.string("content").empty())
                part.fail_member("content", part.at("content"), "must not be empty");
            return add(DecodeStrip(part.string("content"), part.integer("start", 0, 1 << 20),
                                   part.integer("stop", 0, 1 << 20)));
        }
        fail_unknown(part);
    });
    return out;
}

}
