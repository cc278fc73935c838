// What train_gpt is told.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include <tapegrad/models/gpt.hpp>

struct Settings {
    std::string config = "demo", arch = "gpt2", attention = "mha";
    std::string text, checkpoint, log, save;
    bool resume = false, recompute = false;
    uint64_t seed = 1;
    int threads = 0;
    int64_t bpe = 0;  // tokens of the vocabulary; 0: characters
    int64_t context = 64, layers = 4, heads = 4, kv_heads = 0, width = 128;
    double dropout = 0;
    // GPT-2 begins with 0.02 at width 768; the same variance of sums asks for 0.02 sqrt(768 / 128) here.
    double init_std = 0.05;
    int64_t batch = 12, accumulate = 1, steps = 2000, warmup = 100, eval_every = 250, sample = 400;
    double lr = 1e-3, min_lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1, clip = 1.0,
           temperature = 0.8;

    void add_to(CLI::App& app) {
        app.add_option("--config", config, "demo, or nanogpt-cpu")
            ->check(CLI::IsMember({"demo", "nanogpt-cpu"}));
        app.add_option("--arch", arch, "gpt2, llama or deepseek")
            ->check(CLI::IsMember({"gpt2", "llama", "deepseek"}));
        app.add_option("--attention", attention, "of llama: mha, mqa, gqa or mla, with as many parameters")
            ->check(CLI::IsMember({"mha", "mqa", "gqa", "mla"}));
        app.add_option("--text", text, "the text to learn; default: the headers of this library");
        app.add_option("--bpe", bpe,
                       "learn pairs of bytes up to a vocabulary of this size; default: characters");
        app.add_option("--checkpoint", checkpoint, "save here at every evaluation");
        app.add_option("--save", save, "write the model here at the end, as Hugging Face's folders are");
        app.add_option("--log", log, "write loss and learning rate of every step there, as CSV");
        app.add_flag("--resume", resume, "go on from the checkpoint");
        app.add_flag("--recompute", recompute, "compute layers again in backward instead of keeping them");
        app.add_option("--seed", seed);
        app.add_option("--threads", threads, "default: TAPEGRAD_NUM_THREADS, else all");
        const auto positive = [&](const char* name, int64_t& value, const char* help = "") {
            app.add_option(name, value, help)->check(CLI::PositiveNumber);
        };
        positive("--steps", steps);
        positive("--batch", batch);
        positive("--accumulate", accumulate, "batches of a step");
        positive("--context", context);
        positive("--layers", layers);
        positive("--heads", heads);
        positive("--kv-heads", kv_heads, "of gqa; default: half of heads");
        positive("--width", width);
        positive("--eval-every", eval_every);
        app.add_option("--dropout", dropout, "of gpt2");
        app.add_option("--init-std", init_std, "deviation of the first weights");
        app.add_option("--lr", lr);
        app.add_option("--min-lr", min_lr);
        app.add_option("--warmup", warmup);
        app.add_option("--weight-decay", weight_decay);
        app.add_option("--sample", sample, "tokens to write at the end");
        app.add_option("--temperature", temperature);
    }
};
