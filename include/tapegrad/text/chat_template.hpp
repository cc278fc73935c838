// Conversations as the texts that chat models were trained on. Tokenize them with `allow_special`, and put
// nothing around: what a template begins and ends with is in it.
#pragma once

#include <algorithm>

#include "../core/error.hpp"
#include "unicode.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One turn of a conversation.
struct ChatMessage {
    std::string role;  // "system", "user", "assistant"
    std::string content;
};
using Chat = std::vector<ChatMessage>;

namespace detail {

/// A text without white space at its ends, as Python's strip() leaves it.
inline std::string_view stripped(std::string_view text) {
    std::size_t begin = text.size(), end = 0, at = 0;  // of what is no space
    for_each_point(text, [&](char32_t p, std::string_view bytes) {
        if (!is_space(p) && !(p >= 0x1C && p <= 0x1F)) {
            begin = std::min(begin, at);
            end = at + bytes.size();
        }
        at += bytes.size();
    });
    return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

/// Users and assistants in turn, beginning with a user.
inline void check_turns(std::string_view op, const Chat& chat, std::size_t first) {
    for (std::size_t i = first; i < chat.size(); ++i)
        if (chat[i].role != ((i - first) % 2 == 0 ? "user" : "assistant"))
            fail<ValueError>(
                op, "message ", i, " is of ", chat[i].role,
                ": after a system message at most, user and assistant take turns, the user first");
}

}

/// LLaMA 2: <s>[INST] <<SYS>>\nsystem\n<</SYS>>\n\nuser [/INST] assistant </s>
/// Throws   ValueError: roles that do not take turns
inline std::string llama2_chat(const Chat& chat) {
    const bool has_system = !chat.empty() && chat[0].role == "system";
    detail::check_turns("llama2_chat", chat, has_system ? 1 : 0);
    std::string out;
    for (std::size_t i = has_system ? 1 : 0; i < chat.size(); ++i) {
        if (chat[i].role == "assistant") {
            out += ' ';
            out += detail::stripped(chat[i].content);
            out += " </s>";
            continue;
        }
        std::string content;
        if (has_system && i == 1) content = "<<SYS>>\n" + chat[0].content + "\n<</SYS>>\n\n";
        content += chat[i].content;
        out += "<s>[INST] ";
        out += detail::stripped(content);
        out += " [/INST]";
    }
    return out;
}

/// LLaMA 3: <|begin_of_text|><|start_header_id|>role<|end_header_id|>\n\ncontent<|eot_id|> ...
/// With `generate` it ends with the head of the assistant's turn.
inline std::string llama3_chat(const Chat& chat, bool generate = false) {
    std::string out = chat.empty() ? "" : "<|begin_of_text|>";
    const auto head = [&](std::string_view role) {
        out += "<|start_header_id|>";
        out += role;
        out += "<|end_header_id|>\n\n";
    };
    for (const ChatMessage& message : chat) {
        head(message.role);
        out += detail::stripped(message.content);
        out += "<|eot_id|>";
    }
    if (generate) head("assistant");
    return out;
}

/// ChatML (Qwen and others): <|im_start|>role\ncontent<|im_end|>\n ...
inline std::string chatml_chat(const Chat& chat, bool generate = false) {
    std::string out;
    for (const ChatMessage& message : chat)
        out += "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n";
    if (generate) out += "<|im_start|>assistant\n";
    return out;
}

/// Alpaca's prompt for one instruction, with an input or without; it ends where the response begins.
/// Source   Taori et al., "Stanford Alpaca", 2023
inline std::string alpaca_prompt(std::string_view instruction, std::string_view input = {}) {
    std::string out = "Below is an instruction that describes a task";
    out += input.empty() ? "" : ", paired with an input that provides further context";
    out += ". Write a response that appropriately completes the request.\n\n### Instruction:\n";
    out += instruction;
    if (!input.empty()) {
        out += "\n\n### Input:\n";
        out += input;
    }
    return out + "\n\n### Response:";
}

/// Alpaca for a conversation: the system message, or Alpaca's own first sentence, then instructions and responses.
/// Throws   ValueError: roles that do not take turns
inline std::string alpaca_chat(const Chat& chat, bool generate = false) {
    const bool has_system = !chat.empty() && chat[0].role == "system";
    detail::check_turns("alpaca_chat", chat, has_system ? 1 : 0);
    std::string out = has_system ? chat[0].content + "\n\n"
                                 : "Below is an instruction that describes a task. Write a response that "
                                   "appropriately completes the request.\n\n";
    for (std::size_t i = has_system ? 1 : 0; i < chat.size(); ++i)
        out += (chat[i].role == "user" ? "### Instruction:\n" : "### Response:\n") + chat[i].content + "\n\n";
    if (generate) out += "### Response:\n";
    return out;
}

}
