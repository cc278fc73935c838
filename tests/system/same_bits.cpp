// The same bits for 1, 2, 3 and 4 threads: every operation, forward and backward, and training.
#include <tapegrad/tapegrad.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "../support/gpt_training.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

template <class T>
using Inputs = std::vector<Tensor<T>>;

/// The value of f and its gradients.
template <class T, class F>
Inputs<T> value_and_gradients(const F& f, const Inputs<T>& inputs) {
    Inputs<T> leaves, all;
    for (const Tensor<T>& x : inputs) leaves.push_back(x.detach().requires_grad_());
    const Tensor<T> y = f(leaves);
    all.push_back(y.detach());
    backward(y, support::normal<T>(y.shape(), 99));
    for (const Tensor<T>& x : leaves)
        if (x.grad().defined()) all.push_back(x.grad());
    return all;
}

template <class T>
void check_same(const char* name, const std::function<Tensor<T>(const Inputs<T>&)>& f,
                const std::vector<Shape>& shapes) {
    CAPTURE(name);
    Inputs<T> inputs;
    for (std::size_t i = 0; i < shapes.size(); ++i) inputs.push_back(support::normal<T>(shapes[i], i + 1));
    Inputs<T> first;
    for (int threads = 1; threads <= 4; ++threads) {
        CAPTURE(threads);
        const support::Threads scope(threads);
        const Inputs<T> got = value_and_gradients(f, inputs);
        if (threads == 1) first = got;
        REQUIRE(got.size() == first.size());
        REQUIRE(got.size() == shapes.size() + 1);
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(support::same_bits(got[i], first[i]));
    }
}

}

// Sizes are such that every kernel cuts its work into several chunks, and the last one is not whole.
TEST_CASE_TEMPLATE("same bits for any number of threads: operations", T, float, double) {
    using In = Inputs<T>;
    const Shape flat{300, 701}, heads{2, 3, 130, 32};
    const Shape one{701};
    check_same<T>("add", [](const In& x) { return x[0] + x[1]; }, {flat, one});
    check_same<T>("mul", [](const In& x) { return x[0] * x[1]; }, {flat, {300, 1}});
    check_same<T>("div", [](const In& x) { return x[0] / (square(x[1]) + 1); }, {flat, flat});
    check_same<T>("exp", [](const In& x) { return exp(x[0]); }, {flat});
    check_same<T>("gelu", [](const In& x) { return gelu(x[0]); }, {flat});
    check_same<T>("swiglu",
                  [](const In& x) {
                      return map(
                          "swiglu", [](auto a, auto g) { return a * sigmoid(a) * g; }, x[0], x[1]);
                  },
                  {flat, flat});
    check_same<T>("map_sum",
                  [](const In& x) {
                      return map_sum(
                          "square_error", [](auto a, auto b) { return (a - b) * (a - b); }, x[0], x[1]);
                  },
                  {flat, flat});
    check_same<T>("where", [](const In& x) { return where(x[0] > x[1], x[0], x[1]); }, {flat, one});
    check_same<T>("transpose", [](const In& x) { return contiguous(transpose(x[0])); }, {flat});
    check_same<T>("permute", [](const In& x) { return contiguous(permute(x[0], {0, 2, 1, 3})); }, {heads});
    check_same<T>("slice", [](const In& x) { return slice(x[0], 1, 3, 690, 2) * 2; }, {flat});
    check_same<T>("cat", [](const In& x) { return cat({x[0], x[1]}, 0); }, {flat, flat});
    check_same<T>("stack", [](const In& x) { return stack({x[0], x[1]}, 1); }, {flat, flat});
    check_same<T>("expand", [](const In& x) { return expand(x[0], {300, 701}) * 1.5; }, {one});
    check_same<T>("tril", [](const In& x) { return tril(x[0]); }, {flat});
    check_same<T>("sum", [](const In& x) { return sum(x[0]); }, {flat});
    check_same<T>("sum 0", [](const In& x) { return sum(x[0], 0); }, {flat});
    check_same<T>("mean 1", [](const In& x) { return mean(x[0], 1); }, {flat});
    check_same<T>("amax 0", [](const In& x) { return amax(x[0], 0); }, {flat});
    check_same<T>("amin", [](const In& x) { return amin(x[0]); }, {flat});
    check_same<T>("logsumexp", [](const In& x) { return logsumexp(x[0], 1); }, {flat});
    check_same<T>("softmax", [](const In& x) { return softmax(x[0], -1); }, {flat});
    check_same<T>("softmax 0", [](const In& x) { return softmax(x[0], 0); }, {flat});
    check_same<T>("log_softmax", [](const In& x) { return log_softmax(x[0], -1); }, {flat});
    check_same<T>("layer_norm", [](const In& x) { return layer_norm(x[0], x[1], x[2]); }, {flat, one, one});
    check_same<T>("matmul", [](const In& x) { return matmul(x[0], x[1]); }, {flat, {701, 129}});
    check_same<T>("matmul, vector", [](const In& x) { return matmul(x[0], x[1]); }, {flat, one});
    check_same<T>("matmul, batches", [](const In& x) { return matmul(x[0], transpose(x[1])); },
                  {heads, heads});
    check_same<T>("linear", [](const In& x) { return linear(x[0], x[1], x[2]); }, {flat, {515, 701}, {515}});
    check_same<T>(
        "attention",
        [](const In& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {.causal = true}); },
        {heads, heads, heads});
    check_same<T>("dropout",
                  [](const In& x) {
                      Generator generator(5);
                      return dropout(x[0], 0.3, generator);
                  },
                  {flat});
    Generator generator(3);
    const auto ids = randint(0, 300, {4000}, generator);
    check_same<T>("embedding", [&](const In& x) { return embedding(x[0], ids); }, {flat});
    const auto places = randint(0, 701, {300, 400}, generator);
    check_same<T>("gather", [&](const In& x) { return gather(x[0], 1, places); }, {flat});
    const auto labels = randint(0, 701, {300}, generator);
    check_same<T>("cross_entropy",
                  [&](const In& x) { return cross_entropy(x[0], labels, {.label_smoothing = 0.1}); }, {flat});
    check_same<T>("mse_loss", [](const In& x) { return mse_loss(x[0], x[1]); }, {flat, flat});
}

TEST_CASE("same bits for any number of threads: random numbers and argmax") {
    std::vector<Tensor<float>> values;
    std::vector<Tensor<int64_t>> places;
    for (int threads = 1; threads <= 4; ++threads) {
        const support::Threads scope(threads);
        Generator generator(7);
        values.push_back(randn<float>({1000, 333}, generator));
        places.push_back(argmax(values.back(), 1));
        places.push_back(randperm(100000, generator));
        CHECK(support::same_bits(values.back(), values.front()));
        CHECK(support::same_bits(places[places.size() - 2], places[0]));
        CHECK(support::same_bits(places.back(), places[1]));
    }
}

TEST_SUITE("slow") {
    TEST_CASE("same bits for any number of threads: 200 steps of a GPT") {
        std::vector<std::vector<Tensor<float>>> ends;
        for (int threads = 1; threads <= 4; ++threads) {
            CAPTURE(threads);
            const support::Threads scope(threads);
            support::GptTraining training;
            for (int step = 0; step < 200; ++step) training.step();
            const std::vector<Tensor<float>>& all = training.weights;
            ends.push_back(all);
            for (std::size_t i = 0; i < all.size(); ++i)
                CHECK(support::same_bits(all[i].detach(), ends.front()[i].detach()));
        }
    }
}
