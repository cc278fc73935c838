// A tokenizer from whatever file or folder there is.
#pragma once

#include <sys/stat.h>

#include "gguf_tokenizer.hpp"
#include "gpt2_files.hpp"
#include "sentencepiece.hpp"
#include "tiktoken.hpp"
#include "tokenizer_json.hpp"
#include "wordpiece_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline bool is_there(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

/// The encoding whose file has so many lines.
inline TiktokenOptions guess_encoding(const InputFile& file) {
    const std::string content = read_all(file);
    const auto lines =
        std::count(content.begin(), content.end(), '\n') + (!content.empty() && content.back() != '\n');
    constexpr std::pair<int64_t, std::string_view> sizes[] = {{50256, "r50k_base"},
                                                              {50280, "p50k_base"},
                                                              {100256, "cl100k_base"},
                                                              {199998, "o200k_base"},
                                                              {128000, "llama3"}};
    for (const auto& [size, name] : sizes)
        if (size == lines) return tiktoken_encoding(name);
    file.fail(0, lines,
              " tokens are of no encoding that is known; load_tiktoken takes its pattern and special tokens");
}

}

/// The tokenizer of a file, chosen by its name and content:
///   tokenizer.json or any other .json with a model;  vocab.json with merges.txt beside it
///   .model of SentencePiece, or of tiktoken's ranks (LLaMA 3);  .tiktoken of a known encoding
///   a GGUF file, known by its first bytes
///   vocab.txt of BERT, small letters unless its path says "cased" and not "uncased"
/// or of a folder with one of these, in this order.
/// Throws   IoError: there is none, or it is not as it should be
inline Tokenizer load_tokenizer(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        for (const char* name :
             {"tokenizer.json", "vocab.json", "tokenizer.model", "spiece.model", "vocab.txt"})
            if (detail::is_there(path + "/" + name)) return load_tokenizer(path + "/" + name);
        detail::fail<IoError>("load_tokenizer", path,
                              ": there is no tokenizer.json, vocab.json, tokenizer.model, "
                              "spiece.model or vocab.txt");
    }
    const std::string folder = path.substr(0, path.rfind('/') + 1), name = path.substr(folder.size());
    if (name.ends_with("vocab.json")) {
        const std::string merges = folder + name.substr(0, name.size() - 10) + "merges.txt";
        if (detail::is_there(merges)) return load_gpt2_tokenizer(path, merges);
    }
    if (name.ends_with(".json")) return load_tokenizer_json(path);
    if (name.ends_with(".txt")) {
        const bool cased = path.find("cased") != path.npos && path.find("uncased") == path.npos;
        return load_bert_tokenizer(path, {.lowercase = !cased});
    }
    const InputFile file("load_tokenizer", path);
    char first[4] = {};
    file.read(0, first, std::min<int64_t>(4, file.size()));
    if (std::string_view(first, 4) == "GGUF") return load_gguf_tokenizer(path);
    // A message of SentencePiece begins with a field of bytes; base64 does not begin with a new line.
    if (first[0] == '\n') return load_sentencepiece(path);
    return load_tiktoken(path, detail::guess_encoding(file));
}

}
