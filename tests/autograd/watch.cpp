#include <tapegrad/autograd/watch.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

using namespace tapegrad;

namespace {
struct Log final : detail::Watcher {
    std::string text;
    detail::FlagScope on{detail::watched, true};
    detail::Watcher* before = std::exchange(detail::watcher, this);
    ~Log() { detail::watcher = before; }
    void done(const char* name, const TensorBase& y, std::span<const detail::Input>) override {
        text += std::string(name) + y.shape().to_string() + " ";
    }
    void backward_begins(const char* name, const TensorBase&) override {
        text += std::string("<") + name + " ";
    }
    void backward_ends() override { text += "> "; }
};
}

TEST_CASE("watch: every operation and every backward, while somebody looks") {
    Tensor<float> x{1, 2, 3};
    x.requires_grad_();
    {
        Log log;
        {
            const no_grad off;
            static_cast<void>(exp(x));
        }
        sum(exp(x)).backward();
        CHECK(log.text == "exp(3,) exp(3,) sum() <sum reshape(1,) expand(3,) > <exp > ");
    }
    CHECK(!detail::watched);
    CHECK(detail::watcher == nullptr);
    sum(exp(x)).backward();
}

TEST_CASE("watch: a backward that throws ends too") {
    Log log;
    Tensor<float> x{1};
    x.requires_grad_();
    const auto y = record("fails", exp(x), {x},
                          [](const Tensor<float>&) -> Tensor<float> { throw ValueError("test: no"); });
    CHECK_THROWS_AS(sum(y).backward(), ValueError);
    CHECK(log.text.ends_with("<fails > "));
}
