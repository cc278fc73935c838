// One token after another at batch 1, with GPT-2 of 124 M parameters and LLaMA 3.2's shape of 1.2 billion: how fast the
// weights are read. GB/s counts the bytes of the weights that a token meets.
#include <benchmark/benchmark.h>

#include <memory>

#include <tapegrad/models/gpt.hpp>
#include <tapegrad/models/llama.hpp>
#include <tapegrad/nn/store.hpp>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;

constexpr GPTConfig gpt2{.vocab_size = 50257, .block_size = 1024, .n_layer = 12, .n_head = 12, .n_embd = 768};
constexpr LlamaConfig llama{.vocab_size = 128256,
                            .hidden_size = 2048,
                            .intermediate_size = 8192,
                            .num_hidden_layers = 16,
                            .num_attention_heads = 32,
                            .num_key_value_heads = 8,
                            .tie_word_embeddings = true};
constexpr int64_t prompt = 64, steps = 32;

/// The model that was asked for last: they are made one after the other, and are large.
template <class M, class Config>
const M& model_of(const Config& config, int storage) {
    static std::unique_ptr<M> model;
    static int held = -2;
    if (held != storage) {
        model.reset();
        Generator generator(1);
        model = std::make_unique<M>(config, generator);
        if (storage >= 0) store_(*model, static_cast<Storage>(storage));
        held = storage;
    }
    return *model;
}

/// Bytes of the linear layers, the head among them.
template <class M>
double weight_bytes(const M& model) {
    double total = 0;
    detail::walk(model, [&]<class X>(const detail::Path&, const X& x) {
        if constexpr (std::is_same_v<X, Linear<float>>)
            total += x.stored != nullptr ? static_cast<double>(x.stored->bytes())
                                         : static_cast<double>(x.weight.numel()) * sizeof(float);
    });
    return total;
}

template <class M, class Config>
void decode(benchmark::State& state, const Config& config, int storage) {
    const support::Threads threads(state.range(0));
    const no_grad scope;
    const M& model = model_of<M>(config, storage);
    auto read = model.make_cache();
    static_cast<void>(model(zeros<int64_t>({1, prompt}), {.cache = &read, .last_only = true}));
    const Tensor<int64_t> token = zeros<int64_t>({1, 1});
    for (auto _ : state) {
        auto cache = read.fork();
        for (int64_t i = 0; i < steps; ++i) benchmark::DoNotOptimize(model(token, {.cache = &cache}).data());
    }
    const auto rate = [&](double each) {
        return benchmark::Counter(each * static_cast<double>(steps * state.iterations()),
                                  benchmark::Counter::kIsRate);
    };
    state.counters["tokens/s"] = rate(1);
    state.counters["GB/s"] = rate(weight_bytes(model) / 1e9);
}
template <class M, class Config>
void prefill(benchmark::State& state, const Config& config) {
    const support::Threads threads(state.range(0));
    const no_grad scope;
    const M& model = model_of<M>(config, -1);
    const Tensor<int64_t> ids = zeros<int64_t>({1, 512});
    for (auto _ : state) {
        auto cache = model.make_cache();
        benchmark::DoNotOptimize(model(ids, {.cache = &cache, .last_only = true}).data());
    }
    state.counters["tokens/s"] =
        benchmark::Counter(static_cast<double>(512 * state.iterations()), benchmark::Counter::kIsRate);
}

const bool registered = [] {
    const std::pair<const char*, int> storages[] = {
        {"float32", -1}, {"bfloat16", 0}, {"int8", 1}, {"int4", 2}};
    const auto add = [](const std::string& name, auto&&... how) {
        benchmark::RegisterBenchmark(name.c_str(), how...)
            ->Apply(support::one_and_two)
            ->Unit(benchmark::kMillisecond);
    };
    for (const auto& [name, storage] : storages)
        add(std::string("decode/gpt2_124M/") + name, decode<GPT<float>, GPTConfig>, gpt2, storage);
    add("prefill/gpt2_124M/512", prefill<GPT<float>, GPTConfig>, gpt2);
    for (const auto& [name, storage] : storages)
        add(std::string("decode/llama_1B/") + name, decode<Llama<float>, LlamaConfig>, llama, storage);
    add("prefill/llama_1B/512", prefill<Llama<float>, LlamaConfig>, llama);
    return true;
}();

}
