// Numbers of a training run as lines of a file, flushed one by one: CSV and JSONL.
//
//   CsvLog log("run.csv", {"loss", "lr"}, {.resume_step = state.step});
//   log.write(step, {{"loss", loss.item()}, {"lr", lr}});
#pragma once

#include <charconv>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <vector>

#include "../io/atomic_file.hpp"
#include "../io/csv.hpp"
#include "../io/json.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A number of a step, under its name.
struct Metric {
    std::string_view name;
    double value;
};

struct LogOptions {
    /// Go on behind the lines that are there up to this step: what a run wrote after the checkpoint from
    /// which it goes on is cut off. Below 0 the file begins anew.
    int64_t resume_step = -1;
};

namespace detail {

/// The shortest text that is read back as the same number; "nan" and "inf" too.
inline std::string shortest(double value) {
    char text[32];
    const auto result = std::to_chars(text, text + sizeof text, value);
    return {text, result.ptr};
}

/// A file of lines that end with a new line each, of which the ones behind `prefix` begin with a step.
class LineLog {
public:
    LineLog(const char* op, std::string path, std::string_view prefix, std::string header,
            int64_t resume_step)
        : op_(op), path_(std::move(path)) {
        std::string kept;
        if (resume_step >= 0 && ::access(path_.c_str(), F_OK) == 0)
            kept = lines_until(resume_step, prefix, header);
        if (kept.empty()) kept = header;
        AtomicFile file(op_, path_);
        file.write(kept.data(), static_cast<int64_t>(kept.size()));
        file.commit();
        file_.reset(std::fopen(path_.c_str(), "ae"));
        if (file_ == nullptr) fail_system(op_, path_, "cannot be opened");
    }
    void write(const std::string& line) {
        if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() ||
            std::fflush(file_.get()) != 0)
            fail_system(op_, path_, "cannot be written");
    }
    const std::string& path() const { return path_; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    /// The header and the lines up to that step; a last line that is not whole is dropped.
    std::string lines_until(int64_t step, std::string_view prefix, const std::string& header) const {
        const InputFile file(op_, path_);
        std::string text(static_cast<std::size_t>(file.size()), '\0');
        file.read(0, text.data(), file.size());
        if (text.empty()) return text;
        if (!text.starts_with(header)) file.fail(0, "the columns are not those of this run");
        std::string kept = header;
        for (std::size_t at = header.size(), end = 0; (end = text.find('\n', at)) != text.npos;
             at = end + 1) {
            const std::string_view line = std::string_view(text).substr(at, end + 1 - at);
            int64_t found = -1;
            if (line.starts_with(prefix))
                std::from_chars(line.data() + prefix.size(), line.data() + line.size(), found);
            if (found < 0) file.fail(static_cast<int64_t>(at), "a line without a step");
            if (found <= step) kept += line;
        }
        return kept;
    }

    const char* op_;
    std::string path_;
    std::unique_ptr<std::FILE, Close> file_;
};

}

/// A table: a header, then a line a step.
class CsvLog {
public:
    /// Throws   IoError: the file cannot be written, or the one to go on with has other columns
    CsvLog(std::string path, std::vector<std::string> columns, LogOptions options = {})
        : columns_(std::move(columns)), log_("csv", std::move(path), "", header(), options.resume_step) {}

    /// One line; a column that has no number stays empty. What is not finite is written as "nan", "inf" or
    /// "-inf".
    /// Throws   ValueError: a name that is no column; IoError: the disk is full
    void write(int64_t step, std::initializer_list<Metric> metrics) {
        std::vector<std::string> fields(columns_.size());
        for (const Metric& metric : metrics) {
            const auto at = std::find(columns_.begin(), columns_.end(), metric.name);
            if (at == columns_.end())
                detail::fail<ValueError>("csv", log_.path(), ": there is no column '", metric.name, "'");
            fields[static_cast<std::size_t>(at - columns_.begin())] = detail::shortest(metric.value);
        }
        std::string line = std::to_string(step);
        for (const std::string& field : fields) line += ',' + field;
        log_.write(line + '\n');
    }

private:
    std::string header() const {
        std::string line = "step";
        for (const std::string& column : columns_) {
            line += ',';
            append_csv_field(line, column);
        }
        return line + '\n';
    }
    std::vector<std::string> columns_;
    detail::LineLog log_;
};

/// A line a step, each a JSON object: {"step":1,"loss":2.5}. Any names at any step.
class JsonlLog {
public:
    /// Throws   IoError: the file cannot be written, or the one to go on with is no such log
    explicit JsonlLog(std::string path, LogOptions options = {})
        : log_("jsonl", std::move(path), "{\"step\":", "", options.resume_step) {}

    /// One line. JSON has no number that is not finite: null stands for it.
    /// Throws   ValueError: a name that is not UTF-8; IoError: the disk is full
    void write(int64_t step, std::initializer_list<Metric> metrics) {
        std::string line = "{\"step\":" + std::to_string(step);
        for (const Metric& metric : metrics) {
            line += ',';
            append_json_string(line, metric.name);
            line += ':';
            const double v = metric.value;
            line += v - v == 0 ? detail::shortest(v) : "null";
        }
        log_.write(line + "}\n");
    }

private:
    detail::LineLog log_;
};

}
