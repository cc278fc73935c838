// Gradients: leaves, backward, grad, what is recorded and what is not.
//
//   ./02_autograd          last line: "after detach: no gradient"
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

int main() {
    // A leaf asks for a gradient; operations on it are recorded on the tape of this thread.
    Tensor<double> w{0.5, -1.0, 2.0};
    w.requires_grad_();
    const Tensor<double> x{1, 2, 3};
    const Tensor<double> loss = sum(square(w * x - 1));

    loss.backward();  // d loss / d w = 2 (w x - 1) x
    std::printf("loss %.4f, gradient %s\n", loss.item(), to_string(w.grad()).c_str());

    // Gradients accumulate until they are dropped.
    sum(w).backward();
    std::printf("plus ones:  %s\n", to_string(w.grad()).c_str());
    w.zero_grad();

    // `grad` returns gradients instead, also of a tensor in the middle.
    const Tensor<double> hidden = tanh(w * x);
    const Tensor<double> out = sum(hidden * hidden);
    const auto by = grad(out, {hidden, w});
    std::printf("d out / d hidden %s\n", to_string(by[0]).c_str());
    std::printf("d out / d w      %s\n", to_string(by[1]).c_str());

    // Two losses share a trunk: the first backward has to keep it.
    const Tensor<double> trunk = exp(w);
    backward(sum(trunk), {}, {.retain_graph = true});
    backward(sum(trunk * trunk));
    std::printf("two losses: %s\n", to_string(w.grad()).c_str());

    {
        const no_grad off;  // until the end of the block nothing is recorded
        std::printf("recorded inside no_grad: %s\n", (w * 2).requires_grad() ? "yes" : "no");
    }

    // A value that backward needs must not be written meanwhile; that is found out, not computed wrongly.
    try {
        Tensor<double> v{1, 2};
        v.requires_grad_();
        const Tensor<double> y = sum(exp(v) * v);
        v.set({0}, 5);
        y.backward();
    } catch (const AutogradError& e) {
        std::printf("%s\n", e.what());
    }

    std::printf("after detach: %s\n", exp(w).detach().requires_grad() ? "a gradient" : "no gradient");
}
