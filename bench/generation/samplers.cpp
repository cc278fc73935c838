// What a token costs beside the model: a row of logits through samplers to a draw, on one thread. Flat logits (normal,
// std 1) keep most of the vocabulary in the nucleus; steep ones (std 4) are as sure as a trained model.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <tapegrad/generation/adaptive.hpp>
#include <tapegrad/generation/draw.hpp>
#include <tapegrad/generation/sampler_list.hpp>

namespace {

using namespace tapegrad;

std::vector<float> logits(int64_t n, float std) {
    std::vector<float> x(static_cast<std::size_t>(n));
    Generator generator(3);
    fill_normal(x.data(), n, generator, 0.0f, std);
    return x;
}
/// 512 tokens that came before.
const std::vector<int64_t>& history() {
    static const std::vector<int64_t> tokens = [] {
        std::vector<int64_t> out(512);
        Generator generator(4);
        fill_randint(out.data(), std::ssize(out), generator, int64_t{0}, int64_t{2000});
        return out;
    }();
    return tokens;
}

template <class S>
void run(benchmark::State& state, const std::vector<float>& x, S sampler, bool with_model_statistics) {
    Generator generator(1);
    const SamplerContext before{history(), 0};
    const int threads = num_threads();
    set_num_threads(1);
    for (auto _ : state) {
        Candidates<float> candidates{std::span<const float>(x)};
        if (with_model_statistics) benchmark::DoNotOptimize(candidates.entropy());
        sampler(candidates, before);
        benchmark::DoNotOptimize(draw(candidates, generator).token);
    }
    set_num_threads(threads);
    state.SetItemsProcessed(state.iterations());
}

template <class S>
void add(const std::string& name, const S& sampler, bool with_model_statistics = false) {
    for (const int64_t n : {32'000, 128'256})
        for (const auto& [kind, std] : {std::pair("flat", 1.0f), std::pair("steep", 4.0f)})
            benchmark::RegisterBenchmark(
                ("samplers/" + name + '/' + kind + '_' + std::to_string(n)).c_str(),
                [=](benchmark::State& state) { run(state, logits(n, std), sampler, with_model_statistics); })
                ->Unit(benchmark::kMicrosecond);
}

/// A nucleus as most write it: all tokens sorted.
struct SortedTopP {
    void operator()(Candidates<float>& candidates, const SamplerContext&) const {
        const auto x = candidates.logits();
        std::vector<std::pair<float, int64_t>> order(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) order[i] = {x[i], static_cast<int64_t>(i)};
        std::sort(order.begin(), order.end(), std::greater<>());
        const double mass = 0.95 * candidates.sums().total;
        double sum = 0;
        std::size_t i = 0;
        while (i < x.size() && sum < mass)
            sum += std::exp(static_cast<double>(order[i++].first - candidates.top()));
        candidates.keep_at_least(order[i - 1].first);
    }
};

const bool registered = [] {
    const Chain common{TopK(40), TopP(0.95), Temperature(0.8)};
    add("none", Chain<>{});
    add("greedy", Greedy{});
    add("temperature", Temperature(0.8));
    add("top_k_40", TopK(40));
    add("top_p_0.95", TopP(0.95));
    add("top_p_0.95_sorted", SortedTopP{});
    add("min_p_0.05", MinP(0.05));
    add("typical_0.95", Typical(0.95));
    add("mirostat", Mirostat());
    add("repetition_penalty", RepetitionPenalty(1.1));
    add("common", common);
    add("common_with_log_probs", common, true);
    add("common_temperature_first", Chain{Temperature(0.8), TopK(40), TopP(0.95)});
    add("common_with_penalties", Chain{RepetitionPenalty(1.1), NoRepeatNgram(3), common});
    add("common_of_options", make_samplers<float>({.top_k = 40, .temperature = 0.8, .top_p = 0.95}));
    return true;
}();

}
