// A module as a table: every parameter and buffer with its shape and size.
#pragma once

#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One line for each tensor (name, shape, element type, elements, and whether it is frozen, a buffer or
/// shared with an earlier one), and the sums.
template <Module M>
std::string summary(const M& module) {
    struct Row {
        std::string name, shape, count, note;
    };
    std::vector<Row> rows{{"name", "shape", "elements", ""}};
    std::vector<const detail::Body*> seen;
    int64_t trained = 0, frozen = 0;
    detail::for_each_tensor(module, [&]<class X>(const detail::Path& path, const X& x) {
        Row row{path.to_string(), x.shape().to_string(), std::to_string(x.numel()), {}};
        if (x.dtype() != DType::float32) row.note += std::string(" ") + name(x.dtype());
        if (std::find(seen.begin(), seen.end(), &x.body()) != seen.end()) {
            row.note += " shared";
        } else if constexpr (detail::is_buffer<X>) {
            row.note += " buffer";
        } else {
            if (!x.requires_grad()) row.note += " frozen";
            (x.requires_grad() ? trained : frozen) += x.numel();
        }
        seen.push_back(&x.body());
        rows.push_back(std::move(row));
    });
    std::size_t widths[3]{};
    for (const Row& row : rows) {
        widths[0] = std::max(widths[0], row.name.size());
        widths[1] = std::max(widths[1], row.shape.size());
        widths[2] = std::max(widths[2], row.count.size());
    }
    std::string out;
    for (Row& row : rows) {
        row.name.resize(widths[0], ' ');
        row.shape.resize(widths[1], ' ');
        out +=
            row.name + "  " + row.shape + "  " + std::string(widths[2] - row.count.size(), ' ') + row.count;
        out += (row.note.empty() ? "" : " ") + row.note + "\n";
    }
    return out + detail::text("parameters ", trained + frozen, ", of which frozen ", frozen, "\n");
}

}
