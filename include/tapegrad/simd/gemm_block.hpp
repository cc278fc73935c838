// One block of a product: operands packed into panels where that pays, and the tasks that multiply them.
#pragma once

#include "../core/parallel.hpp"
#include "gemm_pack.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Most terms that an element sums in registers before they are added to C: few enough that a block of rows
/// of A stays in L2, many enough that reading and writing C is hidden.
inline constexpr int64_t gemm_depth = 512;
/// Rows and columns that are packed at once: bounds of the scratch memory, 3 MB each for float.
inline constexpr int64_t gemm_rows = 2016, gemm_columns = 2016;
/// Multiplications below which a second thread costs more than it brings (about 10 us of one core).
inline constexpr int64_t gemm_serial = 512 * 1024;
/// The same for one product, whose result the caller fetches from the other cores for what it does next: a training step
/// of networks of 64 units on two cores takes 138 us with it and 184 us without.
inline constexpr int64_t gemm_alone = 4 * gemm_serial;
/// Multiplications below which each thread gets one task, and packs the panels that it reads itself: cheaper than to
/// wait for those of others and to fetch them from the cache of another core (256x128x128 on two cores: 39 us, 24 us). Longer
/// ones lose more by the slower core (a step of a small GPT: 4 %).
inline constexpr int64_t gemm_short = 16 * gemm_serial;
/// Bytes of A that stay in L2 while panels of B pass.
inline constexpr int64_t gemm_cached = 1024 * 1024;
/// Elements that one thread packs at least.
inline constexpr int64_t pack_grain = 16384;

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The terms of every block of k but the last one.
constexpr int64_t gemm_terms(int64_t k) {
    const int64_t blocks = ceil_div(k, gemm_depth);
    return blocks <= 1 ? k : ceil_div(ceil_div(k, blocks), 16) * 16;
}

/// Elements from one packed panel of rows of A to the next.
template <class T>
constexpr int64_t left_panel(int64_t k) {
    return GemmTile<T>::rows * k + pack_slack<T>;
}

constexpr int next_rows(int rows) {
    int next = 1;
    while (2 * next < rows) next *= 2;
    return next;
}

/// One panel of columns times m rows, read where they lie or `packed`: tiles of all rows first, then of
/// fewer.
template <class T, int Columns, int Rows = GemmTile<T>::rows>
void gemm_strip(int64_t m, int64_t k, bool packed, GemmOperands<T>& of) {
    const T* const ahead_end = of.ahead.data + GemmTile<T>::width * k;
    if (packed) of.a.step = Rows;
    const int64_t next = !packed ? Rows * of.a.row : Rows == GemmTile<T>::rows ? left_panel<T>(k) : Rows * k;
    void (*tile)(int64_t, const GemmOperands<T>&) = gemm_tile<T, Rows, Columns>;
    if constexpr (Rows == GemmTile<T>::rows && Columns == GemmTile<T>::columns)
        if (packed && of.b.step == GemmTile<T>::width) tile = gemm_tile<T, Rows, Columns, true>;
    for (; m >= Rows; m -= Rows) {
        tile(k, of);
        of.ahead.data += k * of.ahead.step;
        if (of.ahead.data >= ahead_end) of.ahead.step = 0;
        of.a.data += next;
        of.c.data += Rows * of.c.row;
    }
    if constexpr (Rows > 1)
        if (m > 0) gemm_strip<T, Columns, next_rows(Rows)>(m, k, packed, of);
}

template <class T>
void pack_rows(MatrixRef<T> a, int64_t m, int64_t readable, int64_t k, T* to) {
    int64_t rows = GemmTile<T>::rows;
    for (int64_t i = 0; i < m;) {
        while (rows > m - i) rows = next_rows(static_cast<int>(rows));
        pack(a.data + i * a.row_stride, a.row_stride, a.col_stride, rows, readable - i, k, to, rows);
        to += rows * k;
        i += rows;
    }
}

/// How many tiles a task takes along each side of C.
struct GemmTasks {
    int64_t rows, columns;
    bool own_panels = false;  // each packs what it reads of B
};

