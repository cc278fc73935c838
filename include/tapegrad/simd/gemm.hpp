// C = A B for matrices of any strides: blocks of k, panels packed by all threads, then tiles of C by all
// threads.
//
// The bits of an element depend on k and on the two vectors it is made of, not on where it lies, which path
// packs it or how many threads run: blocks of k are cut by k alone, k is never split between threads, and
// every tile sums in the order of gemm_kernel.hpp. A product with one row or one column sums in the order of
// gemm_vector.hpp.
#pragma once

#include "gemm_vector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The epilogue that does nothing.
struct Identity {
    template <class T>
    TAPEGRAD_INLINE Batch<T> operator()(const Batch<T>& value, int64_t, int64_t) const {
        return value;
    }
};

namespace detail {

/// Most terms that an element sums in registers before they are added to C: few enough that a block of rows
/// of A stays in L2, many enough that reading and writing C is hidden.
inline constexpr int64_t gemm_depth = 384;
/// Rows and columns that are packed at once: bounds of the scratch memory, 3 MB each for float.
inline constexpr int64_t gemm_rows = 2016, gemm_columns = 2016;
/// Multiplications below which a second thread costs more than it brings (about 10 us of one core).
inline constexpr int64_t gemm_serial = 512 * 1024;
/// Elements that one thread packs at least.
inline constexpr int64_t pack_grain = 16384;

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <class T, class Epilogue>
void apply_epilogue(T* c, int64_t ldc, int64_t row, int64_t rows, int64_t col, int64_t cols,
                    Epilogue& epilogue) {
    constexpr int64_t w = width<T>;
    for (int64_t i = row; i < row + rows; ++i) {
        T* const to = c + i * ldc;
        int64_t j = col;
        for (; j + w <= col + cols; j += w) Batch<T>(epilogue(Batch<T>::load(to + j), i, j)).store(to + j);
        if (j == col + cols) continue;
        T edge[Batch<T>::size] = {};
        copy_short<w / 2>(edge, to + j, col + cols - j);
        Batch<T>(epilogue(Batch<T>::load(edge), i, j)).store(edge);
        copy_short<w / 2>(to + j, edge, col + cols - j);
    }
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
    if (packed) of.a.step = Rows;
    const int64_t next = !packed ? Rows * of.a.row : Rows == GemmTile<T>::rows ? left_panel<T>(k) : Rows * k;
    for (; m >= Rows; m -= Rows) {
        gemm_tile<T, Rows, Columns>(k, of);
        of.a.data += next;
        of.c.data += Rows * of.c.row;
    }
    if constexpr (Rows > 1)
        if (m > 0) gemm_strip<T, Columns, next_rows(Rows)>(m, k, packed, of);
}

template <class T>
void pack_rows(MatrixRef<T> a, int64_t m, int64_t k, T* to) {
    int64_t rows = GemmTile<T>::rows;
    for (int64_t i = 0; i < m;) {
        while (rows > m - i) rows = next_rows(static_cast<int>(rows));
        pack(a.data + i * a.row_stride, a.row_stride, a.col_stride, rows, k, to, rows);
        to += rows * k;
        i += rows;
    }
}

/// How many tiles a task takes along each side of C.
struct GemmTasks {
    int64_t rows, columns;
};

/// Several tasks a thread, so that a slow core costs little; tall ones, so that a panel of B is used often
/// once it is in L1, until B does not fit L2.
template <class T>
GemmTasks gemm_tasks(int64_t m, int64_t n, int64_t k) {
    const int64_t tall = ceil_div(m, GemmTile<T>::rows), wide = ceil_div(n, GemmTile<T>::width);
    const bool b_in_cache = n * k * static_cast<int64_t>(sizeof(T)) <= 256 * 1024;
    const int64_t wanted = m * n * k < gemm_serial ? 1 : 4 * num_threads();
    int64_t across = ceil_div(tall, 12);
    if (b_in_cache && across < wanted) across = wanted;
    if (across > tall) across = tall;
    int64_t along = ceil_div(wanted, across);
    if (along > wide) along = wide;
    return {ceil_div(tall, across), ceil_div(wide, along)};
}

/// Reading rows where they lie costs nothing when their stride spreads them over the cache; a stride that is
/// a multiple of a large power of two puts them all into the same few sets.
template <class T>
bool gemm_packs_left(MatrixRef<T> a, int64_t n) {
    const int64_t stride = a.col_stride == 1 ? a.row_stride : a.col_stride;
    const bool contiguous = a.col_stride == 1 || a.row_stride == 1;
    const bool spread = stride * static_cast<int64_t>(sizeof(T)) % 1024 != 0;
    return n > 3 * GemmTile<T>::width && !(contiguous && spread);
}

/// C (+)= A B for at most gemm_rows x gemm_columns of C and one block of k, then the epilogue where `last`.
template <class T, class Epilogue>
void gemm_block(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c, int64_t ldc,
                int64_t row0, int64_t col0, bool add, bool last, Epilogue& epilogue) {
    constexpr int64_t height = GemmTile<T>::rows, breadth = GemmTile<T>::width;
    const int64_t tall = ceil_div(m, height), wide = ceil_div(n, breadth);
    const bool pack_a = gemm_packs_left(a, n);
    // Rows of B that are contiguous are read where they lie when few rows of A share them; but never past
    // their end.
    const bool pack_b = b.col_stride != 1 || m > 4 * height;
    const int64_t first_packed = pack_b ? 0 : n % width<T> == 0 ? wide : wide - 1;
    const int64_t a_panel = left_panel<T>(k), b_panel = breadth * k;
    const int64_t b_panels = wide - first_packed, a_panels = pack_a ? tall : 0;
    Scratch<T> scratch(b_panels * b_panel + pack_slack<T> + a_panels * a_panel);
    T* const b_packed = scratch.data();
    T* const a_packed = b_packed + b_panels * b_panel + pack_slack<T>;

    parallel_for(b_panels + a_panels, ceil_div(pack_grain, b_panel), [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            if (t < b_panels) {
                const int64_t j = (first_packed + t) * breadth;
                pack(b.data + j * b.col_stride, b.col_stride, b.row_stride, n - j < breadth ? n - j : breadth,
                     k, b_packed + t * b_panel, breadth);
            } else {
                const int64_t i = (t - b_panels) * height;
                pack_rows(a.at(i, 0), m - i < height ? m - i : height, k,
                          a_packed + (t - b_panels) * a_panel);
            }
        }
    });

