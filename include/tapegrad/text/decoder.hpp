// From tokens back to text: the tokens are changed in turn, then joined.
#pragma once

#include <memory>

#include "byte_alphabet.hpp"
#include "pre_tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct Decoder {
    virtual ~Decoder() = default;
    virtual void apply(std::vector<std::string>& tokens) const = 0;
};

namespace detail {

inline std::string joined(const std::vector<std::string>& tokens) {
    std::string out;
    for (const std::string& token : tokens) out += token;
    return out;
}

struct DecodeByteLevel final : Decoder {
    void apply(std::vector<std::string>& tokens) const override {
        std::string out;
        for (const std::string& token : tokens)
            if (!append_bytes_of(out, token)) out += token;
        tokens.assign(1, std::move(out));
    }
};

struct DecodeMetaspace final : Decoder {
    DecodeMetaspace(std::string r, bool p) : replacement(std::move(r)), prepended(p) {}
    void apply(std::vector<std::string>& tokens) const override {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::string out;
            append_replaced(out, tokens[i], replacement, i == 0 && prepended ? "" : " ");
            tokens[i] = std::move(out);
        }
    }
    std::string replacement;
    bool prepended;
};

/// Joins what stands for bytes. Where they are no UTF-8 each is U+FFFD.
struct DecodeByteFallback final : Decoder {
    static int byte_of(std::string_view token) {
        if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return -1;
        int value = 0;
        for (const char c : token.substr(3, 2)) {
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                     : -1;
            if (digit < 0) return -1;
            value = value * 16 + digit;
        }
        return value;
    }
    void apply(std::vector<std::string>& tokens) const override {
        std::vector<std::string> out;
        std::string bytes;
        const auto end_bytes = [&] {
            if (bytes.empty()) return;
            if (replace_malformed(bytes) == bytes)
                out.push_back(bytes);
            else
                for (std::size_t i = 0; i < bytes.size(); ++i)
                    append_utf8(out.emplace_back(), replacement_character);
            bytes.clear();
        };
        for (std::string& token : tokens) {
            const int byte = byte_of(token);
            if (byte >= 0) {
                bytes += static_cast<char>(static_cast<unsigned char>(byte));
                continue;
            }
            end_bytes();
            out.push_back(std::move(token));
        }
        end_bytes();
        tokens = std::move(out);
    }
};

struct DecodeFuse final : Decoder {
    void apply(std::vector<std::string>& tokens) const override { tokens.assign(1, joined(tokens)); }
};

struct DecodeReplace final : Decoder {
    DecodeReplace(SplitPattern p, std::string c) : pattern(std::move(p)), content(std::move(c)) {}
    void apply(std::vector<std::string>& tokens) const override {
        for (std::string& token : tokens) token = pattern.replaced(token, content);
    }
    SplitPattern pattern;
    std::string content;
};

/// At most `start` and `stop` times a character at the ends of each token.
struct DecodeStrip final : Decoder {
    DecodeStrip(std::string c, int64_t a, int64_t b) : content(std::move(c)), start(a), stop(b) {}
    void apply(std::vector<std::string>& tokens) const override {
        for (std::string& token : tokens) {
            for (int64_t i = 0; i < start && token.starts_with(content); ++i) token.erase(0, content.size());
            for (int64_t i = 0; i < stop && token.ends_with(content); ++i)
                token.resize(token.size() - content.size());
        }
    }
    std::string content;  // not empty
    int64_t start, stop;
};

/// Tokens that go on with a word begin with a prefix; before every other comes a space.
struct DecodeWordPiece final : Decoder {
    DecodeWordPiece(std::string p, bool c) : prefix(std::move(p)), cleanup(c) {}
    void apply(std::vector<std::string>& tokens) const override {
        static constexpr std::pair<std::string_view, std::string_view> tidied[] = {
            {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
            {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
            {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
        };
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::string& token = tokens[i];
            if (i != 0 && token.starts_with(prefix))
                token.erase(0, prefix.size());
            else if (i != 0)
                token.insert(0, 1, ' ');
            if (!cleanup) continue;
            for (const auto& [from, to] : tidied) {
                std::string out;
                append_replaced(out, token, from, to);
                token = std::move(out);
            }
        }
    }
    std::string prefix;
    bool cleanup;
};

/// The suffix of a word's last token becomes a space, but at the very end.
struct DecodeBpe final : Decoder {
    explicit DecodeBpe(std::string s) : suffix(std::move(s)) {}
    void apply(std::vector<std::string>& tokens) const override {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::string out;
            append_replaced(out, tokens[i], suffix, i + 1 == tokens.size() ? "" : " ");
            tokens[i] = std::move(out);
        }
    }
    std::string suffix;
};

/// Tokens with a space between them, where a tokenizer has no decoder of its own.
struct DecodeWithSpaces final : Decoder {
    void apply(std::vector<std::string>& tokens) const override {
        for (std::size_t i = 1; i < tokens.size(); ++i) tokens[i].insert(0, 1, ' ');
    }
};

}

}
