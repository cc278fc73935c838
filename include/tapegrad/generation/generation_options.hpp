// What `generate` is asked for, and what it gives.
#pragma once

#include "stop_texts.hpp"
#include "token_text.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One token of one sequence, as it comes. Probabilities are in nats.
struct TokenEvent {
    int64_t sequence = 0, prompt = 0, sample = 0;  // sequence = prompt * samples + sample
    int64_t step = 0;                              // from 0
    int64_t token = 0;
    double log_prob = 0, drawn_log_prob = 0, entropy = 0;
    std::string_view text =
        {};  // that may be shown now; what is held back comes with a later token, or at the end
};

struct GenerationOptions {
    int64_t max_new_tokens = 128;
    int64_t min_new_tokens = 0;     // before, no token of `eos` can come
    std::vector<int64_t> eos = {};  // each ends its sequence, and is its last token
    int64_t samples = 1;            // sequences for each prompt
    TextMaker text = {};            // how tokens become text, as text_by(tokenizer); without, there is none
    std::vector<std::string> stop = {};  // texts that end a sequence, and are not in its text
    /// Called for each token; false ends the sequence.
    std::function<bool(const TokenEvent&)> on_token = {};
    /// Called with text that no token brought: what was held back, when a sequence ends.
    std::function<void(int64_t sequence, std::string_view text)> on_rest = {};
    /// The random numbers of each prompt: a prompt has the same tokens wherever it stands in a batch, if its number is
    /// the same. Empty: 0, 1, 2, ...
    std::vector<std::uint64_t> streams = {};
};

enum class StopReason { length, eos, text, callback };

struct GeneratedSequence {
    std::vector<int64_t> tokens;          // the new ones
    std::string text;                     // of them, up to a stop text
    std::vector<double> log_probs;        // of each token by the model alone
    std::vector<double> drawn_log_probs;  // by what the sampler made of it
    std::vector<double> entropies;        // of the model's distributions
    StopReason reason = StopReason::length;
};

struct Generated {
    std::vector<GeneratedSequence> sequences;  // those of one prompt beside each other
    double seconds_to_first = 0;               // until every sequence had its first token
    double seconds = 0;
    int64_t new_tokens = 0;  // of all sequences

    /// Behind the first tokens; 0 if there were none.
    double tokens_per_second() const {
        const auto later = static_cast<double>(new_tokens - std::ssize(sequences));
        return later > 0 && seconds > seconds_to_first ? later / (seconds - seconds_to_first) : 0;
    }
};

}
