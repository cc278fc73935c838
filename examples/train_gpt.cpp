// Trains a character-level GPT on a text and writes samples of it.
//
//   ./train_gpt                                      the headers of this library: it learns to write tapegrad
//   ./train_gpt --text FILE                          any other text
//   ./train_gpt --config nanogpt-cpu --text FILE     nanoGPT's configuration for a CPU
//   ./train_gpt --checkpoint run.safetensors         saves there at every evaluation, and when it is stopped
//                                                    with Ctrl-C; --resume goes on from it
//
// The last line is "val loss" and the mean cross entropy, in nats a character, over the whole validation
// part.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include <tapegrad/data/characters.hpp>
#include <tapegrad/data/windows.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/tapegrad.hpp>
#include <tapegrad/train/checkpoint.hpp>
#include <tapegrad/train/interrupt.hpp>
#include <tapegrad/train/log.hpp>
#include <tapegrad/train/progress.hpp>

#include "library_text.hpp"

using namespace tapegrad;

namespace {

struct Settings {
    std::string text, checkpoint, log;
    bool resume = false;
    uint64_t seed = 1;
    int threads = 0;
    // GPT-2 begins with 0.02 at width 768; the same variance of sums asks for 0.02 sqrt(768 / 128) here.
    GPTConfig model{.block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128, .init_std = 0.05};
    int64_t batch = 12, steps = 2000, warmup = 100, eval_every = 250, sample = 400;
    double lr = 1e-3, min_lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1, clip = 1.0,
           temperature = 0.8;
};

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
double evaluate(GPT<>& model, const Tensor<int64_t>& tokens, int64_t limit) {
    const Evaluating quiet(model);
    const int64_t length = model.config.block_size;
    const std::vector<int64_t> starts = evaluation_starts(tokens.numel(), length, limit);
    double total = 0;
    for (std::size_t i = 0; i < starts.size(); i += 32) {
        std::vector<Tensor<int64_t>> x, y;
        for (std::size_t k = i; k < std::min(i + 32, starts.size()); ++k) {
            x.push_back(narrow(tokens, 0, starts[k], length));
            y.push_back(narrow(tokens, 0, starts[k] + 1, length));
        }
        total +=
            static_cast<double>(model.loss(stack(x, 0), stack(y, 0)).item()) * static_cast<double>(x.size());
    }
    return total / static_cast<double>(starts.size());
}

/// Multiplications and additions of the matrix products of one step over `tokens` tokens, as nanoGPT counts
/// them.
double flop(const GPT<>& model, int64_t tokens) {
    const GPTConfig& c = model.config;
    const auto weights = static_cast<double>(count_parameters(model) - model.transformer.wpe.weight.numel());
    const auto attention = static_cast<double>(c.n_layer * c.n_embd * c.block_size);
    return (6 * weights + 12 * attention) * static_cast<double>(tokens);
}

int run(const Settings& s) {
    if (s.threads > 0) set_num_threads(s.threads);
    const std::string text = read_text(s.text);
    const Characters vocabulary(text);
    const auto [training, validation] = split_tokens(vocabulary.encode(text), 0.9);
    const int64_t longest = std::min(training.numel(), validation.numel()) - 1;
    if (longest < 1) throw ValueError("train_gpt: the text is too short to train on");

    Generator initial(s.seed), sampling(s.seed, 1), dropping(s.seed, 2);
    GPTConfig config = s.model;
    config.vocab_size = vocabulary.size();
    config.block_size = std::min(config.block_size, longest);
    GPT<> model(config, initial);

    // Matrices decay, vectors do not.
    std::vector<Tensor<float>> all = parameters(model), matrices, vectors;
    for (const Tensor<float>& p : all) (p.rank() >= 2 ? matrices : vectors).push_back(p);
    const AdamWOptions options{
        .lr = s.lr, .beta1 = s.beta1, .beta2 = s.beta2, .weight_decay = s.weight_decay};
    AdamWOptions no_decay = options;
    no_decay.weight_decay = 0;
    AdamW<> optimizer(std::vector<AdamW<>::Group>{{matrices, options}, {vectors, no_decay}});
    const WarmupOptions schedule{.warmup = s.warmup, .total = s.steps, .max_lr = s.lr, .min_lr = s.min_lr};

    const int64_t tokens = s.batch * config.block_size;
    const double work = flop(model, tokens);
    std::printf("text        %lld characters, %lld different; 90 %% to train, 10 %% to validate\n",
                static_cast<long long>(text.size()), static_cast<long long>(vocabulary.size()));
    std::printf("model       %lld layers, %lld heads, width %lld, context %lld: %lld parameters\n",
                static_cast<long long>(config.n_layer), static_cast<long long>(config.n_head),
                static_cast<long long>(config.n_embd), static_cast<long long>(config.block_size),
                static_cast<long long>(count_parameters(model)));
    std::printf("machine     %s, %d threads; a step is %lld tokens, %.2f GFLOP\n", TAPEGRAD_ISA_NAME,
                num_threads(), static_cast<long long>(tokens), work / 1e9);
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
        const TokenBatch batch = random_windows(training, s.batch, config.block_size, sampling);
        const Tensor<float> loss = model.loss(batch.x, batch.y, dropping);
        optimizer.zero_grad();
        loss.backward();
        clip_grad_norm(all, s.clip);
        optimizer.step();
        ++step;
        if (step % s.eval_every == 0 && step < s.steps) {
            const double held_out = evaluate(model, validation, 240);
            progress.validation(held_out);
            if (log) log->write(step, {{"validation", held_out}});
            save();
        }
        if (log) log->write(step, {{"loss", static_cast<double>(loss.item())}, {"lr", lr}});
        progress.step(step, static_cast<double>(loss.item()));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    save();
    if (interrupt.requested()) {
        std::printf("\nstopped after step %lld%s\n", static_cast<long long>(step),
                    s.checkpoint.empty() ? "" : "; --resume goes on");
        return 128 + interrupt.signal();
    }

    if (s.sample > 0) {
        const Tensor<int64_t> first = reshape(vocabulary.encode(text.substr(0, 1)), {1, 1});
        const Tensor<int64_t> ids = model.generate(first, s.sample, {.temperature = s.temperature}, sampling);
        std::printf("\n%s\n\n", vocabulary.decode(ids).c_str());
    }
    std::printf("trained in %.1f s\n", seconds);
    std::printf("val loss %.4f\n", evaluate(model, validation, 0));
    return 0;
}

}

