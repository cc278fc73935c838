#include <tapegrad/optim/wrapper.hpp>

#include <doctest/doctest.h>

#include <tapegrad/optim/sgd.hpp>

using namespace tapegrad;

TEST_CASE("wrapper: hands on what is the inner optimizer's") {
    using Group = SGD<float>::Group;
    Tensor<float> a = ones<float>({2}), b = ones<float>({3});
    detail::Wrapper wrapper(SGD(std::vector<Group>{{{a}, {.lr = 0.1}}, {{b}, {.lr = 0.2}}}));
    CHECK(wrapper.groups().size() == 2);
    wrapper.scale_lr(0.5);
    CHECK(wrapper.options(1).lr == 0.1);
    wrapper.set_lr(3);
    CHECK(wrapper.inner().options(0).lr == 3);
    b.set_grad(ones<float>({3}));
    wrapper.zero_grad();
    CHECK(!b.grad().defined());
}
