#include <tapegrad/text/stream_decoder.hpp>

#include <tapegrad/text/load_tokenizer.hpp>

#include "cases.hpp"

using namespace tapegrad;

namespace {
std::string streamed(const Tokenizer& tokenizer, const std::vector<int64_t>& ids,
                     DecodeOptions options = {}) {
    StreamDecoder stream(tokenizer, options);
    std::string out;
    for (const int64_t id : ids) {
        const std::string part = stream.push(id);
        CHECK(is_utf8(part));
        out += part;
    }
    return out + stream.finish();
}
}

TEST_CASE("stream decoder: all parts together are the whole") {
    for (const char* name :
         {"text_gpt2-vocab.json", "text_llama3-tokenizer.json", "text_llama2-tokenizer.json",
          "text_metaspace-tokenizer.json", "text_unigram-tokenizer.json", "text_bert-tokenizer.json",
          "text_sp_bpe.model", "text_sp_unigram.model", "text_clip-tokenizer.json"}) {
        const Tokenizer t = load_tokenizer(golden(name));
        CAPTURE(std::string(name));
        for (const std::string& text : cases::strings()) {
            CAPTURE(text);
            const auto ids = t.encode(text, {.add_special = true, .allow_special = true});
            if (std::string(name).find("clip") == std::string::npos)
                CHECK(streamed(t, ids) == replace_malformed(t.decode(ids)));
            else  // the very last space is not known to be the last
                CHECK(streamed(t, ids).size() + 1 >= t.decode(ids).size());
        }
    }
}

TEST_CASE("stream decoder: half a character is held back") {
    const Tokenizer t = load_tokenizer(golden("text_gpt2-vocab.json"));
    const auto ids = t.encode("\U00010384!");
    REQUIRE(ids.size() == 5);  // the corpus does not have it
    StreamDecoder stream(t);
    CHECK(stream.push(ids[0]).empty());
    CHECK(stream.push(ids[1]).empty());
    CHECK(stream.push(ids[2]).empty());
    CHECK(stream.push(ids[3]) == "\U00010384");
    CHECK(stream.push(ids[4]) == "!");
    CHECK(stream.push(ids[0]).empty());
    CHECK(stream.finish() == "\ufffd");
    CHECK(stream.finish().empty());
    CHECK_THROWS_AS(stream.push(1'000'000), IndexError);
    CHECK(stream.push(ids[4]) == "!");
}

TEST_CASE("stream decoder: malformed bytes do not hold it up") {
    const Tokenizer t = load_tokenizer(golden("text_gpt2-vocab.json"));
    StreamDecoder stream(t);
    CHECK(stream.push(t.encode("\xff")[0]) == "\ufffd");
    CHECK(stream.push(t.encode("a")[0]) == "a");
    const Tokenizer llama2 = load_tokenizer(golden("text_llama2-tokenizer.json"));
    std::vector<int64_t> ids(20, llama2.id_of("<0xFF>"));
    // Bytes are special tokens in this one.
    CHECK(streamed(llama2, ids, {.skip_special = false}).size() >= 3 * 16);
}
