// zip archives, as npz files are: entries stored or deflated, with the 64-bit sizes of ZIP64.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#pragma once

#include <algorithm>

#include "byte_source.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ZipEntry {
    std::string name;
    bool deflated = false;
    std::uint32_t crc = 0;
    int64_t packed = 0, size = 0;  // bytes in the archive, and unpacked
    int64_t header = 0;            // where its own header begins
    int64_t data = 0;              // where its bytes begin
};

/// An archive that is read. Opening reads and checks the directory: that every entry lies inside the file,
/// apart from the others, and says the same in its own header.
class ZipFile {
public:
    /// `op` names the reader in errors.
    /// Throws   IoError: no such file, or anything in its structure is not as the format says
    ZipFile(std::string op, const std::string& path) : file_(std::move(op), path) {
        find_directory();
        read_directory();
        check_entries();
    }

    const InputFile& file() const { return file_; }
    /// In the order of the directory.
    const std::vector<ZipEntry>& entries() const { return entries_; }

    /// The bytes of an entry.
    /// Throws   IoError: its compression is damaged, or zlib is not there for it, or its size or checksum is not what the directory says
    std::vector<std::byte> read(const ZipEntry& entry) const {
        std::vector<std::byte> bytes(static_cast<std::size_t>(entry.packed));
        file_.read(entry.data, bytes.data(), entry.packed);
        if (entry.deflated) {
            try {
                bytes = inflate_raw(bytes, entry.size);
            } catch (const InflateFailure& failure) {
                file_.fail(entry.data + failure.offset, "entry ", shown(entry.name), ": ", failure.reason);
            }
            if (static_cast<int64_t>(bytes.size()) != entry.size)
                file_.fail(entry.data, "entry ", shown(entry.name), ": ", entry.packed, " bytes unpack to ",
                           bytes.size(), ", not ", entry.size);
        }
        if (const std::uint32_t crc = crc32(bytes); crc != entry.crc)
            file_.fail(entry.data, "entry ", shown(entry.name), ": the checksum is ", crc, ", not ",
                       entry.crc);
        return bytes;
    }
    /// A text of the archive, short and printable.
    static std::string shown(std::string_view text) {
        std::string out = "'";
        for (const char c : text.substr(0, 40)) out += c >= ' ' && c != 127 ? c : '?';
        return out + (text.size() > 40 ? "...'" : "'");
    }

private:
    static constexpr std::uint32_t local_mark = 0x04034B50, entry_mark = 0x02014B50, end_mark = 0x06054B50,
                                   end64_mark = 0x06064B50, locator_mark = 0x07064B50;
    static constexpr std::uint32_t full32 = 0xFFFFFFFF;

    /// The end record is the last thing in the file, but for a comment of up to 65535 bytes.
    void find_directory() {
        const int64_t size = file_.size(), tail = std::min<int64_t>(size, 22 + 65535);
        if (size < 22) file_.fail(0, "the file has ", size, " bytes, the end record of an archive alone 22");
        std::vector<std::byte> bytes(static_cast<std::size_t>(tail));
        file_.read(size - tail, bytes.data(), tail);
        int64_t at = tail - 22;
        const std::byte* p = nullptr;
        for (; at >= 0; --at) {
            p = bytes.data() + at;
            if (detail::little<std::uint32_t>(p) == end_mark &&
                detail::little<std::uint16_t>(p + 20) == tail - at - 22)
                break;
        }
        if (at < 0) file_.fail(size, "no zip archive: there is no end record");
        end_ = size - tail + at;
        const auto disks = detail::little<std::uint32_t>(p + 4);
        const int64_t here = detail::little<std::uint16_t>(p + 8);
        count_ = detail::little<std::uint16_t>(p + 10);
        directory_size_ = detail::little<std::uint32_t>(p + 12);
        directory_ = detail::little<std::uint32_t>(p + 16);
        if (disks != 0 || here != count_) file_.fail(end_ + 4, "an archive in several parts");
        if (count_ == 0xFFFF || directory_size_ == full32 || directory_ == full32) find_directory64();
        if (directory_ < 0 || directory_size_ < 0 || directory_ > end_ ||
            directory_size_ != end_ - directory_)
            file_.fail(end_ + 12, "a directory of ", directory_size_, " bytes at ", directory_,
                       " does not end at ", end_);
        if (count_ < 0 || count_ > directory_size_ / 46)
            file_.fail(end_ + 10, count_, " entries in a directory of ", directory_size_, " bytes");
    }
    void find_directory64() {
        std::byte locator[20], record[56];
        if (end_ < 76) file_.fail(end_, "there is no ZIP64 end record");
        file_.read(end_ - 20, locator, 20);
        if (detail::little<std::uint32_t>(locator) != locator_mark) return;  // the sizes may be meant so
        const auto at = static_cast<int64_t>(detail::little<std::uint64_t>(locator + 8));
        if (at != end_ - 76) file_.fail(end_ - 12, "the ZIP64 end record is at ", at, ", not ", end_ - 76);
        file_.read(at, record, 56);
        if (detail::little<std::uint32_t>(record) != end64_mark ||
            detail::little<std::uint64_t>(record + 4) != 44)
            file_.fail(at, "no ZIP64 end record");
        count_ = static_cast<int64_t>(detail::little<std::uint64_t>(record + 32));
        directory_size_ = static_cast<int64_t>(detail::little<std::uint64_t>(record + 40));
        directory_ = static_cast<int64_t>(detail::little<std::uint64_t>(record + 48));
        end_ = at;
    }

