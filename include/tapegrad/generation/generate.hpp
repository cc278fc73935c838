// Text from a language model: prompts are read at once, then token follows token, each against the cache.
//
//   const Chain sampler{TopK(40), TopP(0.95), Temperature(0.8)};
//   Generator generator(1);
//   const Generated out = generate(model, {prompt}, {.max_new_tokens = 100, .eos = {2}}, sampler, generator);
#pragma once

#include <chrono>

#include "../autograd/grad_mode.hpp"
#include "../ops/index_rows.hpp"
#include "draw.hpp"
#include "generation_options.hpp"
#include "language_model.hpp"
#include "penalties.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A sequence that is being written.
template <class T, class S>
class GrowingSequence {
public:
    GrowingSequence(std::span<const int64_t> prompt, int64_t number, const GenerationOptions& options,
                    const S& sampler, const Generator& generator, GeneratedSequence& out)
        : number_(number),
          options_(options),
          sampler_(sampler),
          generator_(generator),
          tokens_(prompt.begin(), prompt.end()),
          prompt_(std::ssize(prompt)),
          stop_(options.stop),
          out_(out) {
        if (options.text) text_ = options.text(prompt);
        tokens_.reserve(prompt.size() +
                        static_cast<std::size_t>(std::min<int64_t>(options.max_new_tokens, 4096)));
    }

    int64_t length() const { return std::ssize(tokens_); }
    int64_t prompt() const { return prompt_; }
    int64_t last_token() const { return tokens_.back(); }

    /// Draws a token. Touches nothing but this sequence.
    void advance(std::span<const T> logits) {
        Candidates<T> candidates(logits);
        const double total = candidates.log_total();
        event_.entropy = candidates.entropy();
        if (step() < options_.min_new_tokens && !options_.eos.empty()) {
            const std::span<T> own = candidates.edit();
            for (const int64_t token : options_.eos)
                own[static_cast<std::size_t>(candidates.find(token))] = -std::numeric_limits<T>::infinity();
        }
        sampler_(candidates, SamplerContext{tokens_, prompt_});
        const Drawn drawn = draw(candidates, generator_);
        tell(sampler_, drawn.token, drawn.log_prob);
        event_.step = step();
        event_.token = drawn.token;
        event_.log_prob = static_cast<double>(logits[static_cast<std::size_t>(drawn.token)]) - total;
        event_.drawn_log_prob = drawn.log_prob;
        tokens_.push_back(drawn.token);
    }
    /// Says what was drawn. Whether the sequence goes on.
    bool report() {
        out_.tokens.push_back(event_.token);
        out_.log_probs.push_back(event_.log_prob);
        out_.drawn_log_probs.push_back(event_.drawn_log_prob);
        out_.entropies.push_back(event_.entropy);
        const std::string shown = text_.push ? stop_.push(text_.push(event_.token)) : std::string();
        out_.text += shown;
        event_.sequence = number_;
        event_.prompt = number_ / options_.samples;
        event_.sample = number_ % options_.samples;
        event_.text = shown;
        const bool wanted = !options_.on_token || options_.on_token(event_);
        event_.text = {};
        const auto end = [this](StopReason reason) {
            out_.reason = reason;
            finish();
            return false;
        };
        if (std::find(options_.eos.begin(), options_.eos.end(), event_.token) != options_.eos.end())
            return end(StopReason::eos);
        if (stop_.stopped()) return end(StopReason::text);
        if (!wanted) return end(StopReason::callback);
        return step() < options_.max_new_tokens || end(StopReason::length);
    }

private:
    int64_t step() const { return length() - prompt_; }
    void finish() {
        if (!text_.finish) return;
        // What the decoder held back may complete a stop text.
        std::string rest = stop_.push(text_.finish());
        rest += stop_.finish();
        if (stop_.stopped() && out_.reason == StopReason::length) out_.reason = StopReason::text;
        out_.text += rest;
        if (!rest.empty() && options_.on_rest) options_.on_rest(number_, rest);
    }

