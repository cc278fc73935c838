// Tables of text with a separator (RFC 4180): quoted fields, doubled quotes inside them, lines that end with
// LF or CRLF.
#pragma once

#include <charconv>
#include <vector>

#include "../tensor/copy.hpp"
#include "byte_source.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CsvOptions {
    char separator = ',';
    /// The first row names the columns; without it they are called "0", "1", ...
    bool header = true;
};

/// A table as texts; columns become tensors when they are asked for.
class CsvTable {
public:
    int64_t rows() const { return static_cast<int64_t>(lines_.size()); }
    const std::vector<std::string>& names() const { return names_; }
    /// The text in row `row` of a column.
    /// Throws   IndexError: no such row or column
    std::string_view text(int64_t row, std::string_view name) const {
        if (row < 0 || row >= rows())
            detail::fail<IndexError>("csv", path_, ": row ", row, " is outside [0, ", rows(), ")");
        return field(row, find(name));
    }
    /// A column of texts.
    /// Throws   IndexError: no such column
    std::vector<std::string> texts(std::string_view name) const {
        const std::size_t column = find(name);
        std::vector<std::string> result;
        for (int64_t row = 0; row < rows(); ++row) result.emplace_back(field(row, column));
        return result;
    }
    /// A column of numbers, or of "true" and "false" for bool. NaN for an empty field of a floating column.
    /// Shape    (rows,)
    /// Throws   IndexError: no such column; IoError: a text that is no T, with its line and column
    template <class T>
    Tensor<T> column(std::string_view name) const {
        Tensor<T> x = empty<T>({rows()});
        read_column(find(name), detail::output(x), 1);
        return x;
    }
    /// Several columns of numbers side by side; all of them for no names.
    /// Shape    (rows, columns)
    /// Throws   as column
    template <class T>
    Tensor<T> columns(std::vector<std::string> names = {}) const {
        if (names.empty()) names = names_;
        const auto width = static_cast<int64_t>(names.size());
        Tensor<T> x = empty<T>({rows(), width});
        for (int64_t i = 0; i < width; ++i)
            read_column(find(names[static_cast<std::size_t>(i)]), detail::output(x) + i, width);
        return x;
    }

private:
    friend class CsvReader;

    std::size_t find(std::string_view name) const {
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (names_[i] == name) return i;
        detail::fail<IndexError>("csv", path_, ": there is no column '", name, "'");
    }
    std::string_view field(int64_t row, std::size_t column) const {
        const std::size_t i = static_cast<std::size_t>(row) * names_.size() + column;
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(begin, ends_[i] - begin);
    }
    template <class T>
    void read_column(std::size_t column, T* out, int64_t step) const {
        for (int64_t row = 0; row < rows(); ++row, out += step)
            if (!parse(field(row, column), *out))
                detail::fail<IoError>("csv", path_, ": line ", lines_[static_cast<std::size_t>(row)],
                                      ", column '", names_[column], "': '", field(row, column).substr(0, 40),
                                      "' is no ", name(dtype_of<T>));
    }
    template <class T>
    static bool parse(std::string_view text, T& out) {
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        if constexpr (std::is_same_v<T, bool>) {
            out = text == "true" || text == "True" || text == "1";
            return out || text == "false" || text == "False" || text == "0";
        } else {
            if (Floating<T> && text.empty()) {
                out = std::numeric_limits<T>::quiet_NaN();
                return true;
            }
            if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
            // A number, and nothing behind it, whatever the locale says. Out of range is no number.
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
            return error == std::errc() && end == text.data() + text.size();
        }
    }

    std::string path_;
    std::vector<std::string> names_;
    std::string text_;               // the fields of all rows, one behind the other
    std::vector<std::size_t> ends_;  // where each ends
    std::vector<int64_t> lines_;     // where each row begins, from 1
};