/// One task for a small product, one a thread for a short one. Else several a thread, so that a slow core costs little;
/// tall ones, so that a panel of B is used often once it is in L1, until B does not fit L2.
template <class T>
GemmTasks gemm_tasks(int64_t m, int64_t n, int64_t k) {
    const int64_t tall = ceil_div(m, GemmTile<T>::rows), wide = ceil_div(n, GemmTile<T>::width);
    if (m * n * k < gemm_alone) return {tall, wide};
    const int64_t threads = num_threads(), wanted = 4 * threads;
    const auto cached = [&](int64_t panels) {
        return panels * GemmTile<T>::rows * k * static_cast<int64_t>(sizeof(T)) <= gemm_cached;
    };
    if (threads > 1 && m * n * k < gemm_short) {
        if (n > m && wide >= 4 * threads && cached(tall)) return {tall, ceil_div(wide, threads)};
        const int64_t rows = ceil_div(tall, threads);
        if (tall >= 4 * threads && cached(rows)) return {rows, wide, true};
    }
    const bool b_in_cache = n * k * static_cast<int64_t>(sizeof(T)) <= 256 * 1024;
    int64_t across = ceil_div(tall, 12);
    if (b_in_cache && across < wanted) across = wanted;
    if (across > tall) across = tall;
    int64_t along = ceil_div(wanted, across);
    if (along > wide) along = wide;
    return {ceil_div(tall, across), ceil_div(wide, along)};
}

/// Reading rows where they lie costs nothing when their stride spreads them over the cache; a stride that is
/// a multiple of 4096 bytes puts them all into the same sets of L1. Columns are read a line a term, of which a
/// multiple of 1024 leaves room for few.
template <class T>
bool gemm_packs_left(MatrixRef<T> a, int64_t n) {
    const int64_t bytes = (a.col_stride == 1 ? a.row_stride : a.col_stride) * static_cast<int64_t>(sizeof(T));
    const bool contiguous = a.col_stride == 1 || a.row_stride == 1;
    const bool spread = bytes % (a.col_stride == 1 ? 4096 : 1024) != 0;
    return n > 3 * GemmTile<T>::width && !(contiguous && spread);
}

/// A right operand that lies nowhere: fill(self, p, terms, j, columns, to) puts element (p + q, j + l) at
/// to[q * GemmTile<T>::width + l], and may put anything behind the last column of a row. Or one whose panels lie
/// ready: those of the block at (p, j) begin at ready(self, p, j).
template <class T>
struct PanelSource {
    void (*fill)(const void* self, int64_t p, int64_t terms, int64_t j, int64_t columns, T* to) = nullptr;
    const void* self = nullptr;
    int64_t p = 0, j = 0;  // where the block begins
    const T* (*ready)(const void* self, int64_t p, int64_t j) = nullptr;
    int64_t stride =
        0;  // from a panel that lies ready to the next; 0: the terms of the block times its width

    /// Calls of `f.fill(p, terms, j, columns, to)`; f must outlive the product.
    template <class F>
    static PanelSource of(const F& f) {
        return {[](const void* to_f, int64_t row, int64_t terms, int64_t column, int64_t columns, T* to) {
                    static_cast<const F*>(to_f)->fill(row, terms, column, columns, to);
                },
                &f};
    }
    PanelSource from(int64_t p_more, int64_t j_more) const {
        return {fill, self, p + p_more, j + j_more, ready, stride};
    }
    explicit operator bool() const { return self != nullptr; }
    const T* panels() const { return ready != nullptr ? ready(self, p, j) : nullptr; }
};

/// One block of k of a product, at most gemm_rows x gemm_columns of C: its panels, and the tiles made from
/// them.
template <class T>
struct GemmBlock {
    static constexpr int64_t height = GemmTile<T>::rows, breadth = GemmTile<T>::width;
    int64_t m, n, k;
    MatrixRef<T> a, b;
    GemmTarget<T> c;
    PanelSource<T> source = {};  // stands for b, if there is one
    // Rows of B that are contiguous are read where they lie when few rows of A share them, but never past
    // their end.
    bool packs_left = gemm_packs_left(a, n), packs_right = source || b.col_stride != 1 || m > 4 * height;
    int64_t tall = ceil_div(m, height), wide = ceil_div(n, breadth);
    int64_t first_packed = packs_right ? 0 : n % width<T> == 0 ? wide : wide - 1;
    int64_t left_size = left_panel<T>(k), right_size = source.stride > 0 ? source.stride : breadth *k;
    // Panels that lie ready for all tasks: of A all or none, of B those from first_packed on or none.
    const T* left_panels = nullptr;
    const T* right_panels = source.panels();

    void pack_left(int64_t row, T* to) const {
        const int64_t i = row * height;
        pack_rows(a.at(i, 0), m - i < height ? m - i : height, m - i, k, to);
    }
    void pack_right(int64_t panel, T* to) const {
        const int64_t j = panel * breadth, columns = n - j < breadth ? n - j : breadth;
        if (source)
            source.fill(source.self, source.p, k, source.j + j, columns, to);
        else
            pack(b.data + j * b.col_stride, b.col_stride, b.row_stride, columns, n - j, k, to, breadth);
    }

