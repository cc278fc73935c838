// Trains a small language model on a text and writes samples of it.
//
//   ./train_gpt                                      the headers of this library: it learns to write tapegrad
//   ./train_gpt --text FILE                          any other text
//   ./train_gpt --config nanogpt-cpu --text FILE     nanoGPT's configuration for a CPU
//   ./train_gpt --arch llama --attention gqa         another model: gpt2, llama or deepseek; mha, mqa, gqa or mla
//   ./train_gpt --bpe 1024 --save FOLDER             pieces of words as tokens; a folder that Python opens too
//   ./train_gpt --checkpoint run.safetensors         saves there at every evaluation, and when it is stopped
//                                                    with Ctrl-C; --resume goes on from it
//
// The last line is "val loss" and the mean cross entropy, in nats a token, over the whole validation part.
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include <tapegrad/data/windows.hpp>
#include <tapegrad/generation/generate.hpp>
#include <tapegrad/models/pretrained.hpp>
#include <tapegrad/nn/load_balance.hpp>
#include <tapegrad/tapegrad.hpp>
#include <tapegrad/train/checkpoint.hpp>
#include <tapegrad/train/interrupt.hpp>
#include <tapegrad/train/log.hpp>
#include <tapegrad/train/progress.hpp>

#include "library_text.hpp"
#include "train_gpt/architecture.hpp"
#include "train_gpt/text_tokens.hpp"

using namespace tapegrad;