/// Reads a file into a table, character by character.
class CsvReader {
public:
    CsvReader(const std::string& path, CsvOptions options) : options_(options) {
        const InputFile file("csv", path);
        table_.path_ = path;
        input_.resize(static_cast<std::size_t>(file.size()));
        file.read(0, input_.data(), file.size());
        // A byte order mark, as spreadsheets write it.
        if (input_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    CsvTable read() {
        std::vector<std::string> row;
        bool first = true;
        while (at_ < input_.size()) {
            const int64_t line = line_;
            read_row(row);
            // An empty line says nothing, but in a table of one column, where it is an empty field.
            if (row.size() == 1 && row[0].empty() && !quoted_ && (first || table_.names_.size() != 1))
                continue;
            if (first) {
                first = false;
                name_columns(row, line);
                if (options_.header) continue;
            }
            if (row.size() != table_.names_.size())
                fail(line, 1, row.size(), " fields, there are ", table_.names_.size(), " columns");
            for (const std::string& field : row) {
                table_.text_ += field;
                table_.ends_.push_back(table_.text_.size());
            }
            table_.lines_.push_back(line);
        }
        if (first && options_.header) fail(1, 1, "there is no header");
        return std::move(table_);
    }

private:
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(int64_t line, std::size_t column, const Parts&... parts) const {
        detail::fail<IoError>("csv", table_.path_, ": line ", line, ", column ", column, ": ", parts...);
    }
    void name_columns(const std::vector<std::string>& row, int64_t line) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string name = options_.header ? row[i] : std::to_string(i);
            for (const std::string& other : table_.names_)
                if (other == name) fail(line, 1, "the column '", name.substr(0, 40), "' is there twice");
            table_.names_.push_back(name);
        }
    }
    /// The fields up to the end of the line, which is read too.
    void read_row(std::vector<std::string>& row) {
        row.clear();
        quoted_ = false;
        const std::size_t begin = at_;
        for (;;) {
            row.emplace_back();
            if (at_ < input_.size() && input_[at_] == '"')
                read_quoted(row.back(), begin);
            else
                while (at_ < input_.size() && !ends_field(input_[at_])) {
                    if (input_[at_] == '"')
                        fail(line_, at_ - begin + 1, "a quote inside a field without quotes");
                    row.back() += input_[at_++];
                }
            if (at_ == input_.size()) return;
            const char c = input_[at_++];
            if (c == options_.separator) continue;
            if (c == '\r' && at_ < input_.size() && input_[at_] == '\n') ++at_;
            ++line_;
            return;
        }
    }
    void read_quoted(std::string& field, std::size_t begin) {
        const int64_t line = line_;
        const std::size_t place = at_ - begin + 1;
        quoted_ = true;
        for (++at_;; ++at_) {
            if (at_ == input_.size()) fail(line, place, "a quoted field does not end");
            if (input_[at_] == '"') {
                if (at_ + 1 == input_.size() || input_[at_ + 1] != '"') break;
                ++at_;
            }
            if (input_[at_] == '\n') ++line_;
            field += input_[at_];
        }
        if (++at_ < input_.size() && !ends_field(input_[at_]))
            fail(line_, at_ - begin + 1, "something follows a quoted field");
    }
    bool ends_field(char c) const { return c == options_.separator || c == '\n' || c == '\r'; }

    CsvOptions options_;
    CsvTable table_;
    std::string input_;
    std::size_t at_ = 0;
    int64_t line_ = 1;
    bool quoted_ = false;
};

/// The table of a file.
///   const CsvTable table = read_csv("iris.csv");
///   const auto x = table.columns<float>({"sepal length", "sepal width"});
/// Throws   IoError: no such file, rows of different lengths, a column that is there twice, quotes that are
///          not in pairs
inline CsvTable read_csv(const std::string& path, CsvOptions options = {}) {
    return CsvReader(path, options).read();
}

/// A text as a field, in quotes where it needs them.
inline void append_csv_field(std::string& out, std::string_view text, char separator = ',') {
    const char special[] = {separator, '"', '\n', '\r', '\0'};
    if (text.find_first_of(special) == text.npos && !text.starts_with(' ') && !text.ends_with(' ')) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    out += '"';
}

}