    const GemmTasks tasks = gemm_tasks<T>(m, n, k);
    const int64_t along = ceil_div(wide, tasks.columns);
    parallel_for(ceil_div(tall, tasks.rows) * along, 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t i = t / along * tasks.rows * height, panel0 = t % along * tasks.columns;
            const int64_t rows = m - i < tasks.rows * height ? m - i : tasks.rows * height;
            const int64_t panel1 = panel0 + tasks.columns < wide ? panel0 + tasks.columns : wide;
            const GemmRows<T> left = pack_a ? GemmRows<T>{a_packed + i / height * a_panel, 1, height}
                                            : GemmRows<T>{a.at(i, 0).data, a.row_stride, a.col_stride};
            for (int64_t panel = panel0; panel < panel1; ++panel) {
                const int64_t j = panel * breadth, cols = n - j < breadth ? n - j : breadth;
                const GemmColumns<T> right =
                    panel < first_packed
                        ? GemmColumns<T>{b.data + j, b.row_stride}
                        : GemmColumns<T>{b_packed + (panel - first_packed) * b_panel, breadth};
                GemmOperands<T> of{left, right, {c + (row0 + i) * ldc + col0 + j, ldc, cols, add}};
                unroll<GemmTile<T>::columns>([&](auto batches) {
                    if (ceil_div(cols, width<T>) == batches + 1)
                        gemm_strip<T, batches + 1>(rows, k, pack_a, of);
                });
                if constexpr (!std::is_same_v<Epilogue, Identity>)
                    if (last) apply_epilogue(c, ldc, row0 + i, rows, col0 + j, cols, epilogue);
            }
        }
    });
}

}

/// Matrix product of row-major C with A and B of any strides.
///   C_ij = epilogue(sum_p A_ip B_pj), plus what C_ij held when `accumulate`
/// Shape    A (m, k), B (k, n), C (m, n) at c[i * ldc + j]; C overlaps neither A nor B
/// Numeric  |error| <= (k + 1) eps (|A| |B|)_ij; k is summed in blocks of at most 384. NaN and inf propagate
/// as
///          in the sum. k = 0 is a sum of zero. The same bits for any number of threads, strides and position
///          in C; with one row or column they may depend on which stride of the matrix is 1
/// The epilogue is called as `Batch<T> epilogue(Batch<T> value, int64_t row, int64_t col)` for W columns from
/// `col`, once for each element, on several threads. Where fewer than W columns are left, the further
/// elements of `value` are zeros or stale, what is returned in them is dropped, and a read of memory at `col`
/// must stop at n.
template <class T, class Epilogue = Identity>
void gemm(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c, int64_t ldc,
          bool accumulate = false, Epilogue epilogue = {}) {
    static_assert(Vectorized<T>, "gemm takes float and double");
    if (m <= 0 || n <= 0) return;
    const bool vector = (n == 1 && (a.col_stride == 1 || a.row_stride == 1)) ||
                        (m == 1 && (b.col_stride == 1 || b.row_stride == 1));
    if (k <= 0) {
        for (int64_t i = 0; i < m && !accumulate; ++i)
            for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = T(0);
    } else if (vector) {
        if (n == 1 && (m > 1 || a.col_stride == 1 || a.row_stride == 1))
            detail::gemv(m, k, a, b.data, b.row_stride, c, ldc, accumulate);
        else
            detail::gemv(n, k, b.transposed(), a.data, a.col_stride, c, int64_t{1}, accumulate);
    } else {
        const int64_t blocks = detail::ceil_div(k, detail::gemm_depth);
        const int64_t depth = detail::ceil_div(detail::ceil_div(k, blocks), 16) * 16;
        for (int64_t j = 0; j < n; j += detail::gemm_columns)
            for (int64_t p = 0; p < k; p += depth)
                for (int64_t i = 0; i < m; i += detail::gemm_rows) {
                    const int64_t rows = m - i < detail::gemm_rows ? m - i : detail::gemm_rows;
                    const int64_t cols = n - j < detail::gemm_columns ? n - j : detail::gemm_columns;
                    const int64_t terms = k - p < depth ? k - p : depth;
                    detail::gemm_block(rows, cols, terms, a.at(i, p), b.at(p, j), c, ldc, i, j,
                                       accumulate || p > 0, p + terms == k, epilogue);
                }
        return;
    }
    if constexpr (!std::is_same_v<Epilogue, Identity>)
        detail::apply_epilogue(c, ldc, int64_t{0}, m, int64_t{0}, n, epilogue);
}

}
