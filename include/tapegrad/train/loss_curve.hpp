// Curves of a training run as a picture that every browser shows (SVG).
#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "../io/atomic_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One line of the picture: y over x. What is not finite leaves a gap.
struct Curve {
    std::string name;
    std::vector<double> x, y;

    void add(double at, double value) {
        x.push_back(at);
        y.push_back(value);
    }
};

struct CurveOptions {
    std::string title = {};
    std::string x_label = "step", y_label = "loss";
    bool log_y = false;
    int width = 800, height = 500;
};

namespace detail {

/// About `n` round numbers over [low, high]: multiples of 1, 2 or 5 times a power of ten.
inline std::vector<double> ticks(double low, double high, int n) {
    const double rough = (high - low) / n, power = std::pow(10.0, std::floor(std::log10(rough)));
    const double step = power * (rough / power < 1.5   ? 1
                                 : rough / power < 3.5 ? 2
                                 : rough / power < 7.5 ? 5
                                                       : 10);
    std::vector<double> out;
    for (double v = std::ceil(low / step - 1e-9); v * step <= high + 1e-9 * step; ++v)
        out.push_back(v * step);
    return out;
}

class CurvePicture {
public:
    CurvePicture(const std::vector<Curve>& curves, const CurveOptions& options)
        : curves_(curves), options_(options) {
        for (const Curve& curve : curves) {
            if (curve.x.size() != curve.y.size())
                fail<ValueError>("save_curves", "curve '", curve.name, "' has ", curve.x.size(), " x and ",
                                 curve.y.size(), " y");
            for (std::size_t i = 0; i < curve.x.size(); ++i) {
                const double y = value(curve.y[i]);
                if (!std::isfinite(curve.x[i]) || !std::isfinite(y)) continue;
                x_.widen(curve.x[i]);
                y_.widen(y);
            }
        }
        x_.open();
        y_.open();
    }

    std::string svg() {
        put("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            options_.width, options_.height);
        for (const double v : ticks(x_.low, x_.high, 8)) {
            line(at_x(v), top, at_x(v), bottom());
            text(at_x(v), bottom() + 18, "middle", number(v));
        }
        for (const double v : ticks(y_.low, y_.high, 6)) {
            line(left, at_y(v), right(), at_y(v));
            text(left - 6, at_y(v) + 4, "end", number(options_.log_y ? std::pow(10.0, v) : v));
        }
        text((left + right()) / 2, 22, "middle", options_.title);
        text((left + right()) / 2, bottom() + 38, "middle", options_.x_label);
        text(left, top - 8, "middle", options_.y_label);
        constexpr const char* colours[] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"};
        for (std::size_t i = 0; i < curves_.size(); ++i) {
            const char* const colour = colours[i % std::size(colours)];
            draw(curves_[i], colour);
            const double y = top + 18 + 18 * static_cast<double>(i);
            put("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"3\" fill=\"%s\"/>\n", right() - 130, y - 5,
                colour);
            text(right() - 112, y, "start", curves_[i].name);
        }
        return out_ + "</svg>\n";
    }

private:
    struct Range {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        void widen(double v) {
            low = std::fmin(low, v);
            high = std::fmax(high, v);
        }
        /// Something to divide by, for no value and for one.
        void open() {
            if (!(low <= high)) low = 0, high = 1;
            if (low == high) low -= 0.5, high += 0.5;
            if (low == high) low = high - std::fabs(high) / 2, high += std::fabs(high) / 2;
        }
    };
    static constexpr double left = 70, top = 40;
    double right() const { return options_.width - 20; }
    double bottom() const { return options_.height - 50; }
    double value(double y) const { return options_.log_y ? std::log10(y) : y; }
    double at_x(double v) const { return left + (v - x_.low) / (x_.high - x_.low) * (right() - left); }
    double at_y(double v) const { return bottom() - (v - y_.low) / (y_.high - y_.low) * (bottom() - top); }

    template <class... Values>
    void put(const char* format, Values... values) {
        char part[512];
        const int n = std::snprintf(part, sizeof part, format, values...);
        out_.append(part, static_cast<std::size_t>(n));
    }
    static std::string number(double v) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.4g", std::fabs(v) < 1e-12 ? 0.0 : v);
        return digits;
    }
    void line(double x1, double y1, double x2, double y2) {
        put("<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#ddd\"/>\n", x1, y1, x2, y2);
    }
    void text(double x, double y, const char* anchor, const std::string& what) {
        put("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
        for (const char c : what) {
            if (c == '<')
                out_ += "&lt;";
            else if (c == '&')
                out_ += "&amp;";
            else
                out_ += c;
        }
        out_ += "</text>\n";
    }
    void draw(const Curve& curve, const char* colour) {
        out_ += "<path fill=\"none\" stroke-width=\"1.5\" stroke=\"";
        out_ += colour;
        out_ += "\" d=\"";
        bool down = false;
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            const double y = value(curve.y[i]);
            const bool there = std::isfinite(curve.x[i]) && std::isfinite(y);
            if (there) put(down ? "L%.1f %.1f" : "M%.1f %.1f", at_x(curve.x[i]), at_y(y));
            down = there;
        }
        out_ += "\"/>\n";
    }

    const std::vector<Curve>& curves_;
    const CurveOptions& options_;
    Range x_, y_;
    std::string out_;
};

}

/// Writes curves as one SVG file.
/// Throws   ValueError: a curve with more x than y; IoError: the file cannot be written
inline void save_curves(const std::string& path, const std::vector<Curve>& curves,
                        const CurveOptions& options = {}) {
    const std::string svg = detail::CurvePicture(curves, options).svg();
    AtomicFile file("save_curves", path);
    file.write(svg.data(), static_cast<int64_t>(svg.size()));
    file.commit();
}

}
