// Where the time of a program goes, operation by operation.
//
//   Profiler profiler;
//   {
//       const ProfileRegion region(profiler, "step");
//       model(x).backward();
//   }
//   std::puts(profiler.table().c_str());
//   profiler.save_trace("trace.json");          // for chrome://tracing or ui.perfetto.dev
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "../autograd/watch.hpp"
#include "../io/atomic_file.hpp"
#include "../io/json.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// All calls of one operation.
struct ProfileRow {
    std::string name;  // "matmul", or "matmul backward"
    int64_t calls = 0;
    double seconds = 0;
    /// Estimates: 2 m n k of a product, 4 of each score and feature of attention, else one for each element
    /// of the larger side; a backward has twice those of its forward.
    double flop = 0;
    /// Of the result and the inputs; elementwise operations count their result twice.
    double bytes = 0;
};

/// While it lives, it writes down what the operations of this thread cost. An operation is known when it has
/// its result: its time goes from the end of the one before, so what the program does in between counts to
/// it, unless a region begins or ends there.
class Profiler final : detail::Watcher {
public:
    Profiler() : before_(std::exchange(detail::watcher, static_cast<detail::Watcher*>(this))) {}
    Profiler(const Profiler&) = delete;
    Profiler& operator=(const Profiler&) = delete;
    ~Profiler() { detail::watcher = before_; }

