// From one project's names of parameters to another's, and back: a list of rules, with what must happen to the
// elements on the way.
//
//   KeyMap map{{"blk.{}.attn_q.weight", "model.layers.{}.self_attn.q_proj.weight", KeyAction::to_halves, 32}};
//   StateDict mine = map(theirs);              // or, with a report instead of an error: map(theirs, report)
//   StateDict back = map.reversed()(mine);
#pragma once

#include <optional>

#include "../nn/state_dict.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What happens to the elements of a tensor that gets another name.
enum class KeyAction {
    keep,
    transpose,  // (n, m) -> (m, n): what GPT-2 calls Conv1D
    to_halves,  // rows of each head: RoPE turns neighbours (Meta, GGUF) -> turns the two halves (Hugging Face)
    to_pairs    // the reverse
};

/// `{}` stands for a number, the same in both. A side that is empty has no such tensor: what would go there is
/// dropped.
struct KeyRule {
    std::string from, to;
    KeyAction action = KeyAction::keep;  // from -> to
    int64_t heads = 0;                   // of to_halves and to_pairs
};

/// What a map did not do.
struct KeyReport {
    std::vector<std::string> unmatched;  // names that no rule knows; they are left out
    std::vector<std::string> dropped;    // names that the other side has no use for

    bool ok() const { return unmatched.empty(); }
    /// One line for each name, under the kinds that occur.
    std::string to_string() const {
        std::string out;
        detail::append_names(out, "unmatched", unmatched);
        detail::append_names(out, "dropped", dropped);
        return out;
    }
};

namespace detail {

/// The numbers in a name of that pattern; nothing when it is of another.
inline std::optional<std::vector<std::string_view>> match_key(std::string_view pattern,
                                                              std::string_view name) {
    std::vector<std::string_view> numbers;
    while (true) {
        const std::size_t hole = pattern.find("{}");
        const std::string_view fixed = pattern.substr(0, hole);
        if (!name.starts_with(fixed)) return std::nullopt;
        name.remove_prefix(fixed.size());
        if (hole == pattern.npos) break;
        pattern.remove_prefix(hole + 2);
        std::size_t digits = 0;
        while (digits < name.size() && name[digits] >= '0' && name[digits] <= '9') ++digits;
        if (digits == 0) return std::nullopt;
        numbers.push_back(name.substr(0, digits));
        name.remove_prefix(digits);
    }
    if (!name.empty()) return std::nullopt;
    return numbers;
}
inline std::string fill_key(std::string_view pattern, const std::vector<std::string_view>& numbers) {
    std::string out;
    for (const std::string_view number : numbers) {
        const std::size_t hole = pattern.find("{}");
        out += pattern.substr(0, hole);
        out += number;
        pattern.remove_prefix(hole + 2);
    }
    return out += pattern;
}
inline int holes_of(std::string_view pattern) {
    int count = 0;
    for (std::size_t at = pattern.find("{}"); at != pattern.npos; at = pattern.find("{}", at + 2)) ++count;
    return count;
}

/// Row 2 i + p of each head becomes row p d / 2 + i of it, or the reverse; d rows a head.
template <class T>
Tensor<T> regroup_rows(const std::string& name, const Tensor<T>& x, int64_t heads, bool to_halves) {
    const int64_t rows = x.rank() > 0 ? x.shape()[0] : 0;
    if (heads < 1 || x.rank() == 0 || rows % (2 * heads) != 0)
        fail<ShapeError>("key_map", name, ": shape ", x.shape(), " has no even number of rows for each of ",
                         heads, " heads");
    const Tensor<T> from = contiguous(x);
    const int64_t half = rows / heads / 2, columns = rows > 0 ? x.numel() / rows : 0;
    const int64_t outer = to_halves ? 2 : half, inner = to_halves ? half : 2;
    const Tensor<T> turned =
        view_of(from, {heads, outer, inner, columns}, {2 * half * columns, columns, outer * columns, 1});
    const Tensor<T> y = contiguous(turned);
    return view_of(y, x.shape(), row_major(x.shape()));
}

}

