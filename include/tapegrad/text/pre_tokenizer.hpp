// Cutting a text into the pieces that a model of tokens sees, no token reaching beyond one.
#pragma once

#include <deque>
#include <memory>

#include "split_pattern.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A text in pieces, in order. Pieces that were changed live in `changed`, which is the caller's.
struct Pieces {
    std::vector<std::string_view> list;
    std::deque<std::string>& changed;
    bool at_begin = true;  // the first piece begins the whole text

    std::string_view keep(std::string text) { return changed.emplace_back(std::move(text)); }
    /// Replaces each piece by what f(piece, out) adds to out.
    template <class F>
    void split_each(F f) {
        std::vector<std::string_view> out;
        out.reserve(list.size());
        for (const std::string_view piece : list) f(piece, out);
        list.swap(out);
        std::erase_if(list, [](std::string_view piece) { return piece.empty(); });
    }
};

}

/// One way to cut; a tokenizer goes through several in turn.
struct PreTokenizer {
    virtual ~PreTokenizer() = default;
    virtual void apply(detail::Pieces& pieces) const = 0;
};

namespace detail {

/// At the matches of a pattern.
struct Split final : PreTokenizer {
    Split(SplitPattern p, SplitBehavior b, bool i) : pattern(std::move(p)), behavior(b), invert(i) {}
    void apply(Pieces& pieces) const override {
        pieces.split_each([&](std::string_view piece, std::vector<std::string_view>& out) {
            split_text(piece, pattern, behavior, invert, out);
        });
    }
    SplitPattern pattern;
    SplitBehavior behavior;
    bool invert;
};

/// By GPT-2's pattern where asked for, a space before a piece that has none where asked for. That pieces are
/// bytes from here on is the model's matter: `BpeModel` knows it.
struct ByteLevel final : PreTokenizer {
    ByteLevel(bool prefix, bool pattern) : add_prefix_space(prefix), use_regex(pattern) {}
    void apply(Pieces& pieces) const override {
        if (add_prefix_space)
            for (std::string_view& piece : pieces.list)
                if (!piece.empty() && piece[0] != ' ') piece = pieces.keep(' ' + std::string(piece));
        if (!use_regex) return;
        pieces.split_each([&](std::string_view piece, std::vector<std::string_view>& out) {
            split_text(piece, {scan_gpt2, {}}, SplitBehavior::isolated, false, out);
        });
    }
    bool add_prefix_space, use_regex;
};

/// What spaces become in SentencePiece's vocabularies, U+2581.
inline constexpr std::string_view metaspace = "\xE2\x96\x81";

/// Adds `text` to `out` with `to` for every `from`.
inline void append_replaced(std::string& out, std::string_view text, std::string_view from,
                            std::string_view to) {
    std::size_t at = 0;
    if (!from.empty())
        for (std::size_t found; (found = text.find(from, at)) != text.npos; at = found + from.size()) {
            out.append(text, at, found - at);
            out += to;
        }
    out.append(text, at);
}

/// Spaces become a visible character, one more goes before the text, and pieces begin with it.
struct MetaspacePieces final : PreTokenizer {
    enum class Prepend { never, first, always };
    MetaspacePieces(std::string r, Prepend p, bool s) : replacement(std::move(r)), prepend(p), split(s) {}
    void apply(Pieces& pieces) const override {
        std::size_t index = 0;
        const SplitPattern pattern{nullptr, replacement};
        pieces.split_each([&](std::string_view piece, std::vector<std::string_view>& out) {
            std::string text;
            const bool starts = piece.empty() || piece[0] == ' ' || piece.starts_with(replacement);
            const bool wanted =
                prepend == Prepend::always || (prepend == Prepend::first && pieces.at_begin && index == 0);
            if (wanted && !starts) text = replacement;
            append_replaced(text, piece, " ", replacement);
            ++index;
            const std::string_view kept = pieces.keep(std::move(text));
            if (split)
                split_text(kept, pattern, SplitBehavior::merged_with_next, false, out);
            else
                out.push_back(kept);
        });
    }
    std::string replacement;
    Prepend prepend;
    bool split;
};

/// At characters that a function picks.
template <class Pick>
struct SplitAt final : PreTokenizer {
    SplitAt(Pick p, SplitBehavior b) : pick(p), behavior(b) {}
    void apply(Pieces& pieces) const override {
        pieces.split_each([&](std::string_view piece, std::vector<std::string_view>& out) {
            bool before = false;
            std::size_t begin = 0;  // of the piece
            const auto end_piece = [&](std::size_t end) {
                if (begin != end) out.push_back(piece.substr(begin, end - begin));
                begin = end;
            };
            for (std::size_t at = 0; at < piece.size();) {
                const Utf8Unit unit = decode_utf8(piece, at);
                const bool match = pick(unit.point);
                if (behavior == SplitBehavior::contiguous) {
                    if (match != before && at != 0) end_piece(at);
                } else if (match) {
                    end_piece(at);
                    if (behavior == SplitBehavior::isolated)
                        end_piece(at + unit.size);
                    else
                        begin = at + unit.size;
                }
                before = match;
                at += unit.size;
            }
            end_piece(piece.size());
        });
    }
    Pick pick;
    SplitBehavior behavior;
};

inline std::shared_ptr<const PreTokenizer> split_at(bool (*pick)(char32_t), SplitBehavior behavior) {
    return std::make_shared<SplitAt<bool (*)(char32_t)>>(pick, behavior);
}

}

}
