#include <tapegrad/ops/recurrent.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

template <class Cell>
void check(bool bias, bool reverse) {
    constexpr bool two = Cell::states == 2;
    const int64_t n = 2, width = Cell::gates * n;
    std::vector<Tensor<double>> inputs{
        support::normal<double>({3, 2, width}), support::normal<double>({width, n}, 2),
        support::normal<double>({2, n}, 3), support::normal<double>({2, n}, 4)};
    if (bias) inputs.push_back(support::normal<double>({width}, 5));
    const detail::RecurrenceSizes sizes{3, 2, n, reverse};
    const auto f = [=](const auto& v) {
        return detail::recurrence<Cell>("recurrence", v[0], v[1], bias ? v[4] : Tensor<double>(), v[2],
                                        two ? v[3] : Tensor<double>(), reverse);
    };
    CHECK(support::close(
        f(inputs),
        detail::composed_recurrence<Cell>(inputs[0], inputs[1], bias ? inputs[4] : Tensor<double>(),
                                          inputs[2], two ? inputs[3] : Tensor<double>(), sizes),
        1e-13));
    CHECK_GRAD(f, inputs, reverse ? 1 : 2);
}

}

TEST_CASE("recurrent: the kernel is its definition, with its gradients") {
    for (const bool reverse : {false, true}) {
        check<detail::Lstm>(false, reverse);
        check<detail::Gru>(true, reverse);
        check<detail::Rnn<false>>(false, reverse);
    }
    check<detail::Rnn<true>>(false, false);
}

TEST_CASE("recurrent: the bits do not depend on the number of threads") {
    const Tensor<double> gx = support::normal<double>({4, 70, 4 * 33}),
                         w = support::normal<double>({4 * 33, 33}, 2), zero = zeros<double>({70, 33});
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        const Tensor<double> x = detail::copy(gx).requires_grad_(), v = detail::copy(w).requires_grad_();
        const Tensor<double> y = detail::recurrence<detail::Lstm>("lstm", x, v, {}, zero, zero, false);
        const auto d = grad(y, {x, v}, {}, ones<double>(y.shape()));
        return std::array{y.detach(), d[0], d[1]};
    };
    const auto one = run(1), four = run(4);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(support::same_bits(one[i], four[i]));
}
