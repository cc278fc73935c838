// A module as a table: every parameter and buffer with its shape and size.
#pragma once

#include "../autograd/tape.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

struct SummaryRow {
    std::string name, shape, output, count, note;
};
/// Columns of equal width; that of the outputs only where there are some.
template <std::same_as<SummaryRow> Row>
std::string summary_table(std::vector<Row> rows) {
    std::size_t widths[4]{};
    const auto widen = [](std::size_t& width, const std::string& text) {
        width = width < text.size() ? text.size() : width;
    };
    for (const Row& row : rows) {
        widen(widths[0], row.name);
        widen(widths[1], row.shape);
        widen(widths[2], row.output);
        widen(widths[3], row.count);
    }
    const bool outputs = widths[2] > std::string_view("output").size();
    std::string out;
    for (Row& row : rows) {
        row.name.resize(widths[0] + 2, ' ');
        row.shape.resize(widths[1] + 2, ' ');
        row.output.resize(outputs ? widths[2] + 2 : 0, ' ');
        row.count.insert(0, widths[3] - row.count.size(), ' ');
        out += row.name + row.shape + row.output + row.count;
        out += (row.note.empty() ? "" : " ") + row.note + "\n";
    }
    return out;
}

/// `output_of(tensor)`: the shape that an operation made of it, as text.
template <Module M, class OutputOf>
std::string summary(const M& module, const OutputOf& output_of) {
    std::vector<SummaryRow> rows{{"name", "shape", "output", "elements", {}}};
    std::vector<const Body*> seen;
    int64_t trained = 0, frozen = 0;
    for_each_tensor(module, [&]<class X>(const Path& path, const X& x) {
        SummaryRow row{path.to_string(), x.shape().to_string(), output_of(x), std::to_string(x.numel()), {}};
        if (x.dtype() != DType::float32) row.note += std::string(" ") + name(x.dtype());
        if (std::find(seen.begin(), seen.end(), &x.body()) != seen.end()) {
            row.note += " shared";
        } else if constexpr (is_buffer<X>) {
            row.note += " buffer";
        } else {
            if (!x.requires_grad()) row.note += " frozen";
            (x.requires_grad() ? trained : frozen) += x.numel();
        }
        seen.push_back(&x.body());
        rows.push_back(std::move(row));
    });
    return summary_table(std::move(rows)) +
           text("parameters ", trained + frozen, ", of which frozen ", frozen, "\n");
}

/// While it lives, all parameters take part in the tape, whatever is frozen.
template <Module M>
class Unfrozen {
public:
    explicit Unfrozen(M& module) : module_(module) {
        visit([this](const auto& x) { before_.push_back(x.requires_grad()); });
        visit([](auto& x) { x.requires_grad_(); });
    }
    ~Unfrozen() {
        visit([this, i = std::size_t{0}](auto& x) mutable { x.requires_grad_(before_[i++]); });
    }
    Unfrozen(const Unfrozen&) = delete;
    Unfrozen& operator=(const Unfrozen&) = delete;

private:
    template <class F>
    void visit(F f) {
        for_each_tensor(module_, [&]<class X>(const Path&, X& x) {
            if constexpr (!is_buffer<X>) f(x);
        });
    }

    M& module_;
    std::vector<bool> before_;
};

/// A tensor, and the shape of what an operation that read it made.
struct Use {
    const Body* read;
    std::string output;
};
/// The uses of leaves in a call of the module, in order.
template <Module M, class... Inputs>
std::vector<Use> uses_of_leaves(M& module, const Inputs&... inputs) {
    const Evaluating<M> quiet(module);
    const Unfrozen<M> all(module);
    const enable_grad recording;
    const Tape& tape = Tape::current();
    const int64_t begin = tape.end();
    [[maybe_unused]] const auto result = module(inputs...);  // holds the slots
    const auto reshapes = [&tape](int64_t i, const Slot* of) {
        const Slot* const slot = i < tape.end() ? tape.at(i) : nullptr;
        return slot != nullptr && std::string_view(slot->name) == "reshape" && slot->edges[0].slot == of;
    };
    std::vector<Use> uses;
    for (int64_t i = begin; i < tape.end(); ++i) {
        const Slot* const slot = tape.at(i);
        if (slot == nullptr) continue;
        const Slot* const last = reshapes(i + 1, slot) ? tape.at(i + 1) : slot;
        for (std::size_t e = 0; e < slot->edge_count; ++e)
            if (slot->edges[e].leaf != nullptr)
                uses.push_back({slot->edges[e].leaf, last->shape.to_string()});
    }
    return uses;
}

}

/// One line for each tensor (name, shape, element type, elements, and whether it is frozen, a buffer or
/// shared with an earlier one), and the sums.
template <Module M>
std::string summary(const M& module) {
    return detail::summary(module, [](const TensorBase&) { return std::string(); });
}

/// The same with the shapes of outputs: the module is called once with these inputs, in evaluation mode, and
/// beside each parameter stands the shape of what the first operation that reads it made; beside a shared one,
/// what the second made.
///   std::puts(summary(model, zeros<int64_t>({1, 64})).c_str());
/// Throws   what the call throws
template <Module M, class... Inputs>
requires(sizeof...(Inputs) > 0) std::string summary(M& module, const Inputs&... inputs) {
    std::vector<detail::Use> uses = detail::uses_of_leaves(module, inputs...);
    return detail::summary(module, [&](const TensorBase& x) {
        for (detail::Use& use : uses)
            if (use.read == &x.body()) {
                use.read = nullptr;
                return use.output;
            }
        return std::string();
    });
}

}
