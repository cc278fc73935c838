// Text while its tokens come: what a model writes, shown at once and never with half a character.
//
//   StreamDecoder stream(tokenizer);
//   for (...) std::fputs(stream.push(next_token()).c_str(), stdout);
//   std::fputs(stream.finish().c_str(), stdout);
#pragma once

#include "tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

class StreamDecoder {
public:
    /// The tokenizer must outlive it.
    explicit StreamDecoder(const Tokenizer& tokenizer, DecodeOptions options = {})
        : tokenizer_(tokenizer), options_(options) {}

    /// The text that one more token completes; empty while it ends inside a character. All texts together are
    /// what `decode` makes of all tokens. Of bytes that are no UTF-8 there may be fewer or more U+FFFD.
    /// Throws   IndexError: an id that is no token
    std::string push(int64_t id) {
        const std::string_view token = tokenizer_.token_of(id);  // throws before anything is changed
        if ((options_.skip_special && tokenizer_.is_special(id)) || token.empty()) return {};
        window_.push_back(id);
        const std::string text = tokenizer_.decode(window_, options_);
        if (incomplete_utf8(text) != 0) return {};
        // Tokens that stand for bytes are U+FFFD until there are enough of them for a character.
        if (text.ends_with("\xEF\xBF\xBD") && ++waiting_ < longest_character) return {};
        waiting_ = 0;
        return take(text);
    }
    /// What was held back; the beginning of a character is U+FFFD. The next token begins a new text.
    std::string finish() {
        std::string rest;
        if (window_.size() > shown_tokens_) rest = take(tokenizer_.decode(window_, options_));
        window_.clear();
        shown_.clear();
        shown_tokens_ = 0;
        waiting_ = 0;
        return rest;
    }

private:
    static constexpr int longest_character = 4;  // bytes, so tokens

    /// What is new in the text of the window. Of its tokens only the new ones stay, as what precedes the next:
    /// the first token of a text may lose its space.
    std::string take(const std::string& text) {
        const std::span<const int64_t> fresh = std::span<const int64_t>(window_).subspan(shown_tokens_);
        std::string out =
            text.starts_with(shown_) ? text.substr(shown_.size()) : tokenizer_.decode(fresh, options_);
        if (out.empty()) return out;
        std::vector<int64_t> newest(fresh.begin(), fresh.end());
        shown_ = tokenizer_.decode(newest, options_);
        if (shown_.empty())  // a space that is lost where a text begins: what was before it stays
            shown_ = text;
        else
            window_ = std::move(newest);
        shown_tokens_ = window_.size();
        return replace_malformed(out);
    }

    const Tokenizer& tokenizer_;
    DecodeOptions options_;
    std::vector<int64_t> window_;   // tokens that were shown last, then those that wait
    std::size_t shown_tokens_ = 0;  // of the former
    std::string shown_;             // their text
    int waiting_ = 0;               // tokens at whose end there was U+FFFD
};

}
