// `map`: write a lambda, get one fused SIMD kernel with gradients of any order.
//
//   ./03_map               last line: "fused and composed agree: yes"
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

// The gated unit of LLaMA. Nothing here speaks of SIMD, of threads or of derivatives.
Tensor<float> swiglu(const Tensor<float>& x, const Tensor<float>& gate) {
    return map(
        "swiglu", [](auto v, auto g) { return v * sigmoid(v) * g; }, x, gate);
}

int main() {
    Generator generator(1);
    Tensor<float> x = randn<float>({4, 1000}, generator), gate = randn<float>({4, 1000}, generator);
    x.requires_grad_();
    gate.requires_grad_();

    // One pass over memory forward, one backward; nothing is saved but x and gate.
    const Tensor<float> y = swiglu(x, gate);
    backward(sum(y));
    std::printf("y    %s\n", describe(y).c_str());
    std::printf("dx   %s\n", describe(x.grad()).c_str());
    std::printf("dg   %s\n", describe(gate.grad()).c_str());

    // Scalars and broadcasting work in any place; `where` takes a comparison.
    const Tensor<float> bias{{0.1F}, {0.2F}, {0.3F}, {0.4F}};
    const Tensor<float> z = map(
        "leaky",
        [](auto v, auto b, auto slope) {
            const auto s = v + b;
            return where(s > 0, s, slope * s);
        },
        x, bias, 0.01);
    std::printf("z    %s\n", describe(z).c_str());

    // Fused with the sum of everything, for losses.
    const Tensor<float> loss = map_mean(
        "huber",
        [](auto a, auto b) {
            const auto d = abs(a - b);
            return where(d < 1, 0.5 * d * d, d - 0.5);
        },
        x, gate);
    std::printf("loss %.5f\n", static_cast<double>(loss.item()));

    // The same in single operations: equal to a few rounding errors, in many passes.
    const Tensor<float> composed = x * sigmoid(x) * gate;
    const Tensor<float> worst = amax(abs(y - composed));
    std::printf("fused and composed agree: %s\n", worst.item() < 1e-5F ? "yes" : "no");
}
