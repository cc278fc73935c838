// Learning a byte-level BPE vocabulary from texts: the most frequent pair of neighbours becomes a token, until
// there are as many as wanted.
//
//   BpeTrainer trainer({.vocab_size = 8192, .special = {"<|endoftext|>"}});
//   trainer.add(text);
//   const Tokenizer tokenizer = trainer.train();
#pragma once

#include <queue>

#include "../io/json.hpp"

#include "bpe_model.hpp"
#include "tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BpeTraining {
    /// Tokens in all: special ones, the 256 bytes, merges. Fewer where the text has no more pairs.
    int64_t vocab_size = 8192;
    /// A pair that is rarer makes no token.
    int64_t min_frequency = 2;
    /// These come first, with ids from 0 on.
    std::vector<std::string> special = {};
    /// Cuts the text; tokens do not reach beyond a cut. A pattern that is known here.
    std::string pattern = std::string(gpt2_pattern);
};

namespace detail {

/// All different pieces one behind the other as a linked list of symbols, the places of every pair, and how
/// often each occurs: a merge touches only the places where it happens.
class PairCounts {
public:
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    struct Best {
        Pair pair;
        int64_t count;
    };

    /// A piece that occurs `count` times.
    void add(std::string_view piece, int64_t count, const std::array<std::uint32_t, 256>& symbols) {
        const auto first = static_cast<std::uint32_t>(symbols_.size());
        for (const char c : piece) {
            const auto at = static_cast<std::uint32_t>(symbols_.size());
            symbols_.push_back(symbols[static_cast<unsigned char>(c)]);
            weights_.push_back(count);
            previous_.push_back(at == first ? none : at - 1);
            next_.push_back(at + 1);
        }
        if (symbols_.size() != first) next_.back() = none;
    }
    void count_all() {
        for (std::uint32_t at = 0; at < symbols_.size(); ++at)
            if (next_[at] != none) change({symbols_[at], symbols_[next_[at]]}, at, weights_[at]);
        queue_fresh();
    }
    /// The pair that occurs most often, of several the one with the lowest ids; a count of 0 when there is none.
    Best take_best() {
        while (!queue_.empty()) {
            Best best = queue_.top();
            queue_.pop();
            const int64_t count = pairs_.at(key(best.pair)).count;
            if (count == best.count) return best;
            best.count = count;  // it has become rarer since
            if (count > 0) queue_.push(best);
        }
        return {{0, 0}, 0};
    }
    /// Makes `symbol` of each place of a pair, from left to right.
    void merge(Pair pair, std::uint32_t symbol) {
        std::vector<std::uint32_t> places = std::move(pairs_.at(key(pair)).places);
        std::sort(places.begin(), places.end());
        for (const std::uint32_t at : places) {
            const std::uint32_t right = next_[at];
            if (symbols_[at] != pair.first || right == none || symbols_[right] != pair.second) continue;
            const int64_t weight = weights_[at];
            const std::uint32_t before = previous_[at], after = next_[right];
            symbols_[at] = symbol;
            symbols_[right] = none;
            next_[at] = after;
            if (after != none) previous_[after] = at;
            if (before != none) {
                change({symbols_[before], pair.first}, before, -weight);
                change({symbols_[before], symbol}, before, weight);
            }
            if (after != none) {
                change({pair.second, symbols_[after]}, right, -weight);
                change({symbol, symbols_[after]}, at, weight);
            }
        }
        queue_fresh();
    }

private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    struct Entry {
        int64_t count = 0;
        std::vector<std::uint32_t> places;
    };
    struct Rarer {
        bool operator()(const Best& a, const Best& b) const {
            return a.count != b.count ? a.count < b.count : a.pair > b.pair;
        }
    };
    static std::uint64_t key(Pair pair) { return std::uint64_t{pair.first} << 32 | pair.second; }

    void change(Pair pair, std::uint32_t at, int64_t weight) {
        Entry& entry = pairs_[key(pair)];
        entry.count += weight;
        if (weight < 0) return;
        if (entry.places.empty()) fresh_.push_back(pair);
        entry.places.push_back(at);
    }
    void queue_fresh() {
        for (const Pair& pair : fresh_)
            if (const int64_t count = pairs_.at(key(pair)).count; count > 0) queue_.push({pair, count});
        fresh_.clear();
    }

    std::vector<std::uint32_t> symbols_, previous_, next_;
    std::vector<int64_t> weights_;
    std::unordered_map<std::uint64_t, Entry> pairs_;
    std::vector<Pair> fresh_;
    std::priority_queue<Best, std::vector<Best>, Rarer> queue_;
};

}

