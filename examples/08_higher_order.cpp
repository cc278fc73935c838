// Gradients of gradients: derivatives of any order, a Newton step, a gradient penalty.
//
//   ./08_higher_order      last line: "penalty falls from ... to ..."
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

int main() {
    // The derivatives of sin(x) exp(x) at 0, each the recorded gradient of the one before: 0 1 2 2 0 -4 -8.
    Tensor<double> x(0.0);
    x.requires_grad_();
    Tensor<double> f = sin(x) * exp(x);
    std::printf("derivatives at 0:");
    for (int order = 0; order <= 6; ++order) {
        std::printf(" %.0f", f.item() + 0.0);
        f = grad(f, {x}, {.create_graph = true})[0];
    }
    std::printf("\n");

    // Newton's method on a function of one number: the minimum of cosh(x - 1) is at 1.
    Tensor<double> at(3.0);
    for (int step = 0; step < 6; ++step) {
        at.requires_grad_();
        const Tensor<double> slope = grad(cosh(at - 1), {at}, {.create_graph = true})[0];
        const Tensor<double> curvature = grad(slope, {at})[0];
        at = Tensor<double>(at.item() - slope.item() / curvature.item());
    }
    std::printf("minimum of cosh(x - 1): %.6f\n", at.item());

    // A gradient penalty, as WGAN-GP has: the loss contains the norm of a gradient, and is differentiated
    // again.
    Generator generator(7);
    Tensor<double> w = randn<double>({8, 4}, generator);
    w.requires_grad_();
    double first = 0, last = 0;
    for (int step = 0; step < 50; ++step) {
        Tensor<double> input = randn<double>({16, 4}, generator);
        input.requires_grad_();
        const Tensor<double> score = sum(tanh(linear(input, w)));
        const Tensor<double> slope = grad(score, {input}, {.create_graph = true})[0];  // (16, 4)
        const Tensor<double> norm = sqrt(sum(square(slope), 1) + 1e-12);               // (16,)
        const Tensor<double> penalty = mean(square(norm - 1));
        penalty.backward();
        {
            const no_grad off;
            w = (w - w.grad() * 0.05).requires_grad_();
        }
        if (step == 0) first = penalty.item();
        last = penalty.item();
    }
    std::printf("penalty falls from %.4f to %.4f\n", first, last);
}