int main(int argc, char** argv) {
    Settings s;
    std::string config = "demo";
    CLI::App app("Trains a character-level GPT on a text and writes samples of it.");
    app.add_option("--config", config, "demo, or nanogpt-cpu")->check(CLI::IsMember({"demo", "nanogpt-cpu"}));
    app.add_option("--text", s.text, "the text to learn; default: the headers of this library");
    app.add_option("--checkpoint", s.checkpoint, "save here at every evaluation");
    app.add_option("--log", s.log, "write loss and learning rate of every step there, as CSV");
    app.add_flag("--resume", s.resume, "go on from the checkpoint");
    app.add_option("--seed", s.seed);
    app.add_option("--threads", s.threads, "default: TAPEGRAD_NUM_THREADS, else all");
    app.add_option("--steps", s.steps)->check(CLI::PositiveNumber);
    app.add_option("--batch", s.batch)->check(CLI::PositiveNumber);
    app.add_option("--context", s.model.block_size)->check(CLI::PositiveNumber);
    app.add_option("--layers", s.model.n_layer)->check(CLI::PositiveNumber);
    app.add_option("--heads", s.model.n_head)->check(CLI::PositiveNumber);
    app.add_option("--width", s.model.n_embd)->check(CLI::PositiveNumber);
    app.add_option("--dropout", s.model.dropout);
    app.add_option("--init-std", s.model.init_std, "deviation of the first weights");
    app.add_option("--lr", s.lr);
    app.add_option("--min-lr", s.min_lr);
    app.add_option("--warmup", s.warmup);
    app.add_option("--weight-decay", s.weight_decay);
    app.add_option("--eval-every", s.eval_every)->check(CLI::PositiveNumber);
    app.add_option("--sample", s.sample, "characters to write at the end");
    app.add_option("--temperature", s.temperature);
    CLI11_PARSE(app, argc, argv);
    if (config == "nanogpt-cpu") s.model.bias = false;
    try {
        return run(s);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