class BpeTrainer {
public:
    /// Throws   ValueError: a vocabulary too small for the special tokens and the bytes, a special token that is
    ///          empty or there twice, a pattern that is not known
    explicit BpeTrainer(BpeTraining options = {}) : options_(std::move(options)), pattern_{nullptr, {}} {
        pattern_.scan = detail::find_pattern(options_.pattern);
        if (pattern_.scan == nullptr)
            detail::fail<ValueError>("train_bpe", "the pattern ", options_.pattern.substr(0, 200),
                                     " is not known");
        const auto least = static_cast<int64_t>(options_.special.size()) + 256;
        if (options_.vocab_size < least || options_.vocab_size > Vocabulary::max_id)
            detail::fail<ValueError>("train_bpe", "a vocabulary of ", options_.vocab_size, " is outside [",
                                     least, ", 2147483646]");
        for (const std::string& token : options_.special) {
            if (token.empty() || !is_utf8(token))
                detail::fail<ValueError>("train_bpe", "a special token is empty or not UTF-8");
            if (!vocabulary_.add(token, vocabulary_.size()))
                detail::fail<ValueError>("train_bpe", "the special token ", token, " is there twice");
        }
    }

    /// Counts the pieces of a text. It is not kept.
    void add(std::string_view text) {
        pattern_.parts(text, [&](detail::SplitPart part) {
            int64_t id = pieces_.find(part.text);
            if (id < 0) {
                id = pieces_.size();
                pieces_.add(part.text, id);
                counts_.push_back(0);
            }
            ++counts_[static_cast<std::size_t>(id)];
        });
    }

    /// The tokenizer that GPT-2's would have been on these texts. The same texts in any order give the same one.
    Tokenizer train() const {
        Vocabulary vocabulary = vocabulary_;
        std::array<std::uint32_t, 256> symbols{};
        std::vector<unsigned> bytes(256);
        for (unsigned byte = 0; byte < 256; ++byte) bytes[byte] = byte;
        std::sort(bytes.begin(), bytes.end(), [](unsigned a, unsigned b) {
            return detail::byte_alphabet.characters[a] < detail::byte_alphabet.characters[b];
        });
        for (const unsigned byte : bytes) {
            const char c = static_cast<char>(static_cast<unsigned char>(byte));
            symbols[byte] = add_token(vocabulary, detail::bytes_to_characters({&c, 1}));
        }
        detail::PairCounts counts;
        for (int64_t id = 0; id < pieces_.size(); ++id)
            counts.add(pieces_[id], counts_[static_cast<std::size_t>(id)], symbols);
        counts.count_all();
        detail::MergeTable merges;
        while (vocabulary.size() < options_.vocab_size) {
            const auto best = counts.take_best();
            if (best.count < std::max<int64_t>(options_.min_frequency, 1)) break;
            std::string token(vocabulary[best.pair.first]);
            token += vocabulary[best.pair.second];
            const std::uint32_t symbol = add_token(vocabulary, token);
            merges.set(best.pair.first, best.pair.second,
                       {static_cast<std::uint32_t>(merges.size()), symbol});
            counts.merge(best.pair, symbol);
        }
        return assemble(std::move(vocabulary), std::move(merges));
    }

private:
    /// Two ways may lead to one token.
    static std::uint32_t add_token(Vocabulary& vocabulary, std::string_view token) {
        if (const int64_t id = vocabulary.find(token); id >= 0) return static_cast<std::uint32_t>(id);
        vocabulary.add(token, vocabulary.size());
        return static_cast<std::uint32_t>(vocabulary.size() - 1);
    }
    Tokenizer assemble(Vocabulary vocabulary, detail::MergeTable merges) const {
        TokenizerParts parts;
        for (std::size_t i = 0; i < options_.special.size(); ++i)
            parts.added.push_back(
                {.content = options_.special[i], .id = static_cast<int64_t>(i), .special = true});
        const bool gpt2 = pattern_.scan == detail::scan_gpt2;
        if (!gpt2)
            parts.pre_tokenizers.push_back(
                std::make_shared<detail::Split>(pattern_, detail::SplitBehavior::isolated, false));
        parts.pre_tokenizers.push_back(std::make_shared<detail::ByteLevel>(false, gpt2));
        parts.decoders.push_back(std::make_shared<detail::DecodeByteLevel>());
        parts.model = std::make_shared<BpeModel>(std::move(vocabulary), std::move(merges),
                                                 BpeOptions{.byte_level = true});
        return Tokenizer(std::move(parts));
    }

    BpeTraining options_;
    detail::SplitPattern pattern_;
    Vocabulary vocabulary_, pieces_;
    std::vector<int64_t> counts_;
};

}
