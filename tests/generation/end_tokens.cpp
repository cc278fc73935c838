#include <tapegrad/generation/end_tokens.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/gguf_writer.hpp>

#include "../io/temporary.hpp"
#include "../support/message.hpp"

using namespace tapegrad;

namespace {
std::vector<int64_t> tokens_of(const std::string& generation, const std::string& config) {
    const TemporaryFolder folder;
    if (!generation.empty()) write_text(folder / "generation_config.json", generation);
    if (!config.empty()) write_text(folder / "config.json", config);
    return end_tokens(folder.path);
}
}

TEST_CASE("end tokens: of the first file that names them") {
    using Tokens = std::vector<int64_t>;
    CHECK(tokens_of(R"({"eos_token_id": [5, 7]})", R"({"eos_token_id": 2})") == Tokens{5, 7});
    CHECK(tokens_of("", R"({"eos_token_id": 2})") == Tokens{2});
    CHECK(tokens_of("{}", R"({"eos_token_id": 2})") == Tokens{2});
    CHECK(tokens_of(R"({"eos_token_id": null})", "{}").empty());
    CHECK(tokens_of("", "").empty());
}

TEST_CASE("end tokens: of a GGUF file") {
    const TemporaryFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", "llama");
    metadata.set("tokenizer.ggml.eos_token_id", std::uint32_t{2});
    metadata.set("tokenizer.ggml.eot_token_id", std::uint32_t{9});
    save_gguf(folder / "m.gguf", StateDict(), metadata);
    CHECK(end_tokens(folder / "m.gguf") == std::vector<int64_t>{2, 9});
}

TEST_CASE("end tokens: errors") {
    for (const char* config : {R"({"eos_token_id": "x"})", R"({"eos_token_id": [1, -1]})",
                               R"({"eos_token_id": 1.5})", R"({"eos_token_id": {}})"}) {
        const std::string error = support::message<IoError>([&] { tokens_of("", config); });
        CHECK(error.ends_with("eos_token_id: must be a token, or an array of tokens"));
    }
    CHECK_THROWS_AS(tokens_of("[]", ""), IoError);
}