    int64_t number_;
    const GenerationOptions& options_;
    S sampler_;
    Generator generator_;
    std::vector<int64_t> tokens_;
    int64_t prompt_;
    StopTexts stop_;
    TokenText text_;
    TokenEvent event_;
    GeneratedSequence& out_;
};

inline void check_generation(const std::vector<std::vector<int64_t>>& prompts,
                             const GenerationOptions& options) {
    const auto at_least = [](const char* what, int64_t value, int64_t least) {
        if (value < least) fail<ValueError>("generate", what, ' ', value, " is less than ", least);
    };
    at_least("max_new_tokens", options.max_new_tokens, 0);
    at_least("min_new_tokens", options.min_new_tokens, 0);
    at_least("samples", options.samples, 1);
    for (std::size_t b = 0; b < prompts.size(); ++b)
        if (prompts[b].empty())
            fail<ValueError>("generate", "prompt ", b, " is empty: there is nothing to continue");
    if (!options.streams.empty() && options.streams.size() != prompts.size())
        fail<ValueError>("generate", options.streams.size(), " streams for ", prompts.size(), " prompts");
    if (!options.stop.empty() && !options.text)
        fail<ValueError>("generate", "there are stop texts, but `text` does not say how tokens become text");
}

/// What a model is told of rows whose first tokens are padding: which tokens count, and where the last `length`
/// stand. Undefined where there is no padding.
struct Padding {
    Tensor<bool> mask;
    Tensor<int64_t> positions;
};
template <std::same_as<int64_t> I>
Padding padding_of(const std::vector<I>& pads, I total, I length) {
    const I rows = std::ssize(pads);
    if (std::all_of(pads.begin(), pads.end(), [](I pad) { return pad == 0; })) return {};
    Padding out{empty<bool>({rows, total}), empty<I>({rows, length})};
    bool* const mask = output(out.mask);
    I* const positions = output(out.positions);
    for (I b = 0; b < rows; ++b) {
        const I pad = pads[static_cast<std::size_t>(b)];
        for (I s = 0; s < total; ++s) mask[b * total + s] = s >= pad;
        for (I t = 0; t < length; ++t) positions[b * length + t] = std::max<I>(0, total - length + t - pad);
    }
    return out;
}

}

