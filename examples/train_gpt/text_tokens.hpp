// The tokens of a text: its characters, or pieces learned from it.
#pragma once

#include <tapegrad/data/characters.hpp>
#include <tapegrad/text/save_tokenizer.hpp>
#include <tapegrad/text/train_bpe.hpp>

class TextTokens {
public:
    /// `pieces` 0: characters. Pieces are learned from `text`, and any other text can be written with them.
    TextTokens(std::string_view text, int64_t pieces) {
        if (pieces == 0) {
            characters_ = tapegrad::Characters(text);
            return;
        }
        tapegrad::BpeTrainer trainer({.vocab_size = pieces});
        trainer.add(text);
        tokenizer_ = trainer.train();
    }

    int64_t size() const {
        return tokenizer_ ? static_cast<int64_t>(tokenizer_->vocab_size()) : characters_.size();
    }
    const char* kind() const { return tokenizer_ ? "pieces" : "characters"; }
    tapegrad::Tensor<int64_t> encode(std::string_view text) const {
        if (!tokenizer_) return characters_.encode(text);
        const std::vector<int64_t> ids = tokenizer_->encode(text);
        return tapegrad::from_vector(ids, {static_cast<int64_t>(ids.size())});
    }
    std::string decode(const std::vector<int64_t>& ids) const {
        if (tokenizer_) return tokenizer_->decode(ids);
        return characters_.decode(tapegrad::from_vector(ids, {static_cast<int64_t>(ids.size())}));
    }
    /// Pieces as tokenizer.json; characters have no such file.
    void save(const std::string& folder) const {
        if (tokenizer_) save_tokenizer_json(*tokenizer_, folder + "/tokenizer.json");
    }

private:
    tapegrad::Characters characters_;
    std::optional<tapegrad::Tokenizer> tokenizer_;
};
