// Reading protocol buffers: fields with their numbers, in the order of the file. No message is known here.
// Source   https://protobuf.dev/programming-guides/encoding
#pragma once

#include <bit>

#include "../io/bytes.hpp"
#include "../io/input_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A part of a message. Which of its values there is depends on the kind.
struct ProtobufField {
    enum class Kind { varint, fixed64, bytes, fixed32 };
    std::uint32_t number = 0;
    Kind kind = Kind::varint;
    std::uint64_t value = 0;  // of varint, fixed64, fixed32
    std::string_view bytes;   // of bytes, which may be a message
    int64_t offset = 0;       // of the field in the file
    int64_t bytes_offset = 0;
};

/// Goes through the fields of a message that lies in memory.
class ProtobufReader {
public:
    /// `offset` is where the message begins in the file.
    ProtobufReader(const InputFile& file, std::string_view message, int64_t offset)
        : file_(file), message_(message), base_(offset) {}

    /// False at the end of the message.
    /// Throws   IoError: a field that is cut off, or is of a kind that does not exist
    bool next(ProtobufField& field) {
        if (at_ == message_.size()) return false;
        field.offset = offset();
        const std::uint64_t tag = varint();
        if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) fail("the field number ", tag >> 3);
        field.number = static_cast<std::uint32_t>(tag >> 3);
        switch (tag & 7) {
            case 0:
                field.kind = ProtobufField::Kind::varint;
                field.value = varint();
                return true;
            case 1:
                field.kind = ProtobufField::Kind::fixed64;
                field.value = little<std::uint64_t>(take(8).data());
                return true;
            case 2: {
                field.kind = ProtobufField::Kind::bytes;
                const std::uint64_t size = varint();
                field.bytes_offset = offset();
                field.bytes = take(size);
                return true;
            }
            case 5:
                field.kind = ProtobufField::Kind::fixed32;
                field.value = little<std::uint32_t>(take(4).data());
                return true;
            default:
                fail("field ", field.number, ": the wire type ", tag & 7);
        }
    }

    /// Values of a field, of the kind that they must have.
    bool boolean(const ProtobufField& f) const { return number(f) != 0; }
    int64_t number(const ProtobufField& f) const {
        expect(f, ProtobufField::Kind::varint);
        return static_cast<int64_t>(f.value);
    }
    float real(const ProtobufField& f) const {
        expect(f, ProtobufField::Kind::fixed32);
        return std::bit_cast<float>(static_cast<std::uint32_t>(f.value));
    }
    std::string_view bytes(const ProtobufField& f) const {
        expect(f, ProtobufField::Kind::bytes);
        return f.bytes;
    }
    ProtobufReader message(const ProtobufField& f) const { return {file_, bytes(f), f.bytes_offset}; }

    template <class... Parts>
    [[noreturn]] void fail(const Parts&... parts) const {
        file_.fail(offset(), parts...);
    }

private:
    int64_t offset() const { return base_ + static_cast<int64_t>(at_); }
    void expect(const ProtobufField& f, ProtobufField::Kind kind) const {
        if (f.kind != kind) file_.fail(f.offset, "field ", f.number, " is of another type");
    }
    std::string_view take(std::uint64_t size) {
        if (size > message_.size() - at_)
            fail(size, " bytes are wanted, the message has ", message_.size() - at_);
        const std::string_view bytes = message_.substr(at_, static_cast<std::size_t>(size));
        at_ += static_cast<std::size_t>(size);
        return bytes;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return value;
        }
        fail("a number of more than ten bytes");
    }

    const InputFile& file_;
    std::string_view message_;
    int64_t base_;
    std::size_t at_ = 0;
};

}
