// Fits y = 3 x - 1 by gradient descent: the least that shows a consumer's build to work.
#include <cmath>
#include <cstdio>
#include <tapegrad/tapegrad.hpp>

int main() {
    using namespace tapegrad;
    const auto x = linspace<float>(-1, 1, 33);
    const auto y = 3.0f * x - 1.0f;
    Tensor<float> slope(0.0f), offset(0.0f);
    for (int step = 0; step < 200; ++step) {
        slope = slope.detach().requires_grad_();
        offset = offset.detach().requires_grad_();
        mean(square(slope * x + offset - y)).backward();
        slope = slope - 0.3f * slope.grad();
        offset = offset - 0.3f * offset.grad();
    }
    const bool found = std::fabs(slope.item() - 3) < 1e-4f && std::fabs(offset.item() + 1) < 1e-4f;
    std::printf("tapegrad %s, %s: y = %.4f x + %.4f, %s\n", version(), TAPEGRAD_ISA_NAME,
                static_cast<double>(slope.item()), static_cast<double>(offset.item()),
                found ? "found" : "not found");
    return found ? 0 : 1;
}
