#include <tapegrad/tensor/print.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <vector>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

/// The element types by the name that a file says.
template <class F>
void with_type(const std::string& type, const F& f) {
    if (type == "float32") return f(float());
    if (type == "float64") return f(double());
    if (type == "bfloat16") return f(bfloat16());
    if (type == "float16") return f(float16());
    if (type == "int32") return f(int32_t());
    if (type == "int64") return f(int64_t());
    if (type == "uint8") return f(uint8_t());
    if (type == "bool") return f(bool());
    FAIL("unknown type " << type);
}

template <class T>
T parse(const std::string& word) {
    if constexpr (std::is_integral_v<T>)
        return static_cast<T>(std::stoll(word));
    else
        return detail::convert_one<T>(std::strtod(word.c_str(), nullptr));
}

struct Case {
    std::string name, type, recipe, set, text;
    Shape shape;
    bool requires_grad = false;
};

/// The tensor that a case describes; the format is that of golden/printing.py.
template <class T>
Tensor<T> build(const Case& c) {
    std::vector<T> values;
    std::istringstream words(c.recipe);
    std::string kind, word;
    words >> kind;
    const int64_t n = numel_of(c.shape);
    if (kind == "values:") {
        while (words >> word) values.push_back(parse<T>(word));
    } else if (kind == "arange:") {
        double a = 0, d = 0;
        words >> a >> d;
        for (int64_t i = 0; i < n; ++i)
            values.push_back(detail::convert_one<T>(a + static_cast<double>(i) * d));
    } else {
        int64_t m = 0;
        double d = 0, s = 0;
        words >> m >> d >> s;
        for (int64_t i = 0; i < n; ++i)
            values.push_back(detail::convert_one<T>(static_cast<double>(i * 7919 % m) * d + s));
    }
    REQUIRE(static_cast<int64_t>(values.size()) == n);
    if (!c.set.empty()) {
        std::istringstream put(c.set);
        std::size_t i = 0;
        put >> i >> word;
        values[i] = parse<T>(word);
    }
    Tensor<T> t = empty<T>(c.shape);
    for (int64_t i = 0; i < n; ++i) detail::output(t)[i] = values[static_cast<std::size_t>(i)];
    if (c.requires_grad) t.requires_grad_();
    return t;
}

std::vector<Case> golden_cases() {
    std::ifstream file("tests/golden/printing.txt");
    REQUIRE(file.good());
    std::vector<Case> cases;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string first;
        words >> first;
        if (first == "case") {
            cases.emplace_back();
            words >> cases.back().name;
        } else if (first == "tensor") {
            Case& c = cases.back();
            words >> c.type;
            const std::size_t open = line.find('('), close = line.find(')');
            std::string sizes = line.substr(open + 1, close - open - 1);
            for (char& ch : sizes) ch = ch == ',' ? ' ' : ch;
            std::istringstream list(sizes);
            for (int64_t n = 0; list >> n;) c.shape.push_back(n);
            c.recipe = line.substr(close + 2);
        } else if (first == "set") {
            cases.back().set = line.substr(4);
        } else if (first == "requires_grad") {
            cases.back().requires_grad = true;
        } else if (first == "text") {
            std::string& text = cases.back().text;
            while (std::getline(file, line) && line != "end") text += (text.empty() ? "" : "\n") + line;
        }
    }
    return cases;
}

}

TEST_CASE("print: every text that PyTorch printed") {
    const std::vector<Case> cases = golden_cases();
    CHECK(cases.size() > 70);
    for (const Case& c : cases)
        with_type(c.type, [&](auto zero) {
            CAPTURE(c.name);
            CHECK(to_string(build<decltype(zero)>(c)) == c.text);
        });
}

TEST_CASE("print: a strided view prints its own elements") {
    const auto x = Tensor<int64_t>{{1, 2, 3}, {4, 5, 6}};
    CHECK(to_string(detail::view_of(x, {3, 2}, {1, 3})) ==
          "tensor([[1, 4],\n        [2, 5],\n        [3, 6]])");
    CHECK(to_string(detail::view_of(x, {2, 2}, {0, 1}, 1)) == "tensor([[2, 3],\n        [2, 3]])");
}

TEST_CASE("print: options") {
    const auto x = Tensor<float>{0.123456f, 2.5f};
    CHECK(to_string(x, {.precision = 2}) == "tensor([0.12, 2.50])");
    CHECK(to_string(arange<int64_t>(6), {.threshold = 5, .edge_items = 1}) == "tensor([0,  ..., 5])");
    CHECK(to_string(arange<int64_t>(6), {.threshold = 5, .edge_items = 0}) == "tensor([ ...])");
    CHECK(to_string(arange<int64_t>(6), {.line_width = 14}) ==
          "tensor([0, 1,\n        2, 3,\n        4, 5])");
}

TEST_CASE("print: extremes") {
    // The longest numbers that can be: all digits of the largest double, whole.
    CHECK(to_string(Tensor<double>(1.7976931348623157e308)) == "tensor(1.7977e+308, dtype=torch.float64)");
    CHECK(to_string(Tensor<double>{-0x1p-1074, 1e-5}) ==
          "tensor([-4.9407e-324,   1.0000e-05], dtype=torch.float64)");
    CHECK(to_string(Tensor<double>{-std::numeric_limits<double>::quiet_NaN(), 1}) ==
          "tensor([nan, 1.], dtype=torch.float64)");
    CHECK(to_string(Tensor<float>()) == "tensor(undefined)");
}

TEST_CASE("print: stream") {
    std::ostringstream out;
    out.precision(1);
    out << Tensor<float>{1.25f, 2} << '!';
    CHECK(out.str() == "tensor([1.2500, 2.0000])!");
}