    /// The tiles of rows [row, row + rows) and of columns [panel, panel + panels); finish(i, rows, j, columns) is
    /// called for each part of C that is done. What does not lie ready is packed here, just before its use.
    template <class Finish>
    void multiply(int64_t row, int64_t rows, int64_t panel, int64_t panels, const Finish& finish) const {
        const bool packs_a = packs_left && left_panels == nullptr;
        const bool packs_b = panel + panels > first_packed && right_panels == nullptr;
        Scratch<T> scratch;
        if (packs_a || packs_b)
            scratch =
                Scratch<T>((packs_b ? right_size : 0) + (packs_a ? rows * left_size : 0) + pack_slack<T>);
        T* const left = scratch.data() + (packs_b ? right_size : 0);
        for (int64_t r = 0; packs_a && r < rows; ++r) pack_left(row + r, left + r * left_size);

        constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));
        const int64_t i = row * height, count = m - i < rows * height ? m - i : rows * height;
        for (; panels > 0; ++panel, --panels) {
            const int64_t j = panel * breadth, columns = n - j < breadth ? n - j : breadth;
            GemmOperands<T> of{{a.data + i * a.row_stride, a.row_stride, a.col_stride},
                               {b.data + j, b.row_stride},
                               {c.data + i * c.row + j, c.row, columns, c.add}};
            if (packs_left) of.a = {packs_a ? left : left_panels + row * left_size, 1, height};
            if (panel >= first_packed) {
                if (packs_b) pack_right(panel, scratch.data());
                of.b = {packs_b ? scratch.data() : right_panels + (panel - first_packed) * right_size,
                        breadth};
            }
            if (panel >= first_packed && !packs_b && panels > 1) of.ahead = {of.b.data + right_size, line};
            multiply_strip(ceil_div(columns, width<T>), count, of);
            finish(i, count, j, columns);
        }
    }

private:
    template <int Columns = GemmTile<T>::columns>
    void multiply_strip(int64_t batches, int64_t rows, GemmOperands<T>& of) const {
        if (batches == Columns) return gemm_strip<T, Columns>(rows, k, packs_left, of);
        if constexpr (Columns > 1) multiply_strip<Columns - 1>(batches, rows, of);
    }
};

/// What is called for each part of C that is done: a function and its argument, so that one code for gemm
/// serves every epilogue.
struct GemmFinish {
    void (*call)(const void* self, int64_t row, int64_t rows, int64_t column, int64_t columns) = nullptr;
    const void* self = nullptr;
    int64_t row = 0, column = 0;  // where the block begins in C

    template <class F>
    static GemmFinish calling(const F& f) {
        return {[](const void* to, int64_t i, int64_t rows, int64_t j, int64_t columns) {
                    (*static_cast<const F*>(to))(i, rows, j, columns);
                },
                &f};
    }
    GemmFinish from(int64_t i, int64_t j) const { return {call, self, row + i, column + j}; }
    void operator()(int64_t i, int64_t rows, int64_t j, int64_t columns) const {
        if (call != nullptr) call(self, row + i, rows, column + j, columns);
    }
};

/// C (+)= A B for one block of k; finish(i, rows, j, columns) is called for each part of C that is done.
///
/// A panel that several tasks read is packed before them, by all threads. One that a single task reads is packed
/// by it: into memory that is still in L2 when the tiles read it, and without a wait for the other threads.
template <class T>
void gemm_block(GemmBlock<T>& block, const GemmFinish& finish) {
    const GemmTasks tasks = gemm_tasks<T>(block.m, block.n, block.k);
    const int64_t along = ceil_div(block.wide, tasks.columns), across = ceil_div(block.tall, tasks.rows);
    const bool shared = across > 1 && !tasks.own_panels && block.right_panels == nullptr;
    const int64_t rights = shared ? block.wide - block.first_packed : 0;
    const int64_t lefts = along > 1 && block.packs_left ? block.tall : 0;
    Scratch<T> scratch;
    if (rights + lefts > 0) {
        scratch = Scratch<T>(rights * block.right_size + lefts * block.left_size + pack_slack<T>);
        T* const right = scratch.data();
        T* const left = right + rights * block.right_size;
        if (rights > 0) block.right_panels = right;
        if (lefts > 0) block.left_panels = left;
        parallel_for(rights + lefts, ceil_div(pack_grain, block.right_size), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t)
                if (t < rights)
                    block.pack_right(block.first_packed + t, right + t * block.right_size);
                else
                    block.pack_left(t - rights, left + (t - rights) * block.left_size);
        });
    }
    parallel_for(across * along, 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t row = t / along * tasks.rows, panel = t % along * tasks.columns;
            const int64_t rows = block.tall - row < tasks.rows ? block.tall - row : tasks.rows;
            const int64_t panels = block.wide - panel < tasks.columns ? block.wide - panel : tasks.columns;
            block.multiply(row, rows, panel, panels, finish);
        }
    });
}

}
