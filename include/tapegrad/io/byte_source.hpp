// Where a reader takes its bytes from: a file, or an entry of an archive that was unpacked.
#pragma once

#include <vector>

#include "compression.hpp"
#include "input_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

class ByteSource {
public:
    virtual ~ByteSource() = default;
    virtual int64_t size() const = 0;
    /// Throws   IoError: there are not that many bytes, or the system fails
    virtual void read(int64_t offset, void* out, int64_t n) const = 0;

    /// An IoError that names the file and the place.
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(int64_t offset, const Parts&... parts) const {
        fail_at(offset, detail::text(parts...));
        __builtin_unreachable();
    }

protected:
    virtual void fail_at(int64_t offset, const std::string& reason) const = 0;  // throws
};

class FileSource final : public ByteSource {
public:
    explicit FileSource(const InputFile& file) : file_(file) {}
    int64_t size() const override { return file_.size(); }
    void read(int64_t offset, void* out, int64_t n) const override { file_.read(offset, out, n); }

private:
    [[noreturn]] void fail_at(int64_t offset, const std::string& reason) const override {
        file_.fail(offset, reason);
    }
    const InputFile& file_;
};

/// Bytes in memory that came from a part of a file; errors name both.
class MemorySource final : public ByteSource {
public:
    MemorySource(const InputFile& file, std::string part, std::vector<std::byte> bytes)
        : file_(file), part_(std::move(part)), bytes_(std::move(bytes)) {}
    int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
    void read(int64_t offset, void* out, int64_t n) const override {
        if (offset < 0 || n < 0 || offset > size() || n > size() - offset)
            fail(offset, n, " bytes are wanted, there are ", size());
        if (n > 0) std::memcpy(out, bytes_.data() + offset, static_cast<std::size_t>(n));
    }

private:
    [[noreturn]] void fail_at(int64_t offset, const std::string& reason) const override {
        detail::fail<IoError>(file_.op(), file_.path(), ": ", part_, ": at byte ", offset, ": ", reason);
    }
    const InputFile& file_;
    std::string part_;
    std::vector<std::byte> bytes_;
};

/// All bytes of a file, or with `cut` the first `limit`; unpacked when it is compressed with gzip. Of a
/// compressed one more than `limit` are refused.
/// Throws   IoError: the file cannot be read, its compression is damaged, or zlib is not there for it
inline std::vector<std::byte> read_unpacked(const InputFile& file, int64_t limit, bool cut = false) {
    std::byte head[2]{};
    file.read(0, head, std::min<int64_t>(2, file.size()));
    const bool packed = is_gzip(head);
    std::vector<std::byte> bytes(
        static_cast<std::size_t>(cut && !packed ? std::min(limit, file.size()) : file.size()));
    file.read(0, bytes.data(), static_cast<int64_t>(bytes.size()));
    if (!packed) return bytes;
    try {
        return inflate_gzip(bytes, limit, cut);
    } catch (const InflateFailure& failure) {
        file.fail(failure.offset, failure.reason);
    }
}

}
