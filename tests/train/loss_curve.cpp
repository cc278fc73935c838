#include <tapegrad/train/loss_curve.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
}

namespace {
std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
    return n;
}
}

TEST_CASE("loss_curve: round numbers along an axis") {
    using Numbers = std::vector<double>;
    CHECK(detail::ticks(0, 10, 5) == Numbers{0, 2, 4, 6, 8, 10});
    CHECK(detail::ticks(-1, 1, 4) == Numbers{-1, -0.5, 0, 0.5, 1});
    CHECK(detail::ticks(130, 870, 6) == Numbers{200, 300, 400, 500, 600, 700, 800});
    CHECK(detail::ticks(1e-9, 3e-9, 3).size() == 5);
}

TEST_CASE("loss_curve: lines, gaps, names and labels") {
    const TemporaryFolder folder;
    Curve train{"train <a & b>", {}, {}}, validation{"val", {}, {}};
    for (int i = 0; i <= 10; ++i) train.add(i, i == 4 ? not_a_number : 10.0 - i);
    validation.add(0, 10);
    validation.add(10, 0);
    save_curves(folder / "x.svg", {train, validation}, {.title = "run 1", .width = 490, .height = 290});
    const std::string svg = read_text(folder / "x.svg");
    CHECK(svg.starts_with("<svg xmlns"));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("run 1</text>") != svg.npos);
    CHECK(svg.find("train &lt;a &amp; b></text>") != svg.npos);
    // 70 to 470 across, 40 to 240 down: 40 and 20 pixels for 1.
    CHECK(svg.find("d=\"M70.0 40.0L110.0 60.0L150.0 80.0L190.0 100.0M270.0 140.0L310.0 160.0") != svg.npos);
    CHECK(svg.find("d=\"M70.0 40.0L470.0 240.0\"") != svg.npos);
    CHECK(count(svg, "stroke-width") == 2);
}

TEST_CASE("loss_curve: a logarithmic axis, one value, and none") {
    const TemporaryFolder folder;
    save_curves(folder / "x.svg", {{"a", {0, 1, 2, 3}, {1, 100, -1, 0.01}}}, {.log_y = true});
    const std::string svg = read_text(folder / "x.svg");
    CHECK(svg.find(">100</text>") != svg.npos);
    CHECK(svg.find(">0.01</text>") != svg.npos);
    CHECK(count(svg.substr(svg.find("d=\"M70.0 245.0L")), "M") >= 2);
    for (const std::vector<Curve>& curves :
         {std::vector<Curve>{}, {{"a", {}, {}}}, {{"a", {5}, {1e300}}}, {{"a", {1}, {not_a_number}}}}) {
        save_curves(folder / "y.svg", curves);
        CHECK(read_text(folder / "y.svg").find("nan") == std::string::npos);
    }
    CHECK_THROWS_WITH_AS(save_curves(folder / "y.svg", {{"a", {1, 2}, {1}}}),
                         "save_curves: curve 'a' has 2 x and 1 y", ValueError);
}