    void read_directory() {
        std::vector<std::byte> bytes(static_cast<std::size_t>(directory_size_));
        file_.read(directory_, bytes.data(), directory_size_);
        int64_t at = 0;
        for (int64_t i = 0; i < count_; ++i) {
            const std::byte* const p = bytes.data() + at;
            const int64_t place = directory_ + at;
            if (directory_size_ - at < 46 || detail::little<std::uint32_t>(p) != entry_mark)
                file_.fail(place, "entry ", i, " of the directory does not begin here");
            const auto flags = detail::little<std::uint16_t>(p + 8),
                       method = detail::little<std::uint16_t>(p + 10);
            const int64_t name = detail::little<std::uint16_t>(p + 28),
                          extra = detail::little<std::uint16_t>(p + 30),
                          comment = detail::little<std::uint16_t>(p + 32);
            if (name + extra + comment > directory_size_ - at - 46)
                file_.fail(place + 28, "entry ", i, " passes the end of the directory");
            ZipEntry entry;
            entry.name.assign(reinterpret_cast<const char*>(p) + 46, static_cast<std::size_t>(name));
            if ((flags & 1) != 0) file_.fail(place + 8, "entry ", shown(entry.name), " is encrypted");
            if (method != 0 && method != 8)
                file_.fail(place + 10, "entry ", shown(entry.name), " is packed by method ", method,
                           "; 0 (stored) and 8 (deflated) are known");
            entry.deflated = method == 8;
            entry.crc = detail::little<std::uint32_t>(p + 16);
            entry.packed = detail::little<std::uint32_t>(p + 20);
            entry.size = detail::little<std::uint32_t>(p + 24);
            entry.header = detail::little<std::uint32_t>(p + 42);
            widen(entry, Bytes(p + 46 + name, static_cast<std::size_t>(extra)), place);
            check_name(entry.name, place + 46);
            entries_.push_back(std::move(entry));
            at += 46 + name + extra + comment;
        }
        if (at != directory_size_)
            file_.fail(directory_ + at, "bytes follow the last entry of the directory");
    }
    /// Sizes of 64 bits from the extra field, for those that are all ones.
    void widen(ZipEntry& entry, Bytes extra, int64_t place) const {
        while (extra.size() >= 4) {
            const auto id = detail::little<std::uint16_t>(extra.data());
            const std::size_t n = detail::little<std::uint16_t>(extra.data() + 2);
            if (n > extra.size() - 4)
                file_.fail(place + 30, "entry ", shown(entry.name), ": an extra field of ", n, " bytes");
            Bytes field = extra.subspan(4, n);
            if (id == 1)
                for (int64_t* value : {&entry.size, &entry.packed, &entry.header}) {
                    if (*value != full32 || field.size() < 8) continue;
                    *value = static_cast<int64_t>(detail::little<std::uint64_t>(field.data()));
                    field = field.subspan(8);
                }
            extra = extra.subspan(4 + n);
        }
    }
    void check_name(const std::string& name, int64_t place) const {
        const bool outside = name.starts_with('/') || name == ".." || name.starts_with("../") ||
                             name.find("/../") != name.npos || name.ends_with("/..");
        if (name.empty() || outside || name.find('\\') != name.npos || name.find('\0') != name.npos)
            file_.fail(place, "an entry may not be called ", shown(name));
    }

    void check_entries() {
        for (ZipEntry& entry : entries_) {
            const std::string name = shown(entry.name);
            if (entry.header < 0 || entry.packed < 0 || entry.size < 0 || entry.header > directory_ - 30)
                file_.fail(directory_, "entry ", name, " begins at ", entry.header, ", the directory at ",
                           directory_);
            std::byte p[30];
            file_.read(entry.header, p, 30);
            const int64_t length = detail::little<std::uint16_t>(p + 26),
                          extra = detail::little<std::uint16_t>(p + 28);
            entry.data = entry.header + 30 + length + extra;
            if (detail::little<std::uint32_t>(p) != local_mark)
                file_.fail(entry.header, "the header of entry ", name, " is not here");
            if (entry.data > directory_ || entry.packed > directory_ - entry.data)
                file_.fail(entry.header, "entry ", name, " has ", entry.packed,
                           " bytes, which pass the directory at ", directory_);
            std::string own(static_cast<std::size_t>(length), '\0');
            file_.read(entry.header + 30, own.data(), length);
            // Sizes that follow the data are 0 here, those of 64 bits all ones.
            const auto differs = [](std::uint32_t here, int64_t size) {
                return here != 0 && here != full32 && here != size;
            };
            if (own != entry.name || (detail::little<std::uint16_t>(p + 8) == 8) != entry.deflated ||
                (detail::little<std::uint16_t>(p + 6) & 1) != 0 ||
                differs(detail::little<std::uint32_t>(p + 18), entry.packed) ||
                differs(detail::little<std::uint32_t>(p + 22), entry.size))
                file_.fail(entry.header, "the header of entry ", name, " differs from the directory");
            if (!entry.deflated && entry.packed != entry.size)
                file_.fail(entry.header, "entry ", name, " is stored, but has ", entry.packed, " bytes for ",
                           entry.size);
        }
        check_apart();
    }
    void check_apart() const {
        std::vector<const ZipEntry*> order;
        for (const ZipEntry& entry : entries_) order.push_back(&entry);
        std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->header < b->header; });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i - 1]->data + order[i - 1]->packed > order[i]->header)
                file_.fail(order[i]->header, "entry ", shown(order[i]->name), " lies inside entry ",
                           shown(order[i - 1]->name));
        std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->name < b->name; });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i - 1]->name == order[i]->name)
                file_.fail(directory_, "entry ", shown(order[i]->name), " is there twice");
    }

    InputFile file_;
    std::vector<ZipEntry> entries_;
    int64_t end_ = 0, directory_ = 0, directory_size_ = 0, count_ = 0;
};

}