/// A name and what happens on the way to it.
struct MappedKey {
    std::string name;  // empty when the tensor is dropped
    KeyAction action = KeyAction::keep;
    int64_t heads = 0;

    /// The shape that a tensor of a shape gets.
    Shape shape_of(const Shape& from) const {
        return action == KeyAction::transpose && from.rank() == 2 ? Shape{from[1], from[0]} : from;
    }
    /// The tensor as it stands on the other side, contiguous, without a tape.
    /// Throws   ShapeError: not two axes to transpose, or rows that are no whole pairs for each head
    TensorBase operator()(const TensorBase& x) const {
        return visit(x, [&]<class T>(const Tensor<T>& typed) -> TensorBase {
            switch (action) {
                case KeyAction::keep:
                    return detail::contiguous(typed);
                case KeyAction::transpose:
                    if (x.rank() != 2)
                        detail::fail<ShapeError>("key_map", name, ": shape ", x.shape(),
                                                 " cannot be transposed; two axes are wanted");
                    return detail::contiguous(detail::view_of(typed, {x.shape()[1], x.shape()[0]},
                                                              {x.strides()[1], x.strides()[0]}));
                default:
                    return detail::regroup_rows(name, typed, heads, action == KeyAction::to_halves);
            }
        });
    }
};

class KeyMap {
public:
    KeyMap() = default;
    KeyMap(std::initializer_list<KeyRule> rules) : KeyMap(std::vector<KeyRule>(rules)) {}
    /// Throws   ValueError: a rule whose sides differ in their numbers, or a permutation without heads
    explicit KeyMap(std::vector<KeyRule> rules) : rules_(std::move(rules)) {
        for (const KeyRule& rule : rules_) {
            const bool one_sided = rule.from.empty() || rule.to.empty();
            if (!one_sided && detail::holes_of(rule.from) != detail::holes_of(rule.to))
                detail::fail<ValueError>("key_map", rule.from, " and ", rule.to, " differ in their {}");
            const bool by_head = rule.action == KeyAction::to_halves || rule.action == KeyAction::to_pairs;
            if (by_head && rule.heads < 1)
                detail::fail<ValueError>("key_map", rule.from, ": ", rule.heads, " heads");
        }
    }

    const std::vector<KeyRule>& rules() const { return rules_; }

    /// The map from the other side.
    KeyMap reversed() const {
        KeyMap result(*this);
        for (KeyRule& rule : result.rules_) {
            std::swap(rule.from, rule.to);
            if (rule.action == KeyAction::to_halves)
                rule.action = KeyAction::to_pairs;
            else if (rule.action == KeyAction::to_pairs)
                rule.action = KeyAction::to_halves;
        }
        return result;
    }

    /// What the first rule that knows a name makes of it; nothing when none does.
    std::optional<MappedKey> find(std::string_view name) const {
        for (const KeyRule& rule : rules_)
            if (!rule.from.empty())
                if (const auto numbers = detail::match_key(rule.from, name)) {
                    if (rule.to.empty()) return MappedKey{};
                    return MappedKey{detail::fill_key(rule.to, *numbers), rule.action, rule.heads};
                }
        return std::nullopt;
    }

    /// Every tensor under its other name; what no rule knows is left out and reported.
    /// Throws   ShapeError: as MappedKey; ValueError: two names become one
    StateDict operator()(const StateDict& from, KeyReport& report) const {
        std::vector<NamedTensor> result;
        for (const auto& [name, tensor] : from) {
            const std::optional<MappedKey> key = find(name);
            if (!key)
                report.unmatched.push_back(name);
            else if (key->name.empty())
                report.dropped.push_back(name);
            else
                result.push_back({key->name, (*key)(tensor)});
        }
        return StateDict(std::move(result));
    }
    /// The same, when every name must be known.
    /// Throws   ValueError: names that no rule knows
    StateDict operator()(const StateDict& from) const {
        KeyReport report;
        StateDict result = (*this)(from, report);
        report.dropped.clear();
        if (!report.ok()) detail::fail<ValueError>("key_map", report.to_string());
        return result;
    }

private:
    std::vector<KeyRule> rules_;
};

}
