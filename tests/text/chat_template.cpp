#include <tapegrad/text/chat_template.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
const Chat chat{{"system", " Be kind. "}, {"user", "  Hi\u3000"}, {"assistant", "\nHello "}, {"user", "Bye"}};
const Chat plain{{"user", "Hi"}};
}

TEST_CASE("chat template: LLaMA 2") {
    CHECK(llama2_chat(chat) ==
          "<s>[INST] <<SYS>>\n Be kind. \n<</SYS>>\n\n  Hi [/INST] Hello </s><s>[INST] Bye [/INST]");
    CHECK(llama2_chat(plain) == "<s>[INST] Hi [/INST]");
    CHECK(llama2_chat({}).empty());
    CHECK_THROWS_WITH_AS(
        llama2_chat({{"user", "a"}, {"user", "b"}}),
        "llama2_chat: message 1 is of user: after a system message at most, user and assistant take "
        "turns, the user first",
        ValueError);
    CHECK_THROWS_AS(llama2_chat({{"assistant", "a"}}), ValueError);
}

TEST_CASE("chat template: LLaMA 3") {
    CHECK(llama3_chat(chat, true) ==
          "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>"
          "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
          "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
          "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
          "<|start_header_id|>assistant<|end_header_id|>\n\n");
    CHECK(llama3_chat(plain) == "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>");
    CHECK(llama3_chat({}).empty());
}

TEST_CASE("chat template: ChatML") {
    CHECK(chatml_chat(chat, true) ==
          "<|im_start|>system\n Be kind. <|im_end|>\n<|im_start|>user\n  Hi\u3000<|im_end|>\n"
          "<|im_start|>assistant\n\nHello "
          "<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n");
    CHECK(chatml_chat(plain) == "<|im_start|>user\nHi<|im_end|>\n");
}

TEST_CASE("chat template: Alpaca") {
    CHECK(
        alpaca_prompt("Add.", "1 2") ==
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a "
        "response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 2\n\n"
        "### Response:");
    CHECK(alpaca_prompt("Add.") ==
          "Below is an instruction that describes a task. Write a response that appropriately completes the "
          "request.\n\n"
          "### Instruction:\nAdd.\n\n### Response:");
    CHECK(alpaca_chat({{"system", "S"}, {"user", "U"}, {"assistant", "A"}, {"user", "V"}}, true) ==
          "S\n\n### Instruction:\nU\n\n### Response:\nA\n\n### Instruction:\nV\n\n### Response:\n");
    CHECK(alpaca_chat(plain).starts_with("Below is an instruction that describes a task. Write"));
    CHECK_THROWS_AS(alpaca_chat({{"user", "a"}, {"system", "b"}}), ValueError);
}
