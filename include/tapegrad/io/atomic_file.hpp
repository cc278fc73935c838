// Writing a file so that its name always means a whole one: the old or the new.
#pragma once

#include "input_file.hpp"

#include <atomic>

namespace tapegrad::inline TAPEGRAD_ISA {

/// A file that is written under a temporary name beside its own and takes its name in `commit()`: flushed to
/// the disk, renamed, and the folder flushed. Without a commit nothing remains of it.
class AtomicFile {
public:
    /// `op` names the writer in errors.
    /// Throws   IoError: the folder cannot be written to, or `path` is a folder
    AtomicFile(std::string op, std::string path) : op_(std::move(op)), path_(std::move(path)) {
        static constinit std::atomic<unsigned> count{0};
        struct stat status {};
        const bool exists = ::stat(path_.c_str(), &status) == 0;
        if (exists && S_ISDIR(status.st_mode)) detail::fail<IoError>(op_, path_, ": is a folder");
        temporary_ = path_ + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(count.fetch_add(1));
        handle_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (handle_ < 0) detail::fail_system(op_, temporary_, "cannot be created");
        // Who may read the old one may read the new one.
        if (exists && ::fchmod(handle_, status.st_mode & 07777) != 0) give_up("cannot be given its mode");
    }
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile() { discard(); }

    /// Throws   IoError: the disk is full, or the system fails; nothing remains
    void write(const void* data, int64_t n) {
        const auto* from = static_cast<const std::byte*>(data);
        while (n > 0) {
            // Linux writes at most 2^31 - 4096 bytes at once.
            const auto some = static_cast<std::size_t>(n < (int64_t{1} << 30) ? n : int64_t{1} << 30);
            const ssize_t done = ::write(handle_, from, some);
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) give_up("cannot be written");
            from += done;
            n -= done;
        }
    }

    /// All that was written is on the disk; only the name is missing. To be called once; `commit` does it when
    /// nobody did. So the names of several files follow each other closely.
    /// Throws   IoError: the system fails; nothing remains
    void flush() {
        if (::fsync(handle_) != 0) give_up("cannot be flushed");
        const int closed = ::close(std::exchange(handle_, -1));
        if (closed != 0) give_up("cannot be closed");
    }

    /// Gives the file its name.
    /// Throws   IoError: the system fails; then the old file is what it was
    void commit() {
        if (handle_ >= 0) flush();
        if (::rename(temporary_.c_str(), path_.c_str()) != 0) give_up("cannot be renamed");
        temporary_.clear();
        const std::size_t slash = path_.rfind('/');
        const std::string folder = slash == path_.npos ? "." : slash == 0 ? "/" : path_.substr(0, slash);
        const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (handle < 0)
            return;  // a folder that may not be read: the file is there, the flush is not ours to do
        const int flushed = ::fsync(handle);
        ::close(handle);
        // Some file systems flush no folders and say so.
        if (flushed != 0 && errno != EINVAL && errno != ENOTSUP)
            detail::fail_system(op_, folder, "cannot be flushed");
    }

private:
    void discard() noexcept {
        if (handle_ >= 0) ::close(std::exchange(handle_, -1));
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
        temporary_.clear();
    }
    [[noreturn, gnu::cold]] void give_up(std::string_view what) {
        const int reason = errno;
        const std::string name = temporary_;
        discard();
        errno = reason;
        detail::fail_system(op_, name, what);
    }

    std::string op_, path_, temporary_;
    int handle_ = -1;
};

}
