// How tokens become text while they come.
#pragma once

#include <functional>

#include "../text/stream_decoder.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Two functions: the text that one more token completes, and what was held back when no more come.
struct TokenText {
    std::function<std::string(int64_t token)> push;
    std::function<std::string()> finish;
};
/// Begins a text behind a prompt, which is not part of it.
using TextMaker = std::function<TokenText(std::span<const int64_t> prompt)>;

/// Text by a tokenizer, which must outlive it. The end of the prompt is decoded too, so that the space in front of a
/// word is there.
inline TextMaker text_by(const Tokenizer& tokenizer, DecodeOptions options = {}) {
    return [&tokenizer, options](std::span<const int64_t> prompt) {
        constexpr std::size_t enough = 16;  // tokens: no character and no space reaches farther back
        const auto stream = std::make_shared<StreamDecoder>(tokenizer, options);
        for (const int64_t token : prompt.last(std::min(enough, prompt.size()))) stream->push(token);
        return TokenText{[stream](int64_t token) { return stream->push(token); },
                         [stream] { return stream->finish(); }};
    };
}

}
