// Writes text with a language model in a folder as Hugging Face's libraries write it: config.json, model.safetensors
// (or several) and the files of a tokenizer. GPT-2, LLaMA, Mistral, Qwen2 and DeepSeek-V2 are known; all but the last
// also as a GGUF file.
//
//   ./generate FOLDER --prompt "Once upon a time"
//   ./generate model.gguf --prompt "Once upon a time" --weights int8
//   ./generate FOLDER --prompt "..." --top-k 40 --top-p 0.95 --temperature 0.8 --seed 3 --samples 2
//   ./generate FOLDER --prompt "..." --weights int8    a quarter of the memory, and of the time to read it
//   ./generate FOLDER --prompt "..." --dola high       the contrast of the last layer with earlier ones
//   ./generate FOLDER --perplexity FILE                how well the model foretells a text
#include <CLI/CLI.hpp>
#include <cstdio>

#include <tapegrad/generation.hpp>
#include <tapegrad/models/pretrained.hpp>
#include <tapegrad/nn/store.hpp>

using namespace tapegrad;

namespace {

struct Settings {
    std::string model, prompt = "Once upon a time", perplexity, dola, weights = "float32";
    uint64_t seed = 1;
    int threads = 0;
    SamplerOptions sampler;
    GenerationOptions generation;
    PerplexityOptions windows;
};

template <LanguageModel M>
void write_texts(const M& model, const Tokenizer& tokenizer, const Settings& s) {
    const std::vector<int64_t> prompt =
        tokenizer.encode(s.prompt, {.add_special = true, .allow_special = true});
    GenerationOptions options = s.generation;
    options.eos = end_tokens(s.model);
    options.text = text_by(tokenizer);
    if (options.samples == 1) {  // as it comes
        std::printf("%s", s.prompt.c_str());
        options.on_token = [](const TokenEvent& event) {
            std::fwrite(event.text.data(), 1, event.text.size(), stdout);
            std::fflush(stdout);
            return true;
        };
        options.on_rest = [](int64_t, std::string_view rest) {
            std::fwrite(rest.data(), 1, rest.size(), stdout);
        };
    }
    Generator generator(s.seed);
    const auto sampler = make_samplers<LogitOf<M>>(s.sampler);
    const Generated out = generate(model, {prompt}, options, sampler, generator);
    if (options.samples == 1)
        std::printf("\n");
    else
        for (const GeneratedSequence& each : out.sequences)
            std::printf("%s%s\n----\n", s.prompt.c_str(), each.text.c_str());
    double log_prob = 0;
    for (const GeneratedSequence& each : out.sequences)
        for (const double x : each.log_probs) log_prob += x;
    std::fprintf(stderr, "%lld tokens behind %lld; first after %.2f s, then %.1f a second; perplexity %.2f\n",
                 static_cast<long long>(out.new_tokens), static_cast<long long>(prompt.size()),
                 out.seconds_to_first, out.tokens_per_second(),
                 std::exp(-log_prob / static_cast<double>(out.new_tokens)));
}

template <LanguageModel M>
void measure(const M& model, const Tokenizer& tokenizer, const Settings& s) {
    const auto encode = [&](std::string_view text) { return tokenizer.encode(text, {.add_special = true}); };
    const Perplexity result = perplexity_of_file(model, s.perplexity, encode, s.windows);
    std::printf("%lld tokens, perplexity %.4f, %.4f bits a byte\n",
                static_cast<long long>(result.scores.size()), result.perplexity(), result.bits_per_byte());
}

template <class M>
void store_weights(M& model, const std::string& how) {
    if (how == "float32") return;
    const StoreReport report = store_(model, how == "bfloat16" ? Storage::bfloat16
                                             : how == "int8"   ? Storage::int8
                                                               : Storage::int4);
    std::fprintf(stderr, "%lld layers in %.1f MB, %.1f before\n", static_cast<long long>(report.layers),
                 static_cast<double>(report.bytes_after) / 1e6,
                 static_cast<double>(report.bytes_before) / 1e6);
}

int run(const Settings& s) {
    if (s.threads > 0) set_num_threads(s.threads);
    const Tokenizer tokenizer = load_tokenizer(s.model);
    auto any_model = load_language_model<float>(s.model);
    std::visit(
        [&](auto& model) {
            store_weights(model, s.weights);
            if (!s.perplexity.empty()) return measure(model, tokenizer, s);
            if (s.dola.empty()) return write_texts(model, tokenizer, s);
            std::vector<Tensor<float>> hidden;
            model(zeros<int64_t>({1, 1}), {.hidden_states = &hidden});
            const DolaOptions layers{.layers = dola_layers(std::ssize(hidden) - 1, s.dola == "high")};
            write_texts(DolaModel(model, layers), tokenizer, s);
        },
        any_model);
    return 0;
}

}

int main(int argc, char** argv) {
    Settings s;
    CLI::App app("Writes text with a language model.");
    app.add_option("model", s.model, "a folder with config.json, weights and tokenizer, or a GGUF file")
        ->required();
    app.add_option("--prompt", s.prompt, "what the text begins with; special tokens are read");
    app.add_option("--tokens", s.generation.max_new_tokens, "new tokens at most")->check(CLI::PositiveNumber);
    app.add_option("--samples", s.generation.samples)->check(CLI::PositiveNumber);
    app.add_option("--stop", s.generation.stop, "texts that end it");
    app.add_option("--temperature", s.sampler.temperature, "0: always the likeliest token");
    app.add_option("--top-k", s.sampler.top_k);
    app.add_option("--top-p", s.sampler.top_p);
    app.add_option("--min-p", s.sampler.min_p);
    app.add_option("--typical", s.sampler.typical);
    app.add_option("--repetition-penalty", s.sampler.repetition_penalty);
    app.add_option("--no-repeat-ngram", s.sampler.no_repeat_ngram);
    app.add_option("--weights", s.weights, "how linear layers keep them: float32, bfloat16, int8, int4")
        ->check(CLI::IsMember({"float32", "bfloat16", "int8", "int4"}));
    app.add_option("--dola", s.dola, "contrast with lower (low) or upper (high) layers")
        ->check(CLI::IsMember({"low", "high"}));
    app.add_option("--perplexity", s.perplexity, "measure this text instead")->check(CLI::ExistingFile);
    app.add_option("--context", s.windows.context, "tokens of a window");
    app.add_option("--stride", s.windows.stride, "from window to window");
    app.add_option("--seed", s.seed);
    app.add_option("--threads", s.threads, "default: TAPEGRAD_NUM_THREADS, else all");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(s);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
