#include <tapegrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/movement.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/ops/slicing.hpp>
#include <tapegrad/optim/adamw.hpp>

#include "../io/temporary.hpp"
#include "reference.hpp"

using namespace tapegrad;

namespace reference {

namespace {
/// Parameters on their way, beside those that the golden script kept.
template <class T>
struct Way {
    const SafetensorsFile file{golden("optim.safetensors")};
    std::vector<std::string> names;
    std::vector<Tensor<T>> params;
    std::vector<Tensor<double>> wanted;
    double difference = 0, largest = 0;

    explicit Way(const std::string& name) {
        for (const std::string p : {"a", "b"}) {
            if (!file.contains(name + "." + p)) continue;  // Muon takes matrices only
            names.push_back(p);
            params.push_back(load("init." + p).requires_grad_());
            wanted.push_back(file.load<double>(name + "." + p));
        }
        REQUIRE(!params.empty());
    }
    Tensor<T> load(const std::string& key) const { return detail::cast<T>(file.load<double>(key)); }
    /// The k-th time that the script kept them.
    void compare(int64_t k) {
        for (std::size_t p = 0; p < params.size(); ++p) {
            const std::vector<T> found = to_vector(params[p]);
            const std::vector<double> stored = to_vector(select(wanted[p], 0, k));
            REQUIRE(found.size() == stored.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                difference = std::fmax(difference, std::fabs(static_cast<double>(found[i]) - stored[i]));
                largest = std::fmax(largest, std::fabs(stored[i]));
                if (std::isnan(static_cast<double>(found[i]))) difference = HUGE_VAL;
            }
        }
    }
};
}

template <class T>
double difference_to_golden(const std::string& name, const Maker<T>& make) {
    Way<T> way(name);
    std::vector<Tensor<T>> gradients;
    for (const std::string& p : way.names) gradients.push_back(way.load("grad." + p));
    const std::vector<double> lr = to_vector(way.file.template load<double>("lr"));
    const Any optimizer = make(way.params);
    for (int64_t step = 0; step < 100; ++step) {
        if (name.ends_with("_schedule")) optimizer.set_lr(lr[static_cast<std::size_t>(step)]);
        for (std::size_t k = 0; k < gradients.size(); ++k)
            way.params[k].set_grad(detail::copy(select(gradients[k], 0, step)));
        optimizer.step();
        if (step % 10 == 9) way.compare(step / 10);
    }
    return way.difference / way.largest;
}
template double difference_to_golden(const std::string&, const Maker<float>&);
template double difference_to_golden(const std::string&, const Maker<double>&);

Tensor<double> objective(const std::vector<Tensor<double>>& params) {
    const auto& [a, b] = std::tie(params[0], params[1]);
    const auto scale = reshape(arange<double>(1, 16), {5, 3});
    const auto from = slice(b, 0, 0, 6), to = slice(b, 0, 1, 7);
    const auto off = to - from * from, short_of = 1.0 - from;
    return 0.5 * sum(scale * a * a) + sum(100.0 * off * off + short_of * short_of);
}
double difference_on_objective(const std::string& name, int steps, const MakeStep& make) {
    Way<double> way(name);
    const auto step = make(way.params);
    for (int i = 0; i < steps; ++i) {
        step([&] {
            for (Tensor<double>& p : way.params) p.zero_grad();
            Tensor<double> loss = objective(way.params);
            loss.backward();
            return loss;
        });
        if ((i + 1) % (steps / 10) == 0) way.compare(i / (steps / 10));
    }
    return way.difference / way.largest;
}

namespace {
void run(const Any& optimizer, std::vector<Tensor<float>>& params, int from, int to) {
    for (int step = from; step < to; ++step) {
        for (Tensor<float>& p : params) {
            const auto gradient = p.detach() * 0.3F + static_cast<float>(step % 3) - 0.7F;
            p.set_grad(transpose(contiguous(transpose(gradient))));  // of any strides
        }
        optimizer.step();
    }
}
bool same(const StateDict& a, const StateDict& b) {
    bool equal = a.size() == b.size();
    for (const NamedTensor& entry : a)
        equal = equal && visit(entry.tensor, [&]<class U>(const Tensor<U>& x) {
                    return to_vector(x) == to_vector(b.get<U>(entry.name));
                });
    return equal;
}
}

void resumes(const Maker<float>& make) {
    const auto fresh = [] {
        return std::vector{reshape(linspace<float>(-1, 1, 12), {4, 3}).requires_grad_(),
                           zeros<float>({0, 3})};
    };
    std::vector a = fresh(), b = fresh();
    const Any whole = make(a), first = make(b), same_first = make(fresh());
    run(whole, a, 0, 6);
    run(first, b, 0, 3);
    const StateDict state = first.save();
    same_first.load(state);
    const Any second = make(b);
    second.load(state);
    run(second, b, 3, 6);
    CHECK(to_vector(a[0]) == to_vector(b[0]));
    CHECK(to_vector(a[0]) != to_vector(fresh()[0]));
    CHECK(same(second.save(), whole.save()));
    CHECK(same(same_first.save(), state));  // the state was copied
}

}

