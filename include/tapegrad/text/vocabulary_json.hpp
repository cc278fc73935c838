// The large lists of a tokenizer's JSON: tokens with their ids or scores, and merges.
#pragma once

#include "bpe_merge.hpp"
#include "json_value.hpp"
#include "vocabulary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Texts one behind the other.
struct TextList {
    std::string bytes;
    std::vector<std::size_t> ends;

    std::size_t size() const { return ends.size(); }
    void add(std::string_view text) {
        bytes += text;
        ends.push_back(bytes.size());
    }
    std::string_view operator[](std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return std::string_view(bytes).substr(begin, ends[i] - begin);
    }
};

/// {"token": id, ...}, or [["token", score], ...] where the place is the id.
class VocabularyEvents final : public JsonEvents {
public:
    explicit VocabularyEvents(const InputFile& file) : file_(file) {}

    void begin_object() override {
        if (depth_ != 0) JsonEvents::begin_object();
        ++depth_;
    }
    void end_object() override { --depth_; }
    void key(std::string& token) override { tokens_.add(token); }
    void integer(int64_t v) override {
        if (with_scores_) return score(static_cast<double>(v));
        if (v < 0 || v > Vocabulary::max_id) fail(text("the id ", v, " is outside [0, 2147483646]"));
        if (ids_.size() >= tokens_.size()) fail("a number is not expected");
        ids_.push_back(v);
    }
    void begin_array() override {
        if (depth_ > 1 || (depth_ == 1 && !with_scores_)) JsonEvents::begin_array();
        with_scores_ = true;
        ++depth_;
        if (depth_ == 2 && tokens_.size() != scores.size()) fail("a token without a score");
    }
    void end_array() override {
        --depth_;
        if (tokens_.size() != scores.size()) fail("a token without a score");
    }
    void string(std::string& token) override {
        if (depth_ != 2 || !with_scores_ || tokens_.size() != scores.size()) JsonEvents::string(token);
        ids_.push_back(static_cast<int64_t>(tokens_.size()));
        tokens_.add(token);
    }
    void real(double v, const std::string& written) override {
        if (!with_scores_) JsonEvents::real(v, written);
        score(v);
    }
    void error(int64_t offset, const std::string& reason) override { file_.fail(offset, reason); }

    /// All that was read.
    /// Throws   IoError: a token or an id twice, or ids far beyond the number of tokens
    Vocabulary take(int64_t offset) {
        const auto count = static_cast<int64_t>(tokens_.size());
        Vocabulary vocabulary;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (ids_[i] > count * 8 + 65536)
                file_.fail(offset, "vocabulary: the id ", ids_[i], " among ", count, " tokens");
            if (!vocabulary.add(tokens_[i], ids_[i]))
                file_.fail(offset, "vocabulary: the token ", shown(tokens_[i]), " or its id ", ids_[i],
                           " is there twice");
        }
        tokens_ = {};
        return vocabulary;
    }
    std::vector<double> scores;

private:
    void score(double v) {
        if (depth_ != 2 || scores.size() + 1 != tokens_.size()) fail("a number is not expected");
        if (v - v != 0) fail("a score that is not finite");
        scores.push_back(v);
    }
    const InputFile& file_;
    TextList tokens_;
    std::vector<int64_t> ids_;
    int depth_ = 0;
    bool with_scores_ = false;
};

/// ["a b", ...] or [["a", "b"], ...].
class MergesEvents final : public JsonEvents {
public:
    explicit MergesEvents(const InputFile& file) : file_(file) {}
    void begin_array() override {
        if (++depth_ > 2) JsonEvents::begin_array();
    }
    void end_array() override {
        if (depth_-- == 2 && parts.size() % 2 != 0) fail("a merge is not of two tokens");
    }
    void string(std::string& value) override {
        if (depth_ == 2) {
            parts.add(value);
            return;
        }
        const std::size_t space = value.find(' ');
        if (space == value.npos || value.find(' ', space + 1) != value.npos)
            fail("the merge " + shown(value) + " is not two tokens with a space between them");
        parts.add(std::string_view(value).substr(0, space));
        parts.add(std::string_view(value).substr(space + 1));
    }
    void error(int64_t offset, const std::string& reason) override { file_.fail(offset, reason); }

    TextList parts;  // left and right in turn

private:
    const InputFile& file_;
    int depth_ = 0;
};

/// The table of merges whose left and right tokens are given in turn; the first has the lowest rank.
/// Throws   IoError: a token that is not in the vocabulary
inline MergeTable merge_table(const InputFile& file, int64_t offset, const Vocabulary& vocabulary,
                              const TextList& parts, std::string_view continuing_prefix = {}) {
    MergeTable table;
    std::string merged;
    const auto id_of = [&](std::string_view token) {
        const int64_t id = vocabulary.find(token);
        if (id < 0) file.fail(offset, "merges: the token ", shown(token), " is not in the vocabulary");
        return static_cast<std::uint32_t>(id);
    };
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        const std::string_view left = parts[i], right = parts[i + 1];
        if (right.size() < continuing_prefix.size())
            file.fail(offset, "merges: ", shown(right), " is shorter than the prefix");
        merged = left;
        merged += right.substr(continuing_prefix.size());
        const std::uint32_t a = id_of(left), b = id_of(right);
        table.set(a, b, {static_cast<std::uint32_t>(i / 2), id_of(merged)});
    }
    return table;
}

}
