// The graph of a tensor as text for Graphviz: `dot -Tsvg graph.dot`.
#pragma once

#include <algorithm>
#include <string>

#include "tape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Gathers the slots and leaves below a slot; no recursion, as nothing on a tape recurses.
class DotGraph {
public:
    explicit DotGraph(const Slot* root) {
        if (root != nullptr) slots_.push_back(root);
        for (std::size_t i = 0; i < slots_.size(); ++i)
            for (std::size_t e = 0; e < slots_[i]->edge_count; ++e) {
                const Edge& edge = slots_[i]->edges[e];
                if (edge.slot != nullptr) add(slots_, static_cast<const Slot*>(edge.slot));
                if (edge.leaf != nullptr) add(leaves_, static_cast<const Body*>(edge.leaf));
            }
        std::sort(slots_.begin(), slots_.end(), [](auto* a, auto* b) { return a->index < b->index; });
    }

    template <class NameOf>
    std::string to_string(const NameOf& name_of) const {
        std::string out = "digraph tape {\n  node [shape=box, fontname=\"monospace\"];\n";
        for (std::size_t i = 0; i < leaves_.size(); ++i) {
            const Body& leaf = *leaves_[i];
            const std::string label = name_of(leaf) + leaf.shape.to_string() + " " + name(leaf.dtype);
            append(out, detail::text("  leaf", i, " [label=\"", label,
                                     "\", style=filled, fillcolor=lightblue];\n"));
        }
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            const Slot& slot = *slots_[i];
            append(out, detail::text("  op", i, " [label=\"", escaped(slot.name), "\\n", slot.shape,
                                     slot.run == nullptr ? "\\nfreed" : "", "\"];\n"));
            for (std::size_t e = 0; e < slot.edge_count; ++e) {
                const Edge& edge = slot.edges[e];
                if (edge.slot != nullptr)
                    append(out, detail::text("  op", place(slots_, edge.slot), " -> op", i, ";\n"));
                if (edge.leaf != nullptr)
                    append(out, detail::text("  leaf", place(leaves_, edge.leaf), " -> op", i, ";\n"));
            }
        }
        return out + "}\n";
    }
    static std::string escaped(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out;
    }

private:
    // A list that was searched from its end: what an operation reads is mostly near it.
    template <class T>
    static void add(std::vector<const T*>& list, const T* item) {
        if (std::find(list.rbegin(), list.rend(), item) == list.rend()) list.push_back(item);
    }
    template <class T>
    static std::size_t place(const std::vector<const T*>& list, const T* item) {
        return static_cast<std::size_t>(std::find(list.begin(), list.end(), item) - list.begin());
    }
    std::vector<const Slot*> slots_;
    std::vector<const Body*> leaves_;
};

}

/// A tensor under the name that it has in the picture.
struct DotName {
    TensorBase tensor;
    std::string name;
};

/// The recorded operations that x depends on, from the leaves to x: their names and shapes. Leaves among
/// `names` (named_parameters) are called so. For a graph that somebody reads: it takes time with the square of
/// the number of operations.
inline std::string to_dot(const TensorBase& x, const std::vector<DotName>& names = {}) {
    const auto name_of = [&](const detail::Body& leaf) -> std::string {
        for (const DotName& entry : names)
            if (entry.tensor.defined() && &entry.tensor.body() == &leaf)
                return detail::DotGraph::escaped(entry.name) + "\\n";
        return {};
    };
    return detail::DotGraph(static_cast<const detail::Slot*>(x.node())).to_string(name_of);
}

}
