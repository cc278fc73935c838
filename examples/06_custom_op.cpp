// An operation of one's own: a forward, and a backward in a lambda under it.
//
//   ./06_custom_op         last line: "checked to the second order"
#include <cmath>
#include <cstdio>
#include <tapegrad/autograd/gradcheck.hpp>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

// log(1 + |x|) with its sign kept, computed by a loop of our own. What the lambda captures is what is saved;
// it is written in operations, so it has gradients itself.
template <class T>
Tensor<T> signed_log(const Tensor<T>& x) {
    const auto values = to_vector(x);
    std::vector<T> result;
    for (const T v : values) result.push_back(std::copysign(std::log1p(std::fabs(v)), v));
    return record("signed_log", from_vector(result, x.shape()), {x},
                  [x](const Tensor<T>& dy) { return dy / (1 + abs(x)); });
}

// The identity forward; backward the gradient is cut to [-limit, limit]: an estimator that no derivative
// gives.
template <class T>
Tensor<T> clip_gradient(const Tensor<T>& x, double limit) {
    return record("clip_gradient", x.detach(), {x},
                  [limit](const Tensor<T>& dy) { return clamp(dy, -limit, limit); });
}

int main() {
    Tensor<double> x{-2, -0.5, 0.25, 4};
    x.requires_grad_();
    const Tensor<double> y = signed_log(x);
    std::printf("y        %s\n", to_string(y).c_str());

    backward(sum(clip_gradient(y, 0.5) * Tensor<double>{0.1, 1, 2, 0.3}));
    std::printf("gradient %s\n", to_string(x.grad()).c_str());

    // Recorded gradients against differences of the forward, in double; an error names the element that
    // differs.
    gradcheck([](const auto& v) { return signed_log(v[0]); }, {x.detach()}, {.order = 2});
    std::printf("checked to the second order\n");
}
