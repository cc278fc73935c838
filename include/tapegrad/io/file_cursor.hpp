// Reading a file from one place on, number by number, through a small buffer.
#pragma once

#include <algorithm>
#include <vector>

#include "bytes.hpp"
#include "input_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

class FileCursor {
public:
    explicit FileCursor(const InputFile& file, int64_t offset = 0) : file_(file), at_(offset) {}

    int64_t offset() const { return at_; }
    /// Bytes from here to the end.
    int64_t left() const { return file_.size() - at_; }
    const InputFile& file() const { return file_; }

    /// The next number, little endian.
    /// Throws   IoError: the file ends before `what` does
    template <class U>
    U take(std::string_view what) {
        std::byte bytes[sizeof(U)];
        take(bytes, sizeof(U), what);
        return detail::little<U>(bytes);
    }
    /// The next n bytes, added to `out`. They are there before memory is asked for.
    void append(std::string& out, std::uint64_t n, std::string_view what) {
        if (n > static_cast<std::uint64_t>(left())) fail_short(n, what);
        const std::size_t before = out.size();
        out.resize(before + static_cast<std::size_t>(n));
        take(out.data() + before, static_cast<int64_t>(n), what);
    }
    /// A text behind its length of 64 bits, which is at most `limit`.
    std::string string(std::uint64_t limit, std::string_view what) {
        const int64_t begin = at_;
        const auto length = take<std::uint64_t>(what);
        if (length > limit) file_.fail(begin, what, ": ", length, " bytes; at most ", limit, " are allowed");
        std::string out;
        append(out, length, what);
        return out;
    }

private:
    static constexpr int64_t buffer_size = 1 << 16;

    void take(void* out, int64_t n, std::string_view what) {
        if (n > left()) fail_short(static_cast<std::uint64_t>(n), what);
        if (n > buffer_size) {
            file_.read(at_, out, n);
        } else {
            if (at_ < begin_ || at_ + n > begin_ + static_cast<int64_t>(buffer_.size())) {
                buffer_.resize(static_cast<std::size_t>(std::min(buffer_size, left())));
                begin_ = at_;
                file_.read(at_, buffer_.data(), static_cast<int64_t>(buffer_.size()));
            }
            if (n > 0) std::memcpy(out, buffer_.data() + (at_ - begin_), static_cast<std::size_t>(n));
        }
        at_ += n;
    }
    [[noreturn, gnu::cold]] void fail_short(std::uint64_t n, std::string_view what) const {
        file_.fail(at_, what, ": ", n, " bytes are wanted, ", left(), " are left");
    }

    const InputFile& file_;
    int64_t at_, begin_ = 0;
    std::vector<std::byte> buffer_;
};

}