    /// By time, the longest first.
    std::vector<ProfileRow> rows() const {
        std::vector<ProfileRow> sorted = rows_;
        std::sort(sorted.begin(), sorted.end(),
                  [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
        return sorted;
    }
    /// The `limit` longest as lines, and the sum of all.
    std::string table(std::size_t limit = 20) const {
        std::string out;
        char line[160];
        const auto put = [&](const ProfileRow& row, double whole) {
            const double s = row.seconds > 0 ? row.seconds : 1e-12;
            std::snprintf(line, sizeof line, "%-36.36s %8lld %10.3f ms %6.1f %% %9.1f GFLOP/s %8.1f GB/s\n",
                          row.name.c_str(), static_cast<long long>(row.calls), row.seconds * 1e3,
                          whole > 0 ? row.seconds / whole * 100 : 0, row.flop / s * 1e-9,
                          row.bytes / s * 1e-9);
            out += line;
        };
        std::snprintf(line, sizeof line, "%-36s %8s %13s %8s %17s %13s\n", "operation", "calls", "time",
                      "share", "speed", "memory");
        out += line;
        ProfileRow total{.name = "all"};
        for (const ProfileRow& row : rows_) {
            total.calls += row.calls;
            total.seconds += row.seconds;
            total.flop += row.flop;
            total.bytes += row.bytes;
        }
        const std::vector<ProfileRow> sorted = rows();
        for (std::size_t i = 0; i < std::min(limit, sorted.size()); ++i) put(sorted[i], total.seconds);
        put(total, total.seconds);
        return out;
    }
    /// Every operation and region by the time at which it ran, as Chrome's trace viewer reads it; the first
    /// million of them.
    /// Throws   IoError: the file cannot be written
    void save_trace(const std::string& path) const {
        std::string out = "{\"traceEvents\":[";
        char numbers[160];
        for (const Event& event : events_) {
            out += &event == events_.data() ? "\n{\"name\":" : ",\n{\"name\":";
            append_json_string(
                out, event.row < rows_.size() ? rows_[event.row].name : regions_[event.row - region]);
            std::snprintf(numbers, sizeof numbers,
                          ",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":%.3f,\"dur\":%.3f", event.begin * 1e6,
                          event.seconds * 1e6);
            out += numbers;
            if (!event.shape.empty()) out += ",\"args\":{\"shape\":\"" + event.shape + "\"}";
            out += '}';
        }
        out += "\n]}\n";
        AtomicFile file("profiler", path);
        file.write(out.data(), static_cast<int64_t>(out.size()));
        file.commit();
    }

private:
    friend class ProfileRegion;
    static constexpr std::size_t region = std::size_t{1} << 40;  // events from there on are regions
    struct Event {
        std::size_t row;
        double begin, seconds;
        std::string shape;
    };

    double now() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }
    void done(const char* name, const TensorBase& y, std::span<const detail::Input> inputs) override {
        if (depth_ > 0) return;  // a part of a backward
        const double flop = flop_of(name, y, inputs);
        double bytes = size_of(y);
        if (inputs.empty()) bytes *= 2;
        for (const detail::Input& in : inputs)
            if (in.tensor->defined()) bytes += size_of(*in.tensor);
        forward_[key(name, y)] = {flop, bytes};
        add(name, y, flop, bytes);
    }
    void backward_begins(const char* name, const TensorBase& dy) override {
        if (depth_++ > 0) return;
        last_ = now();
        backward_name_ = std::string(name) + " backward";
        backward_of_ = key(name, dy);
        backward_ = dy;
    }
    void backward_ends() override {
        if (--depth_ > 0) return;
        const auto forward = forward_.find(backward_of_);
        const std::pair<double, double> cost =
            forward != forward_.end() ? forward->second : std::pair(0.0, 0.0);
        add(backward_name_, backward_, 2 * cost.first, 2 * cost.second);
        backward_ = TensorBase();
    }

    void add(const std::string& name, const TensorBase& y, double flop, double bytes) {
        const double end = now();
        const auto [at, fresh] = by_name_.try_emplace(name, rows_.size());
        if (fresh) rows_.push_back({.name = name});
        ProfileRow& row = rows_[at->second];
        ++row.calls;
        row.seconds += end - last_;
        row.flop += flop;
        row.bytes += bytes;
        if (events_.size() < 1'000'000)
            events_.push_back({at->second, last_, end - last_, y.shape().to_string()});
        last_ = now();  // what this took is nobody's time
    }
    static std::string key(const char* name, const TensorBase& y) { return name + y.shape().to_string(); }
    static double size_of(const TensorBase& x) {
        return static_cast<double>(x.numel()) * static_cast<double>(itemsize(x.dtype()));
    }
    static double flop_of(std::string_view name, const TensorBase& y, std::span<const detail::Input> inputs) {
        const auto count = [](const TensorBase& x) { return static_cast<double>(x.numel()); };
        if (name == "matmul" || name == "linear" || name == "bmm" || name == "addmm")
            for (const detail::Input& in : inputs)
                if (in.tensor->defined() && in.tensor->rank() > 0)
                    return 2 * count(y) * static_cast<double>(in.tensor->shape().back());
        if (name == "scaled_dot_product_attention" && inputs.size() >= 2 && inputs[1].tensor->rank() >= 2)
            return 4 * count(y) * static_cast<double>(inputs[1].tensor->size(-2));
        double most = count(y);
        for (const detail::Input& in : inputs)
            if (in.tensor->defined()) most = std::max(most, count(*in.tensor));
        return most;
    }

    detail::Watcher* before_;
    detail::FlagScope watched_{detail::watched, true};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    double last_ = 0;
    int depth_ = 0;  // backward inside backward
    std::string backward_name_, backward_of_;
    TensorBase backward_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::map<std::string, std::pair<double, double>, std::less<>>
        forward_;  // FLOP and bytes by name and shape
    std::vector<ProfileRow> rows_;
    std::vector<Event> events_;
    std::vector<std::string> regions_;
};

/// A part of the program by name, in the trace. The operation after its beginning, and after its end, begins
/// there.
class ProfileRegion {
public:
    ProfileRegion(Profiler& profiler, std::string name) : profiler_(profiler), begin_(profiler.now()) {
        profiler.regions_.push_back(std::move(name));
        number_ = profiler.regions_.size() - 1;
        profiler.last_ = begin_;
    }
    ProfileRegion(const ProfileRegion&) = delete;
    ProfileRegion& operator=(const ProfileRegion&) = delete;
    ~ProfileRegion() {
        const double end = profiler_.now();
        profiler_.events_.push_back({Profiler::region + number_, begin_, end - begin_, ""});
        profiler_.last_ = end;
    }

private:
    Profiler& profiler_;
    double begin_;
    std::size_t number_ = 0;
};

}
