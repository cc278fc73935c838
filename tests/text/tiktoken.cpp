#include <tapegrad/text/tiktoken.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
std::string bytes_as_ranks() {
    std::string out;
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned byte = 0; byte < 256; ++byte) {
        out += digits[byte >> 2];
        out += digits[(byte & 3) << 4];
        out += "== " + std::to_string(byte) + "\n";
    }
    return out;
}
std::string decoded(std::string_view text) {
    std::string out;
    return detail::append_base64(out, text) ? out : "refused";
}
}

TEST_CASE("tiktoken: ids and texts of two patterns") {
    for (const auto& [name, pattern] : {std::pair<const char*, std::string_view>{"o200k", o200k_pattern},
                                        {"cl100k", detail::cl100k_tiktoken_pattern}}) {
        CAPTURE(name);
        const Tokenizer t =
            load_tiktoken(golden("text_ranks.tiktoken"),
                          {std::string(pattern), {{"<|endoftext|>", 1000}, {"<|im_start|>", 1001}}});
        cases::check(t, name, {.allow_special = true}, {.skip_special = false});
        CHECK(t.vocab_size() == 1002);
    }
}

TEST_CASE("tiktoken: base64") {
    CHECK(decoded("QUJD") == "ABC");
    CHECK(decoded("QUI=") == "AB");
    CHECK(decoded("/w==") == "\xff");
    for (const char* bad :
         {"", "QUJ", "Q===", "QUJD=", "QU=D", "QU-D", "QUJ=", "/x==", "====", "QUI=QUJD", "QUJDQ"}) {
        CAPTURE(bad);
        CHECK(decoded(bad) == "refused");
    }
}

TEST_CASE("tiktoken: encodings by name") {
    CHECK(tiktoken_encoding("cl100k_base").special.size() == 5);
    CHECK(tiktoken_encoding("gpt2").pattern == gpt2_pattern);
    const TiktokenOptions llama3 = tiktoken_encoding("llama3");
    REQUIRE(llama3.special.size() == 256);
    CHECK(llama3.special[9] == std::pair<std::string, int64_t>{"<|eot_id|>", 128009});
    CHECK(llama3.special[255] == std::pair<std::string, int64_t>{"<|reserved_special_token_246|>", 128255});
    CHECK_THROWS_AS(tiktoken_encoding("other"), ValueError);
    for (const char* name : {"p50k_base", "cl100k_base", "o200k_base", "llama3"})
        CHECK((detail::find_pattern(tiktoken_encoding(name).pattern) != nullptr));
}

TEST_CASE("tiktoken: what is refused") {
    const TemporaryFolder folder;
    const std::string path = folder / "x", good = bytes_as_ranks();
    const TiktokenOptions options{std::string(gpt2_pattern)};
    write_text(path, good + "YWI= 256\n");
    const Tokenizer t = load_tiktoken(path, options);
    CHECK(t.encode("ab") == std::vector<int64_t>{256});
    CHECK(t.token_of(255) == "\xff");
    for (const char* bad :
         {"YWI=\n", "YWI= \n", "YWI= x\n", "YWI= -1\n", "YWI= 256 \n", "YWI= 0\n", "YQ== 256\n", "!!!! 256\n",
          "YWI= 9999999999999999999\n", "YWI= 4000000\n", " 256\n"}) {
        CAPTURE(bad);
        write_text(path, good + bad);
        CHECK_THROWS_AS(load_tiktoken(path, options), IoError);
    }
    write_text(path, good.substr(8));
    CHECK_THROWS_AS(load_tiktoken(path, options), IoError);
    write_text(path, "");
    CHECK_THROWS_AS(load_tiktoken(path, options), IoError);
    write_text(path, good);
    CHECK_THROWS_AS(load_tiktoken(path, {"(a+)+"}), ValueError);
    CHECK_THROWS_AS(load_tiktoken(path, {options.pattern, {{"<s>", 5}}}), ValueError);
    CHECK_THROWS_AS(load_tiktoken(path, {options.pattern, {{"", 500}}}), ValueError);
}

TEST_CASE("tiktoken: damaged files") {
    const TemporaryFolder folder;
    cases::check_hostile(folder / "x", read_text(golden("text_ranks.tiktoken")), 300,
                         [](const std::string& path) {
                             const Tokenizer t = load_tiktoken(path, {std::string(gpt2_pattern)});
                             CHECK(t.decode(t.encode("Some text, 12 \xff")) == "Some text, 12 \xff");
                         });
}
