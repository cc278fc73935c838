// What is done to a text before it is cut.
#pragma once

#include <memory>

#include "normalization.hpp"
#include "pre_tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One change of a text; a tokenizer goes through several in turn.
struct Normalizer {
    virtual ~Normalizer() = default;
    virtual void apply(std::string& text) const = 0;
};

namespace detail {

struct NormalizeForm final : Normalizer {
    explicit NormalizeForm(NormalForm f) : form(f) {}
    void apply(std::string& text) const override { text = normalize(text, form); }
    NormalForm form;
};

/// Each character by itself: a sigma at the end of a word is as every other.
struct Lowercase final : Normalizer {
    void apply(std::string& text) const override {
        std::string out;
        out.reserve(text.size());
        for_each_point(text, [&](char32_t p, std::string_view) { append_lower(out, p); });
        text = std::move(out);
    }
};

struct Prepend final : Normalizer {
    explicit Prepend(std::string t) : prefix(std::move(t)) {}
    void apply(std::string& text) const override {
        if (!text.empty()) text.insert(0, prefix);
    }
    std::string prefix;
};

struct Replace final : Normalizer {
    Replace(SplitPattern p, std::string c) : pattern(std::move(p)), content(std::move(c)) {}
    void apply(std::string& text) const override { text = pattern.replaced(text, content); }
    SplitPattern pattern;
    std::string content;
};

/// White space at either end.
struct StripSpaces final : Normalizer {
    StripSpaces(bool l, bool r) : left(l), right(r) {}
    void apply(std::string& text) const override {
        std::size_t begin = text.size(), end = 0, at = 0;  // of what is no space
        for_each_point(text, [&](char32_t p, std::string_view bytes) {
            if (!is_space(p)) {
                begin = std::min(begin, at);
                end = at + bytes.size();
            }
            at += bytes.size();
        });
        if (right) text.resize(end);
        if (left) text.erase(0, std::min(begin, text.size()));
    }
    bool left, right;
};

/// Leaves out the characters that a function picks.
struct Remove final : Normalizer {
    explicit Remove(bool (*p)(char32_t)) : pick(p) {}
    void apply(std::string& text) const override {
        std::string out;
        out.reserve(text.size());
        for_each_point(text, [&](char32_t p, std::string_view) {
            if (!pick(p)) append_utf8(out, p);
        });
        text = std::move(out);
    }
    bool (*pick)(char32_t);
};

/// Marks of any kind, as Unicode 12 has them.
inline bool is_accent(char32_t point) {
    static const CodePointSet differing(unicode::marks);
    return point >= 0x300 && is_mark(point) != differing.contains(point);
}

}

}
