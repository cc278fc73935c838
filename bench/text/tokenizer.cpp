// Byte-level BPE: encoding, decoding and training, on a text that is made here: words of random letters, the
// frequent ones often.
#include <benchmark/benchmark.h>

#include <string>
#include <tapegrad/text/train_bpe.hpp>

namespace {

using namespace tapegrad;

/// A megabyte of 5000 words, word i about 1 / i as often as the first.
const std::string& prose() {
    static const std::string text = [] {
        std::uint32_t state = 1;
        const auto random = [&](std::uint32_t n) {
            state = state * 1664525U + 1013904223U;
            return (state >> 8) % n;
        };
        std::vector<std::string> words(5000);
        for (std::string& word : words)
            for (std::uint32_t n = 1 + random(9); n > 0; --n)
                word += static_cast<char>('a' + random(26) * random(26) / 26);
        std::string out;
        while (out.size() < 1'000'000) {
            out += words[random(1 + random(1 + random(5000)))];
            out += random(12) == 0 ? ".\n" : " ";
        }
        return out;
    }();
    return text;
}
const Tokenizer& tokenizer() {
    static const Tokenizer t = [] {
        BpeTrainer trainer({.vocab_size = 4096});
        trainer.add(prose());
        return trainer.train();
    }();
    return t;
}

template <class Pass>
void run(benchmark::State& state, std::size_t bytes, Pass pass) {
    for (auto _ : state) benchmark::DoNotOptimize(pass());
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
}

void encode_prose(benchmark::State& state) {
    run(state, prose().size(), [] { return tokenizer().encode(prose()); });
}
/// One piece of ten million equal letters: the queue of merges, no cache.
void encode_one_letter(benchmark::State& state) {
    const std::string text(10'000'000, 'a');
    run(state, text.size(), [&] { return tokenizer().encode(text); });
}
void decode_prose(benchmark::State& state) {
    const auto ids = tokenizer().encode(prose());
    run(state, prose().size(), [&] { return tokenizer().decode(ids); });
}
void train_4096(benchmark::State& state) {
    run(state, prose().size(), [] {
        BpeTrainer trainer({.vocab_size = 4096});
        trainer.add(prose());
        return trainer.train().vocab_size();
    });
}

BENCHMARK(encode_prose)->Name("tokenizer/encode_prose")->Unit(benchmark::kMillisecond);
BENCHMARK(encode_one_letter)->Name("tokenizer/encode_one_letter")->Unit(benchmark::kMillisecond);
BENCHMARK(decode_prose)->Name("tokenizer/decode_prose")->Unit(benchmark::kMillisecond);
BENCHMARK(train_4096)->Name("tokenizer/train_4096")->Unit(benchmark::kMillisecond);

}
