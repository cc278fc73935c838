// Writing a zip archive, entry after entry.
#pragma once

#include "atomic_file.hpp"
#include "compression.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// An archive that takes its name in `commit()`. Sizes of 64 bits are written where 32 do not hold them.
class ZipWriter {
public:
    /// `op` names the writer in errors.
    /// Throws   IoError: the file cannot be created
    ZipWriter(std::string op, std::string path) : file_(std::move(op), std::move(path)) {}

    /// One entry: `head`, then `body`.
    /// Throws   IoError: the file cannot be written, or zlib is not there to deflate it; ValueError: a name of more than 65535 bytes
    void add(const std::string& name, const std::string& head, Bytes body, bool deflated) {
        if (name.empty() || name.size() > 0xFFFF)
            detail::fail<ValueError>("zip", "the name of an entry has ", name.size(), " bytes");
        Entry entry{name, deflated, crc32(body, crc32(as_bytes(head))), at_, 0, head.size() + body.size()};
        std::string packed;
        if (deflated) {
            packed = head;
            packed.append(reinterpret_cast<const char*>(body.data()), body.size());
            packed = deflate_raw(as_bytes(packed));
        }
        entry.packed = deflated ? packed.size() : entry.size;
        std::string header;
        detail::append_little(header, std::uint32_t{0x04034B50});
        const bool large = entry.size >= full32 || entry.packed >= full32;
        describe(header, entry, large);
        detail::append_little(header, static_cast<std::uint16_t>(name.size()));
        detail::append_little(header, static_cast<std::uint16_t>(large ? 20 : 0));
        header += name;
        if (large) {
            detail::append_little(header, std::uint32_t{0x00100001});  // field 1, of 16 bytes
            detail::append_little(header, entry.size);
            detail::append_little(header, entry.packed);
        }
        write(header);
        if (deflated) {
            write(packed);
        } else {
            write(head);
            file_.write(body.data(), static_cast<int64_t>(body.size()));
            at_ += body.size();
        }
        entries_.push_back(std::move(entry));
    }

    /// Writes the directory and gives the file its name.
    /// Throws   IoError: the system fails; then the old file is what it was
    void commit() {
        std::string out;
        for (const Entry& entry : entries_) append_entry(out, entry);
        const std::uint64_t begin = at_, size = out.size(), count = entries_.size();
        if (count >= 0xFFFF || size >= full32 || begin >= full32) {
            detail::append_little(out, std::uint32_t{0x06064B50});
            detail::append_little(out, std::uint64_t{44});
            detail::append_little(out, std::uint32_t{45 << 16 | 45});  // versions
            detail::append_little(out, std::uint64_t{0});              // one part
            for (const std::uint64_t value : {count, count, size, begin}) detail::append_little(out, value);
            detail::append_little(out, std::uint32_t{0x07064B50});
            detail::append_little(out, std::uint32_t{0});
            detail::append_little(out, begin + size);
            detail::append_little(out, std::uint32_t{1});
        }
        detail::append_little(out, std::uint32_t{0x06054B50});
        detail::append_little(out, std::uint32_t{0});
        for (int i = 0; i < 2; ++i)
            detail::append_little(out, static_cast<std::uint16_t>(std::min<std::uint64_t>(count, 0xFFFF)));
        detail::append_little(out, static_cast<std::uint32_t>(std::min<std::uint64_t>(size, full32)));
        detail::append_little(out, static_cast<std::uint32_t>(std::min<std::uint64_t>(begin, full32)));
        detail::append_little(out, std::uint16_t{0});
        write(out);
        file_.commit();
    }

private:
    static constexpr std::uint64_t full32 = 0xFFFFFFFF;
    struct Entry {
        std::string name;
        bool deflated;
        std::uint32_t crc;
        std::uint64_t header, packed, size;
    };

    /// What the directory and an entry's own header have in common.
    static void describe(std::string& out, const Entry& entry, bool large) {
        detail::append_little(out, static_cast<std::uint16_t>(large ? 45 : 20));  // version to read it
        detail::append_little(out, std::uint16_t{0x0800});                        // names are UTF-8
        detail::append_little(out, static_cast<std::uint16_t>(entry.deflated ? 8 : 0));
        detail::append_little(out, std::uint32_t{0x00210000});  // 1 January 1980
        detail::append_little(out, entry.crc);
        detail::append_little(out, static_cast<std::uint32_t>(large ? full32 : entry.packed));
        detail::append_little(out, static_cast<std::uint32_t>(large ? full32 : entry.size));
    }
    static void append_entry(std::string& out, const Entry& entry) {
        const bool large = entry.size >= full32 || entry.packed >= full32 || entry.header >= full32;
        detail::append_little(out, std::uint32_t{0x02014B50});
        detail::append_little(out, std::uint16_t{45});
        describe(out, entry, large);
        detail::append_little(out, static_cast<std::uint16_t>(entry.name.size()));
        detail::append_little(out, static_cast<std::uint16_t>(large ? 28 : 0));
        out.append(10, '\0');  // no comment, the first part, no attributes
        detail::append_little(out, static_cast<std::uint32_t>(large ? full32 : entry.header));
        out += entry.name;
        if (!large) return;
        detail::append_little(out, std::uint32_t{0x00180001});  // field 1, of 24 bytes
        for (const std::uint64_t value : {entry.size, entry.packed, entry.header})
            detail::append_little(out, value);
    }
    void write(const std::string& bytes) {
        file_.write(bytes.data(), static_cast<int64_t>(bytes.size()));
        at_ += bytes.size();
    }

    AtomicFile file_;
    std::vector<Entry> entries_;
    std::uint64_t at_ = 0;
};

}