namespace {

std::string read_text(const std::string& path) {
    if (path.empty()) return std::string(library_text, sizeof library_text - 1);
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    if (!(content << file.rdbuf())) throw IoError("train_gpt: cannot read " + path);
    return content.str();
}

/// The parts of `tokens` that begin at multiples of `length`: at most `limit` of them, spread evenly; all for
/// limit 0.
std::vector<int64_t> evaluation_starts(int64_t tokens, int64_t length, int64_t limit) {
    const int64_t parts = (tokens - 1) / length, n = limit > 0 ? std::min(limit, parts) : parts;
    std::vector<int64_t> starts;
    for (int64_t i = 0; i < n; ++i) starts.push_back(i * parts / n * length);
    return starts;
}

/// Mean loss over consecutive contexts of the tokens, all of them for limit 0.
template <class M>
double evaluate(M& model, const Tensor<int64_t>& tokens, int64_t length, int64_t limit) {
    const Evaluating quiet(model);
    const std::vector<int64_t> starts = evaluation_starts(tokens.numel(), length, limit);
    double total = 0;
    for (std::size_t i = 0; i < starts.size(); i += 32) {
        std::vector<Tensor<int64_t>> x, y;
        for (std::size_t k = i; k < std::min(i + 32, starts.size()); ++k) {
            x.push_back(narrow(tokens, 0, starts[k], length));
            y.push_back(narrow(tokens, 0, starts[k] + 1, length));
        }
        const double mean = static_cast<double>(model.loss(stack(x, 0), stack(y, 0)).item());
        total += mean * static_cast<double>(x.size());
    }
    return total / static_cast<double>(starts.size());
}

/// The loss of a batch, and for a model with experts a little of how unevenly they are loaded.
template <class M>
Tensor<float> training_loss(const M& model, const TokenBatch& batch, const Settings& s, Generator& dropping) {
    typename M::Input input;
    input.checkpoint = s.recompute;
    if constexpr (std::is_same_v<M, GPT<float>>) {
        return model.loss(batch.x, batch.y, input, dropping);
    } else {
        std::vector<Routing<float>> routings;
        if (!s.recompute) input.routings = &routings;
        Tensor<float> loss = model.loss(batch.x, batch.y, input);
        for (const Routing<float>& routing : routings) loss = loss + 0.001f * load_balance_loss(routing);
        return loss;
    }
}

/// A text of n tokens behind `first`, read again from half a context back whenever a context is full.
template <class M>
std::vector<int64_t> write(const M& model, int64_t first, const Settings& s, Generator& generator) {
    M quiet = model;  // the same parameters, with flags of its own
    eval(quiet);
    std::vector<int64_t> text{first};
    while (std::ssize(text) <= s.sample) {
        const auto known =
            std::min(std::ssize(text), std::ssize(text) == 1 ? 1 : std::max<int64_t>(1, s.context / 2));
        const auto n =
            std::min<int64_t>(s.sample + 1 - std::ssize(text), std::max<int64_t>(1, s.context - known));
        const std::vector<int64_t> prompt(text.end() - known, text.end());
        const Generated more =
            generate(quiet, {prompt}, {.max_new_tokens = n}, Temperature(s.temperature), generator);
        text.insert(text.end(), more.sequences[0].tokens.begin(), more.sequences[0].tokens.end());
    }
    return text;
}

/// Elements that the cache holds of a token, in bytes.
template <class M>
int64_t cache_bytes(const M& model) {
    const no_grad scope;
    auto cache = model.make_cache();
    static_cast<void>(model(zeros<int64_t>({1, 1}), {.cache = &cache}));
    return cache.elements_per_token() * static_cast<int64_t>(sizeof(float));
}

long long shown(int64_t n) { return n; }

template <class M>
int train(M& model, const TextTokens& vocabulary, const std::string& text, const Tensor<int64_t>& training,
          const Tensor<int64_t>& validation, const Settings& s) {
    Generator sampling(s.seed, 1), dropping(s.seed, 2);
    // Matrices decay, vectors do not.
    std::vector<Tensor<float>> all = parameters(model), matrices, vectors;
    for (const Tensor<float>& p : all) (p.rank() >= 2 ? matrices : vectors).push_back(p);
    const AdamWOptions options{
        .lr = s.lr, .beta1 = s.beta1, .beta2 = s.beta2, .weight_decay = s.weight_decay};
    AdamWOptions no_decay = options;
    no_decay.weight_decay = 0;
    AdamW<> optimizer(std::vector<AdamW<>::Group>{{matrices, options}, {vectors, no_decay}});
    const WarmupOptions schedule{.warmup = s.warmup, .total = s.steps, .max_lr = s.lr, .min_lr = s.min_lr};

    const int64_t tokens = s.batch * s.accumulate * s.context;
    const double work = flop_per_token(model, s) * static_cast<double>(tokens);
    std::printf("text        %lld bytes, %lld tokens, %lld different %s; 90 %% to train, 10 %% to validate\n",
                shown(std::ssize(text)), shown(training.numel() + validation.numel()),
                shown(vocabulary.size()), vocabulary.kind());
    std::printf(
        "model       %s, %s: %lld layers, %lld heads, width %lld, context %lld: %lld parameters, a cache of "
        "%lld "
        "bytes a token\n",
        s.arch.c_str(), s.attention.c_str(), shown(s.layers), shown(s.heads), shown(s.width),
        shown(s.context), shown(count_parameters(model)), shown(cache_bytes(model)));
    std::printf("machine     %s, %d threads; a step is %lld tokens, %.2f GFLOP\n", TAPEGRAD_ISA_NAME,
                num_threads(), shown(tokens), work / 1e9);
    std::fflush(stdout);

    int64_t step = 0;
    if (s.resume) {
        const TrainingState saved = load_checkpoint(s.checkpoint, model, optimizer);
        step = saved.step;
        sampling = saved.generators.at(0);
        dropping = saved.generators.at(1);
    }
    const auto save = [&] {
        if (s.checkpoint.empty()) return;
        save_checkpoint(s.checkpoint, model, optimizer, {.step = step, .generators = {sampling, dropping}});
    };

    std::optional<CsvLog> log;
    if (!s.log.empty())
        log.emplace(s.log, std::vector<std::string>{"loss", "lr", "validation"},
                    LogOptions{s.resume ? step : -1});
    const Interrupt interrupt;
    Progress progress(s.steps, static_cast<double>(tokens), work);
    const auto start = std::chrono::steady_clock::now();
    while (step < s.steps && !interrupt.requested()) {
        const double lr = cosine_with_warmup(step, schedule);
        optimizer.set_lr(lr);
        optimizer.zero_grad();
        double loss = 0;
        for (int64_t i = 0; i < s.accumulate; ++i) {
            const TokenBatch batch = random_windows(training, s.batch, s.context, sampling);
            const Tensor<float> part =
                training_loss(model, batch, s, dropping) / static_cast<float>(s.accumulate);
            part.backward();
            loss += static_cast<double>(part.item());
        }
        clip_grad_norm(all, s.clip);
        optimizer.step();
        ++step;
        if (step % s.eval_every == 0 && step < s.steps) {
            const double held_out = evaluate(model, validation, s.context, 240);
            progress.validation(held_out);
            if (log) log->write(step, {{"validation", held_out}});
            save();
        }
        if (log) log->write(step, {{"loss", loss}, {"lr", lr}});
        progress.step(step, loss);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    save();
    if (interrupt.requested()) {
        std::printf("\nstopped after step %lld%s\n", shown(step),
                    s.checkpoint.empty() ? "" : "; --resume goes on");
        return 128 + interrupt.signal();
    }

    if (s.sample > 0) {
        const auto first = vocabulary.encode(text.substr(0, 1));
        std::printf("\n%s\n\n", vocabulary.decode(write(model, first.data()[0], s, sampling)).c_str());
    }
    if (!s.save.empty()) {
        save_pretrained(s.save, model);
        vocabulary.save(s.save);
        std::printf("saved in    %s\n", s.save.c_str());
    }
    std::printf("trained in %.1f s\n", seconds);
    const double loss = evaluate(model, validation, s.context, 0);
    if (s.bpe > 0)
        std::printf("bits a byte %.4f\n", loss / std::log(2.0) * static_cast<double>(validation.numel()) /
                                              (0.1 * static_cast<double>(text.size())));
    std::printf("val loss %.4f\n", loss);
    return 0;
}

int run(Settings s) {
    if (s.threads > 0) set_num_threads(s.threads);
    const std::string text = read_text(s.text);
    if (text.empty()) throw ValueError("train_gpt: the text is empty");
    const TextTokens vocabulary(text, s.bpe);
    const auto [training, validation] = split_tokens(vocabulary.encode(text), 0.9);
    s.context = std::min(s.context, std::min(training.numel(), validation.numel()) - 1);
    if (s.context < 1) throw ValueError("train_gpt: the text is too short to train on");
    if (s.arch == "gpt2" && s.attention != "mha") throw ValueError("train_gpt: gpt2 has mha alone");
    if (s.arch == "deepseek") s.attention = "mla";
    Generator initial(s.seed);
    const auto go = [&](auto model) { return train(model, vocabulary, text, training, validation, s); };
    if (s.arch == "gpt2") return go(GPT<float>(gpt2(s, vocabulary.size()), initial));
    if (s.attention == "mla") return go(DeepseekV2<float>(deepseek(s, vocabulary.size()), initial));
    return go(Llama<float>(llama(s, vocabulary.size()), initial));
}

}

int main(int argc, char** argv) {
    Settings s;
    CLI::App app("Trains a small language model on a text and writes samples of it.");
    s.add_to(app);
    CLI11_PARSE(app, argc, argv);
    try {
        return run(s);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
