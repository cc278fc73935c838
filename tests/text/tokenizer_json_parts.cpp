#include <tapegrad/text/tokenizer_json_parts.hpp>

#include <optional>

#include "cases.hpp"

using namespace tapegrad;

namespace {
struct Root {
    explicit Root(const std::string& text) {
        write_text(folder / "x", text);
        file.emplace("json", folder / "x");
        detail::JsonTree tree(*file);
        parse_json(text, tree);
        root = std::move(tree.root());
    }
    detail::JsonObject object() const { return {*file, "", root}; }
    TemporaryFolder folder;
    std::optional<InputFile> file;
    detail::JsonValue root;
};
std::string normalized(const std::string& json, std::string text) {
    const Root root(R"({"normalizer": )" + json + "}");
    for (const auto& n : detail::read_normalizers(root.object())) n->apply(text);
    return text;
}
std::size_t pieces(const std::string& json, std::string_view text) {
    const Root root(R"({"pre_tokenizer": )" + json + "}");
    std::deque<std::string> kept;
    detail::Pieces out{{text}, kept};
    for (const auto& p : detail::read_pre_tokenizers(root.object()).all) p->apply(out);
    return out.list.size();
}
std::string decoded(const std::string& json, std::vector<std::string> tokens) {
    const Root root(R"({"decoder": )" + json + "}");
    for (const auto& d : detail::read_decoders(root.object())) d->apply(tokens);
    return detail::joined(tokens);
}
}

TEST_CASE("tokenizer json parts: normalizers") {
    CHECK(normalized("null", "A") == "A");
    CHECK(normalized(R"({"type": "Lowercase"})", "A") == "a");
    CHECK(normalized(R"({"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"},
        {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": " "}, "content": "_"}]}]})",
                     "a b") == "_a_b");
    CHECK(normalized(R"({"type": "Strip"})", " a ") == "a");
    CHECK(normalized(R"({"type": "BertNormalizer", "strip_accents": null, "lowercase": true})", "\u00c4") ==
          "a");
    CHECK(normalized(R"({"type": "BertNormalizer", "lowercase": false})", "\u00c4") == "\u00c4");
    CHECK_THROWS_AS(normalized(R"({"type": "Precompiled", "precompiled_charsmap": ""})", ""), IoError);
    CHECK_THROWS_AS(normalized(R"({"type": 5})", ""), IoError);
    CHECK_THROWS_AS(normalized("[]", ""), IoError);
}

TEST_CASE("tokenizer json parts: cuts") {
    CHECK(pieces(R"({"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": false})",
                 "a-b") == 2);
    CHECK(pieces(R"({"type": "Digits", "individual_digits": true})", "12") == 2);
    CHECK(pieces(R"({"type": "Whitespace"})", "it's a_b") == 4);
    CHECK(pieces(R"({"type": "WhitespaceSplit"})", "it's a") == 2);
    CHECK(pieces(R"({"type": "Punctuation", "behavior": "Isolated"})", "it's") == 3);
    CHECK(pieces(R"({"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true})", "a b") == 2);
    CHECK_THROWS_AS(pieces(R"({"type": "Metaspace", "replacement": "ab"})", ""), IoError);
    CHECK_THROWS_AS(pieces(R"({"type": "Split", "pattern": {"String": "-"}, "behavior": "Gone"})", ""),
                    IoError);
    CHECK_THROWS_AS(
        pieces(R"({"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Whitespace"}]})",
               ""),
        IoError);
    CHECK_THROWS_AS(pieces(R"({"type": "UnicodeScripts"})", ""), IoError);
}

TEST_CASE("tokenizer json parts: an unknown pattern is named") {
    const Root root(
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated"}})");
    CHECK_THROWS_WITH_AS(detail::read_pre_tokenizers(root.object()),
                         ("json: " + (root.folder / "x") +
                          ": at byte 65: pre_tokenizer.pattern.Regex: the pattern (a+)+$ is not known here")
                             .c_str(),
                         IoError);
}

TEST_CASE("tokenizer json parts: decoders") {
    CHECK(decoded("null", {"a", "b"}) == "a b");
    CHECK(
        decoded(
            R"({"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "_"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})",
            {"_a", "<0x41>"}) == "aA");
    CHECK(decoded(R"({"type": "WordPiece", "prefix": "##", "cleanup": true})", {"a", "##b", "."}) == "ab.");
    CHECK(decoded(R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "never"})", {"_a"}) == " a");
    CHECK(decoded(R"({"type": "BPEDecoder"})", {"a</w>", "b</w>"}) == "a b");
    CHECK_THROWS_AS(decoded(R"({"type": "CTC"})", {}), IoError);
    CHECK_THROWS_AS(decoded(R"({"type": "Strip", "content": "", "start": 1, "stop": 0})", {}), IoError);
    CHECK_THROWS_AS(decoded(R"({"type": "Strip", "content": "a", "start": -1, "stop": 0})", {}), IoError);
}
