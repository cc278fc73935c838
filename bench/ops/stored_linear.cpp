// Few rows through the weights of linear layers, as decoding does: named shapes in x out, each storage, 1 to 8
// rows; 0 rows is a plain read of the same memory. The weights are copies behind each other, more than a cache
// holds.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <tapegrad/autograd/grad_mode.hpp>
#include <tapegrad/ops/convert.hpp>
#include <tapegrad/ops/stored_linear.hpp>
#include <tapegrad/tensor/random.hpp>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;
using simd::Batch;

constexpr int64_t memory = int64_t{3} << 29;  // bytes

struct Layer {
    const char* name;
    int64_t in, out;
};
constexpr Layer layers[] = {
    {"gpt2_attn_768x768", 768, 768},        {"gpt2_qkv_768x2304", 768, 2304},
    {"gpt2_up_768x3072", 768, 3072},        {"gpt2_down_3072x768", 3072, 768},
    {"gpt2_head_768x50257", 768, 50257},    {"llama1b_q_2048x2048", 2048, 2048},
    {"llama1b_kv_2048x512", 2048, 512},     {"llama1b_up_2048x8192", 2048, 8192},
    {"llama1b_down_8192x2048", 8192, 2048}, {"llama1b_head_2048x32000", 2048, 32000},
};

void count_bytes(benchmark::State& state, int64_t bytes) {
    state.counters["GB/s"] =
        benchmark::Counter(static_cast<double>(bytes) * static_cast<double>(state.iterations()) / 1e9,
                           benchmark::Counter::kIsRate);
}

/// The sum of what lies there, as floats, with as many loads under way as there are registers.
float read_all(const void* from, int64_t bytes) {
    const auto* const x = static_cast<const float*>(from);
    return parallel_reduce(
        bytes / 4, int64_t{1} << 15, 0.0F,
        [x](int64_t begin, int64_t end) {
            constexpr int64_t w = simd::width<float>;
            Batch<float> sum[8] = {0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
            for (; begin + 8 * w <= end; begin += 8 * w)
                for (int64_t i = 0; i < 8; ++i) sum[i] += Batch<float>::load(x + begin + i * w);
            float total = 0;
            for (const auto& s : sum) total += simd::reduce_add(s);
            return total;
        },
        [](float a, float b) { return a + b; });
}

template <class T>
Tensor<T> copy_of(const Tensor<T>& x) {
    return detail::copy(x);
}
Quantized<> copy_of(const Quantized<>& w) { return {copy_of(w.values), copy_of(w.scales), w.group}; }
Quantized4<> copy_of(const Quantized4<>& w) { return {copy_of(w.values), copy_of(w.scales), w.in}; }

template <class T>
int64_t bytes_of(const Tensor<T>& w) {
    return w.numel() * static_cast<int64_t>(sizeof(T));
}
template <class W>
int64_t bytes_of(const W& w) {
    return bytes_of(w.values) + bytes_of(w.scales);
}
template <class T>
float read_all(const Tensor<T>& w) {
    return read_all(w.data(), bytes_of(w));
}
template <class W>
float read_all(const W& w) {
    return read_all(w.values) + read_all(w.scales);
}

/// Copies of a layer's weights, and whose they are; the next layer's take their place.
std::shared_ptr<const void> held;
std::string held_name;

template <class W, class Make>
const std::vector<W>& weights_of(const std::string& name, const Layer& of, const Make& make) {
    if (held_name != name) {
        held.reset();
        pool::trim();
        Generator generator(1);
        const auto copies =
            std::make_shared<std::vector<W>>(1, make(randn<float>({of.out, of.in}, generator)));
        for (int64_t room = memory; room > 0; room -= bytes_of(copies->front()))
            copies->push_back(copy_of(copies->front()));
        held = copies;
        held_name = name;
    }
    return *static_cast<const std::vector<W>*>(held.get());
}

template <class Make>
void add(const std::string& storage, const Make& make) {
    using W = decltype(make(Tensor<float>()));
    for (const Layer& of : layers)
        for (const int64_t rows : {0, 1, 2, 4, 8}) {
            const std::string key = storage + "/" + of.name;
            const auto run = [&of, key, rows = rows, make](benchmark::State& state) {
                const support::Threads threads(state.range(0));
                const no_grad quiet;
                const std::vector<W>& weights = weights_of<W>(key, of, make);
                Generator generator(2);
                const Tensor<float> x = randn<float>({rows, of.in}, generator);
                std::size_t at = 0;
                for (auto _ : state) {
                    if (rows == 0)
                        benchmark::DoNotOptimize(read_all(weights[at]));
                    else
                        benchmark::DoNotOptimize(linear(x, weights[at]));
                    at = at + 1 == weights.size() ? 0 : at + 1;
                }
                count_bytes(state, bytes_of(weights[0]));
            };
            const std::string name = "stored_linear/" + key + "/rows:" + std::to_string(rows);
            benchmark::RegisterBenchmark(name.c_str(), run)->Apply(support::one_and_two);
        }
}

const bool registered = [] {
    add("float32", [](const Tensor<float>& w) { return w; });
    add("bfloat16", [](const Tensor<float>& w) { return to<bfloat16>(w); });
    add("int8", [](const Tensor<float>& w) { return quantize(w); });
    add("int4", [](const Tensor<float>& w) { return quantize4(w); });
    return true;
}();

}
