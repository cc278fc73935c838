#include <tapegrad/nn/fields.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {

struct All {
    Tensor<float> weight;
    bool wide = false;
    double factor = 1;
    TAPEGRAD_FIELDS(weight, wide, factor);
};
struct Nothing {
    TAPEGRAD_FIELDS();
};
struct alignas(128) Aligned {
    char letter = 'a';
    TAPEGRAD_FIELDS(letter);
};

// What the line of a struct would check, without the error that ends the compilation.
struct Forgetful {
    Tensor<float> weight, bias;
    int n = 0;
};
template <class Struct, class... Members>
constexpr bool adds_up = detail::lists_all<Struct, std::tuple<Members&...>>();

static_assert(adds_up<Forgetful, Tensor<float>, Tensor<float>, int>);
static_assert(!adds_up<Forgetful, Tensor<float>, int>);
static_assert(!adds_up<Forgetful, Tensor<float>, Tensor<float>>);
static_assert(!adds_up<Forgetful>);
static_assert(!adds_up<Forgetful, Tensor<float>, Tensor<float>, int, int64_t>);

struct Virtual {
    virtual ~Virtual() = default;
    Tensor<float> weight;
};
static_assert(!adds_up<Virtual, Tensor<float>>);

// A bool that fits into the padding behind an int changes no size, but `training` is looked for by name.
struct Hidden {
    int n = 0;
    bool a = false, training = true;
};
static_assert(adds_up<Hidden, int, bool>);
static_assert(!detail::lists_training<Hidden>("n, a"));
static_assert(detail::lists_training<Hidden>("n, a, training"));
static_assert(detail::lists_training<All>("weight"));

static_assert(Module<All> && Module<Nothing> && !Module<Forgetful> && !Module<int>);
static_assert(is_configuration<int> && is_configuration<std::vector<std::string>> && is_configuration<Shape>);
static_assert(!is_configuration<Forgetful> && !is_configuration<All> &&
              !is_configuration<std::vector<Nothing>>);
static_assert(!is_configuration<std::tuple<int, Tensor<float>>>);

struct Container {
    static constexpr bool is_container = true;
    std::tuple<All, std::vector<All>> parts{All(), std::vector<All>(2)};
    TAPEGRAD_FIELDS(parts);
};

std::vector<std::string> tensors_of(auto& module) {
    std::vector<std::string> names;
    detail::walk(module, [&](const detail::Path& path, auto& x) {
        if constexpr (detail::is_tensor_member<std::remove_cvref_t<decltype(x)>>)
            names.push_back(path.to_string());
    });
    return names;
}

}

TEST_CASE("fields: described structs give their members in order") {
    All all;
    CHECK(&std::get<0>(all.tapegrad_fields()) == &all.weight);
    CHECK(std::tuple_size_v<decltype(all.tapegrad_fields())> == 3);
    Nothing nothing;
    CHECK(std::tuple_size_v<decltype(nothing.tapegrad_fields())> == 0);
    Aligned aligned;
    CHECK(std::get<0>(aligned.tapegrad_fields()) == 'a');
}

TEST_CASE("fields: a container gives its members its own name") {
    Container container;
    CHECK(tensors_of(container) == std::vector<std::string>{"0.weight", "1.0.weight", "1.1.weight"});
    const Container constant;
    CHECK(tensors_of(constant).size() == 3);
}

TEST_CASE("fields: names are read from the line") {
    std::string_view list = "weight, bias,n";
    CHECK(detail::next_name(list) == "weight");
    CHECK(detail::next_name(list) == "bias");
    CHECK(detail::next_name(list) == "n");
    CHECK(list.empty());
    CHECK(detail::next_name(list).empty());
}

TEST_CASE("fields: a path is a text with dots") {
    const detail::Path root{}, h{&root, "h", -1}, second{&h, {}, 1}, weight{&second, "weight", -1};
    CHECK(root.to_string().empty());
    CHECK(weight.to_string() == "h.1.weight");
}