/// Continues each prompt, token by token, until it has max_new_tokens, an end token or a stop text, or a callback
/// wants no more. Records nothing.
/// Numeric  prompts of different lengths are padded on the left and masked: a sequence gets the tokens that it would
///          get alone, as far as the model's rows do not depend on each other; its random numbers are those of
///          (generator, streams, sample, step). The same for any number of threads. The generator moves on
/// Throws   ValueError: an empty prompt, an option outside its range, a row of logits that nothing can be drawn from;
///          ShapeError: logits of another shape than a language model's; what the model, the sampler and the callbacks
///          throw
template <LanguageModel M, Sampler<LogitOf<M>> S>
Generated generate(const M& model, const std::vector<std::vector<int64_t>>& prompts,
                   const GenerationOptions& options, const S& sampler, Generator& generator) {
    using T = LogitOf<M>;
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const auto elapsed = [start] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    detail::check_generation(prompts, options);
    const no_grad scope;
    Generated out;
    const int64_t batch = std::ssize(prompts), samples = options.samples;
    out.sequences.resize(static_cast<std::size_t>(batch * samples));
    const RandomState now = generator.reserve(1);
    if (batch == 0 || options.max_new_tokens == 0) return out;
    const Generator base = Generator(now).split(now.offset);

    int64_t longest = 0;
    for (const auto& prompt : prompts) longest = std::max<int64_t>(longest, std::ssize(prompt));
    Tensor<int64_t> ids = zeros<int64_t>({batch, longest});
    std::vector<int64_t> pads, active;
    std::vector<detail::GrowingSequence<T, S>> sequences;
    sequences.reserve(out.sequences.size());
    for (int64_t b = 0; b < batch; ++b) {
        const auto& prompt = prompts[static_cast<std::size_t>(b)];
        const int64_t pad = longest - std::ssize(prompt);
        std::copy(prompt.begin(), prompt.end(), ids.mutable_data() + b * longest + pad);
        pads.push_back(pad);
        const auto stream = options.streams.empty() ? static_cast<std::uint64_t>(b)
                                                    : options.streams[static_cast<std::size_t>(b)];
        for (int64_t s = 0; s < samples; ++s) {
            const int64_t number = b * samples + s;
            sequences.emplace_back(prompt, number, options, sampler,
                                   base.split(stream).split(static_cast<std::uint64_t>(s)),
                                   out.sequences[static_cast<std::size_t>(number)]);
            active.push_back(number);
        }
    }

    typename M::Cache cache = model.make_cache();
    const auto run = [&](const Tensor<int64_t>& tokens, int64_t total) {
        auto padding = detail::padding_of(pads, total, tokens.size(1));
        LanguageModelInput<typename M::Cache, T> input;
        input.cache = &cache;
        input.mask = padding.mask;
        input.positions = padding.positions;
        input.last_only = true;
        return detail::logits_of<M, T>("generate", model, tokens, input);  // (B, 1, V)
    };
    // The rows of the cache that go on, which need not be all, nor each once.
    const auto go_on_with = [&](const std::vector<int64_t>& members) {
        cache.select(from_vector(members, {std::ssize(members)}));
        std::vector<int64_t> kept;
        for (const int64_t m : members) kept.push_back(pads[static_cast<std::size_t>(m)]);
        pads = std::move(kept);
    };

    Tensor<T> logits = run(ids, longest);
    if (samples > 1) {
        std::vector<int64_t> members;
        for (int64_t i = 0; i < batch * samples; ++i) members.push_back(i / samples);
        go_on_with(members);
        logits = index_select(logits, 0, from_vector(members, {std::ssize(members)}));
    }
    for (int64_t total = longest + 1;; ++total) {
        const int64_t vocabulary = logits.size(2);
        parallel_for(std::ssize(active), 1, [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r)
                sequences[static_cast<std::size_t>(active[static_cast<std::size_t>(r)])].advance(
                    {logits.data() + r * vocabulary, static_cast<std::size_t>(vocabulary)});
        });
        out.new_tokens += std::ssize(active);
        if (total == longest + 1) out.seconds_to_first = elapsed();
        std::vector<int64_t> going, members;
        for (std::size_t r = 0; r < active.size(); ++r) {
            if (!sequences[static_cast<std::size_t>(active[r])].report()) continue;
            going.push_back(active[r]);
            members.push_back(static_cast<int64_t>(r));
        }
        if (going.empty()) break;
        if (going.size() < active.size()) go_on_with(members);
        active = std::move(going);
        Tensor<int64_t> next = empty<int64_t>({std::ssize(active), 1});
        for (std::size_t r = 0; r < active.size(); ++r)
            next.mutable_data()[r] = sequences[static_cast<std::size_t>(active[r])].last_token();
        logits = run(next, total);
    }
    out.seconds = elapsed();
    return out;
}

/// The same for prompts of one length.
/// Shape    ids (B, T)
/// Throws   ShapeError: ids that are not (B, T); as above
template <LanguageModel M, std::same_as<Tensor<int64_t>> Ids, Sampler<LogitOf<M>> S>  // braces are prompts
Generated generate(const M& model, const Ids& ids, const GenerationOptions& options, const S& sampler,
                   Generator& generator) {
    if (ids.rank() != 2)
        detail::fail<ShapeError>("generate", "ids ", ids.shape(), " must be (batch, length)");
    const Tensor<int64_t> rows = detail::contiguous(ids);
    std::vector<std::vector<int64_t>> prompts;
    for (int64_t b = 0; b < rows.size(0); ++b) {
        const int64_t* const row = rows.data() + b * rows.size(1);
        prompts.emplace_back(row, row + rows.size(1));
    }
    return generate(model, prompts, options, sampler, generator);
}

}
