// The text of an einsum: which axis of which operand carries which label, checked against the shapes.
#pragma once

#include <vector>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A label is a number: A .. Z are 0 .. 25, a .. z are 26 .. 51; the axes of an ellipsis are 52 .. 59,
/// counted from its last, so that ellipses of different lengths broadcast.
inline constexpr int64_t ellipsis_label = 52;
inline constexpr std::size_t label_count = 60;

/// Labels as a set: bit l for label l.
using LabelSet = uint64_t;

inline LabelSet set_of(const Dims& labels) {
    LabelSet set = 0;
    for (const int64_t label : labels) set |= LabelSet{1} << label;
    return set;
}
inline bool contains(LabelSet set, int64_t label) { return ((set >> label) & 1) != 0; }

inline bool is_label(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
inline int64_t label_of(char c) { return c <= 'Z' ? c - 'A' : c - 'a' + 26; }

/// An equation and shapes that fit it.
template <std::same_as<Dims> Labels = Dims>
class Equation {
public:
    /// Throws   ShapeError: what is no equation, or does not fit the shapes
    Equation(std::string_view given, std::span<const Shape> shapes) {
        for (const char c : given)
            if (c != ' ') equation_ += c;
        const std::string_view all = equation_;
        const std::size_t arrow = all.find("->");
        read_operands(all.substr(0, arrow), shapes);
        if (arrow == std::string_view::npos)
            imply_output();
        else
            read_output(all.substr(arrow + 2));
    }

    /// The label of each axis of each operand; a label may repeat.
    const std::vector<Labels>& operands() const { return operands_; }
    /// The label of each axis of the result.
    const Labels& output() const { return output_; }
    /// The size of a label: that of the operands where it is not 1.
    int64_t size(int64_t label) const { return sizes_[static_cast<std::size_t>(label)]; }
    const std::array<int64_t, label_count>& sizes() const { return sizes_; }

    template <class... Parts>
    [[noreturn, gnu::cold]] void wrong(const Parts&... parts) const {
        fail<ShapeError>("einsum", '\'', equation_, "': ", parts...);
    }

private:
    static std::string label_name(int64_t label) {
        if (label >= ellipsis_label) return text("axis ", ellipsis_label - label - 1, " of the ellipsis");
        return text("label '", static_cast<char>(label < 26 ? 'A' + label : 'a' + label - 26), '\'');
    }

    void read_operands(std::string_view left, std::span<const Shape> shapes) {
        std::size_t named = 1;
        for (const char c : left) named += c == ',' ? 1 : 0;
        if (named != shapes.size())
            wrong("subscripts of ", named, named == 1 ? " operand" : " operands", " for ", shapes.size());
        for (std::size_t i = 0; i < named; ++i) {
            const std::size_t comma = left.find(',');
            operands_.push_back(read_operand(left.substr(0, comma), i, shapes[i]));
            note_sizes(shapes, i);
            if (comma != std::string_view::npos) left.remove_prefix(comma + 1);
        }
    }

    /// The labels before and behind the ellipsis of a subscript, and whether there is one.
    struct Subscript {
        std::vector<int64_t> before, behind;
        bool ellipsis = false;
    };
    template <class Where>
    Subscript read(std::string_view subscript, const Where& where) const {
        Subscript s;
        for (std::size_t i = 0; i < subscript.size(); ++i) {
            const char c = subscript[i];
            if (is_label(c)) {
                (s.ellipsis ? s.behind : s.before).push_back(label_of(c));
            } else if (subscript.substr(i, 3) == "...") {
                if (s.ellipsis) wrong("a second ellipsis in ", where());
                s.ellipsis = true;
                i += 2;
            } else {
                wrong('\'', c, "' in ", where(), " is neither a letter nor part of '...'");
            }
        }
        return s;
    }

    Labels read_operand(std::string_view subscript, std::size_t index, const Shape& shape) {
        const auto where = [&] { return text("operand ", index, ' ', shape); };
        const Subscript s = read(subscript, where);
        const auto named = static_cast<int64_t>(s.before.size() + s.behind.size());
        const int64_t rest = shape.rank() - named;
        if (rest < 0 || (rest > 0 && !s.ellipsis))
            wrong(where(), " has ", shape.rank(), shape.rank() == 1 ? " axis" : " axes",
                  ", its subscript names ", named);
        Labels labels;
        for (const int64_t label : s.before) labels.push_back(label);
        for (int64_t i = rest; i-- > 0;) labels.push_back(ellipsis_label + i);
        for (const int64_t label : s.behind) labels.push_back(label);
        longest_ellipsis_ = rest > longest_ellipsis_ ? rest : longest_ellipsis_;
        return labels;
    }

    void note_sizes(std::span<const Shape> shapes, std::size_t index) {
        const Labels& labels = operands_[index];
        LabelSet before = 0;
        for (int axis = 0; axis < labels.rank(); ++axis) {
            const auto label = static_cast<std::size_t>(labels[axis]);
            const int64_t size = shapes[index][axis];
            int64_t& known = sizes_[label];
            if (contains(before, labels[axis])) {
                for (int other = 0; other < axis; ++other)
                    if (labels[other] == labels[axis] && shapes[index][other] != size)
                        wrong(label_name(labels[axis]), " repeats in operand ", index, ' ', shapes[index],
                              " with sizes ", shapes[index][other], " and ", size);
            } else if (known == -1 || known == 1) {
                known = size;
                from_[label] = index;
            } else if (size != 1 && size != known) {
                wrong(label_name(labels[axis]), " has size ", known, " in operand ", from_[label], ' ',
                      shapes[from_[label]], " and size ", size, " in operand ", index, ' ', shapes[index]);
            }
            before |= LabelSet{1} << labels[axis];
        }
    }

    /// Without an arrow: the axes of the ellipsis, then the labels that appear once, in alphabetical order.
    void imply_output() {
        std::array<int, label_count> times{};
        for (const Labels& labels : operands_)
            for (const int64_t label : labels) ++times[static_cast<std::size_t>(label)];
        for (int64_t i = longest_ellipsis_; i-- > 0;) output_.push_back(ellipsis_label + i);
        for (int64_t label = 0; label < ellipsis_label; ++label)
            if (times[static_cast<std::size_t>(label)] == 1) output_.push_back(label);
    }

    void read_output(std::string_view subscript) {
        const Subscript s = read(subscript, [] { return "the output"; });
        for (const int64_t label : s.before) push_output(label);
        for (int64_t i = s.ellipsis ? longest_ellipsis_ : 0; i-- > 0;) output_.push_back(ellipsis_label + i);
        for (const int64_t label : s.behind) push_output(label);
    }
    void push_output(int64_t label) {
        if (output_.contains(label)) wrong(label_name(label), " appears twice in the output");
        if (size(label) < 0) wrong("output ", label_name(label), " is in no operand");
        output_.push_back(label);
    }

    std::string equation_;
    std::vector<Labels> operands_;
    Labels output_;
    std::array<int64_t, label_count> sizes_ = [] {
        std::array<int64_t, label_count> unknown{};
        unknown.fill(-1);
        return unknown;
    }();
    std::array<std::size_t, label_count> from_{};  // the operand that gave the size
    int64_t longest_ellipsis_ = 0;
};

}