TEST_CASE("optimizer: each group has its options, set_lr sets all") {
    Tensor<float> a = ones<float>({2}).requires_grad_(), b = ones<float>({2}).requires_grad_();
    using Group = AdamW<float>::Group;
    AdamW optimizer(
        std::vector<Group>{{{a}, {.lr = 0.1, .weight_decay = 0}}, {{b}, {.lr = 0.2, .weight_decay = 0}}});
    a.set_grad(ones<float>({2}));
    b.set_grad(ones<float>({2}));
    optimizer.step();
    // The first step of Adam is lr.
    CHECK(a(0) == doctest::Approx(0.9));
    CHECK(b(0) == doctest::Approx(0.8));
    optimizer.set_lr(0);
    optimizer.step();
    CHECK(a(0) == doctest::Approx(0.9));
    optimizer.options(1).lr = 0.1;
    CHECK(optimizer.groups()[1].options.lr == 0.1);
    const StateDict state = optimizer.state_dict();
    optimizer.set_lr(7);
    optimizer.load_state_dict(state);
    CHECK(optimizer.groups()[0].options.lr == 0);
    CHECK(optimizer.groups()[1].options.lr == 0.1);
}

TEST_CASE("optimizer: scale_lr keeps the proportions of the groups") {
    using Group = AdamW<float>::Group;
    AdamW optimizer(std::vector<Group>{{{ones<float>({2})}, {.lr = 0.1}}, {{ones<float>({2})}, {.lr = 0.2}}});
    optimizer.scale_lr(0.5);
    optimizer.scale_lr(0.25);
    CHECK(optimizer.options(0).lr == 0.025);
    CHECK(optimizer.options(1).lr == 0.05);
}

TEST_CASE("optimizer: a closure is called once, before the step, and what it returns is returned") {
    Tensor<float> a = ones<float>({2}).requires_grad_();
    AdamW optimizer(std::vector{a}, {.lr = 0.1, .weight_decay = 0});
    const float loss = optimizer.step([&] {
        a.set_grad(ones<float>({2}));
        return a(0);
    });
    CHECK(loss == 1);
    CHECK(a(0) == doctest::Approx(0.9));
}

TEST_CASE("optimizer: gradients that are not finite spread, are skipped or are an error") {
    Tensor<float> a = ones<float>({2}).requires_grad_(), b = ones<float>({3, 2}).requires_grad_();
    AdamW optimizer(std::vector{a, b});
    Tensor<float> bad = ones<float>({3, 2});
    bad.set({2, 1}, std::numeric_limits<float>::infinity());
    a.set_grad(ones<float>({2}));
    b.set_grad(bad);
    optimizer.set_nonfinite(NonFinite::fail);
    CHECK_THROWS_WITH_AS(optimizer.step(),
                         "AdamW: the gradient of parameter 1 (3, 2) holds a NaN or an infinity", ValueError);
    optimizer.set_nonfinite(NonFinite::skip);
    optimizer.step();
    CHECK(optimizer.skipped_steps() == 1);
    CHECK(a(0) == 1);
    CHECK(optimizer.state_dict().size() == 1);  // the learning rate
    b.set_grad(ones<float>({3, 2}));
    optimizer.step();
    CHECK(optimizer.skipped_steps() == 1);
    CHECK(a(0) < 1);
    b.set_grad(bad);
    optimizer.set_nonfinite(NonFinite::propagate);
    optimizer.step();
    CHECK(std::isnan(b(2, 1)));
    CHECK(std::isfinite(b(2, 0)));
}

TEST_CASE("optimizer: errors") {
    const Tensor<float> a = ones<float>({2, 3});
    CHECK_THROWS_WITH_AS(AdamW(std::vector{a, a}), "AdamW: parameter 1 (2, 3) is there twice", ValueError);
    CHECK_THROWS_WITH_AS(AdamW(std::vector{detail::view_of(a, {3, 2}, {1, 3})}),
                         "AdamW: parameter 0 (3, 2) is not contiguous", ValueError);
    Tensor<float> leaf = ones<float>({2}).requires_grad_();
    CHECK_THROWS_WITH_AS(AdamW(std::vector{a, leaf * 2}),
                         "AdamW: parameter 1 (2,) is the result of an operation", ValueError);
    CHECK_THROWS_WITH_AS(AdamW(std::vector<Tensor<float>>()), "AdamW: there are no parameters", ValueError);
    AdamW optimizer(std::vector{a});
    StateDict state;
    state.add("0.exp_avg", ones<float>({3, 2}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(state),
                         "AdamW: the state 0.exp_avg is (3, 2) of float32, not (2, 3) of float32",
                         ValueError);
    StateDict other;
    other.add("1.exp_avg", ones<float>({2, 3}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(other), "AdamW: the state has no number group.0.lr",
                         ValueError);
    other.add("group.0.lr", full<double>({}, 0.5));
    CHECK_THROWS_WITH_AS(
        optimizer.load_state_dict(other),
        "AdamW: the state has 2 tensors, of which 1 belong to the 1 parameters and their groups", ValueError);
}
