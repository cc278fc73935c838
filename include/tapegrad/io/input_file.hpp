// Reading a file that somebody else wrote, at any place in it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
/// An IoError that names the reader, the file and the system's reason.
[[noreturn, gnu::cold]] inline void fail_system(std::string_view op, const std::string& path,
                                                std::string_view what) {
    const int reason = errno;
    fail<IoError>(op, path, ": ", what, ": ", std::strerror(reason));
}
/// A name as a message shows it: of bounded length, without control characters.
inline std::string shown(std::string_view name) {
    std::string out = "'";
    for (const char c : name.substr(0, 80))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return out + (name.size() > 80 ? "...'" : "'");
}
}

/// A regular file, open for reading. It is read, not mapped: a file that shrinks meanwhile is an error, not a
/// signal.
class InputFile {
public:
    /// `op` names the reader in errors.
    /// Throws   IoError: it cannot be opened, or is no regular file
    InputFile(std::string op, std::string path) : op_(std::move(op)), path_(std::move(path)) {
        handle_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if (handle_ < 0) detail::fail_system(op_, path_, "cannot be opened");
        struct stat status {};
        if (::fstat(handle_, &status) != 0) fail_closing("cannot be examined");
        if (!S_ISREG(status.st_mode)) {
            ::close(handle_);
            detail::fail<IoError>(op_, path_, ": is no regular file");
        }
        size_ = status.st_size;
    }
    InputFile(InputFile&& o) noexcept
        : op_(std::move(o.op_)),
          path_(std::move(o.path_)),
          handle_(std::exchange(o.handle_, -1)),
          size_(o.size_) {}
    InputFile& operator=(InputFile&& o) noexcept {
        std::swap(op_, o.op_);
        std::swap(path_, o.path_);
        std::swap(handle_, o.handle_);
        std::swap(size_, o.size_);
        return *this;
    }
    ~InputFile() {
        if (handle_ >= 0) ::close(handle_);
    }

    /// Names the reader in errors.
    const std::string& op() const { return op_; }
    const std::string& path() const { return path_; }
    /// Bytes, when it was opened.
    int64_t size() const { return size_; }

    /// Reads bytes [offset, offset + n).
    /// Throws   IoError: there are not that many, or the system fails
    void read(int64_t offset, void* out, int64_t n) const {
        if (offset < 0 || n < 0 || offset > size_ || n > size_ - offset)
            fail(offset, n, " bytes are wanted, the file has ", size_);
        auto* to = static_cast<std::byte*>(out);
        while (n > 0) {
            const ssize_t got = ::pread(handle_, to, static_cast<std::size_t>(n), static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) detail::fail_system(op_, path_, "cannot be read");
            if (got == 0) fail(offset, "the file became shorter while it was read");
            to += got;
            offset += got;
            n -= got;
        }
    }

    /// An IoError that names the reader, the file and the place.
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(int64_t offset, const Parts&... parts) const {
        detail::fail<IoError>(op_, path_, ": at byte ", offset, ": ", parts...);
    }

private:
    [[noreturn, gnu::cold]] void fail_closing(std::string_view what) {
        const int reason = errno;
        ::close(handle_);
        errno = reason;
        detail::fail_system(op_, path_, what);
    }

    std::string op_, path_;
    int handle_ = -1;
    int64_t size_ = 0;
};

}
