#include "core/crdt/op_codec.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"

namespace nlbd::crdt {

namespace {

// The head byte: bits 0-1 kind, bit 2 side, bits 3-4 form of the reference, bit 5 branch ordinal.
enum class Kind : std::uint8_t { Insert = 0, Delete = 1, Set = 2 };
enum class Form : std::uint8_t { Root = 0, Own = 1, SameDevice = 2, OtherDevice = 3 };

constexpr unsigned kKindMask = 0x03;
constexpr unsigned kSideShift = 2;
constexpr unsigned kFormShift = 3;
constexpr unsigned kFormMask = 0x03;
constexpr unsigned kBranchBit = 0x20;
constexpr unsigned kUnusedBits = 0xC0;

/// A reference as it stands in the bytes.
struct Reference {
    Form form = Form::Root;
    ChangeName name;
    std::uint32_t index = 0;
};

class OpsEncoder {
public:
    OpsEncoder(const OwnChange &own, const ChangeNames &names, std::uint32_t next)
        : m_own(own)
        , m_names(&names)
        , m_next(next)
    {
    }

    Bytes run(const Ops &ops) &&
    {
        m_out.varint(ops.size());
        for (const Op &op : ops) {
            std::visit([this](const auto &it) { write(it); }, op);
            m_next += idsTakenBy(op);
        }
        return std::move(m_out).take();
    }

private:
    void write(const InsertText &op)
    {
        writeTarget(Kind::Insert, op.side, op.parent);
        m_out.text(op.text);
    }
    void write(const DeleteText &op)
    {
        writeTarget(Kind::Delete, Side::Left, op.first);
        m_out.varint(op.length);
    }
    void write(const SetField &op)
    {
        m_out.u8(static_cast<std::uint8_t>(Kind::Set));
        m_out.text(op.key);
        m_out.text(op.value.text);
    }
    template <typename Other>
    void write(const Other &)
    {
        CHECK(false);
    }

    [[nodiscard]] Reference referenceTo(OpId id) const
    {
        if (id == kRoot)
            return {};
        if (id.change == m_own.handle)
            return {Form::Own, {}, id.index};
        const ChangeName name = m_names->nameOf(id.change);
        const bool isEarlier = name.device == m_own.device && name.seq < m_own.seq;
        return {isEarlier ? Form::SameDevice : Form::OtherDevice, name, id.index};
    }

    void writeTarget(Kind kind, Side side, OpId id)
    {
        const Reference target = referenceTo(id);
        const unsigned head = static_cast<unsigned>(kind)
            | static_cast<unsigned>(side) << kSideShift
            | static_cast<unsigned>(target.form) << kFormShift
            | (target.name.branch != 0 ? kBranchBit : 0);
        m_out.u8(static_cast<std::uint8_t>(head));
        switch (target.form) {
        case Form::Root:
            return;
        case Form::Own:
            CHECK(target.index < m_next);
            m_out.varint(m_next - target.index);
            return;
        case Form::SameDevice:
            m_out.varint(m_own.seq.value - target.name.seq.value);
            break;
        case Form::OtherDevice:
            m_out.varint(target.name.device.value);
            m_out.varint(target.name.seq.value);
            break;
        }
        if (target.name.branch != 0)
            m_out.varint(target.name.branch);
        m_out.varint(target.index);
    }

    OwnChange m_own;
    const ChangeNames *m_names;
    Writer m_out;
    std::uint32_t m_next;
};

/// Reads to the end whatever it meets, and keeps the first structural error; an unknown target is
/// reported only if there is none, so that the verdict on malformed bytes does not depend on what
/// the reader knows.
class OpsDecoder {
public:
    OpsDecoder(ByteView bytes, const OwnChange &own, const ChangeResolver &resolver,
               std::uint32_t next)
        : m_in(bytes)
        , m_own(own)
        , m_resolver(&resolver)
        , m_next(next)
    {
    }

    std::expected<Ops, Code> run() &&
    {
        const std::uint64_t count = number(limits::kOpsMax);
        Ops ops;
        // Two bytes are the least an op takes: hostile counts reserve nothing.
        ops.reserve(std::min<std::size_t>(count, m_in.left() / 2));
        for (std::uint64_t i = 0; i < count && !m_error; ++i) {
            ops.push_back(readOp());
            m_next += idsTakenBy(ops.back());
        }
        if (!m_error && !m_in.done())
            fail(Code::E_CANON);
        if (m_error)
            return std::unexpected(*m_error);
        if (m_isTargetUnknown)
            return std::unexpected(Code::E_OP_TARGET);
        return ops;
    }

private:
    void fail(Code code)
    {
        if (!m_error)
            m_error = code;
    }

    std::uint64_t number(std::uint64_t max)
    {
        const std::uint64_t value = m_in.varint();
        if (!m_in.ok())
            fail(Code::E_CANON);
        else if (value > max)
            fail(Code::E_BOUNDS);
        return m_error ? 0 : value;
    }

    std::string string(std::size_t max)
    {
        const std::string_view text = viewOf(m_in.raw(number(max)));
        if (!m_in.ok() || !utf8::isValid(text)) {
            fail(Code::E_CANON);
            return {};
        }
        return std::string(text);
    }

    Op readOp()
    {
        const unsigned head = m_in.u8();
        if (!m_in.ok() || (head & kUnusedBits) != 0)
            fail(Code::E_CANON);
        switch (head & kKindMask) {
        case static_cast<unsigned>(Kind::Insert):
            return readInsert(head);
        case static_cast<unsigned>(Kind::Delete):
            return readDelete(head);
        case static_cast<unsigned>(Kind::Set):
            return readSet(head);
        default:
            fail(Code::E_CANON);
            return SetField{};
        }
    }

    Op readInsert(unsigned head)
    {
        InsertText op;
        op.side = (head >> kSideShift & 1U) == 0 ? Side::Left : Side::Right;
        op.parent = readTarget(head);
        op.text = string(limits::kDecodedBytesMax);
        if (op.text.empty())
            fail(Code::E_CANON);
        return op;
    }

    Op readDelete(unsigned head)
    {
        if ((head >> kSideShift & 1U) != 0)
            fail(Code::E_CANON);
        DeleteText op;
        op.first = readTarget(head);
        op.length = static_cast<std::uint32_t>(number(UINT32_MAX - op.first.index));
        if (op.length == 0)
            fail(Code::E_CANON);
        return op;
    }

    Op readSet(unsigned head)
    {
        if (head != static_cast<unsigned>(Kind::Set))
            fail(Code::E_CANON);
        SetField op;
        op.key = string(limits::kFieldKeyBytesMax);
        op.value = Value(string(limits::kFieldValueBytesMax));
        return op;
    }

    OpId readTarget(unsigned head)
    {
        const auto form = static_cast<Form>(head >> kFormShift & kFormMask);
        const bool hasBranch = (head & kBranchBit) != 0;
        switch (form) {
        case Form::Root:
        case Form::Own:
            if (hasBranch)
                fail(Code::E_CANON);
            return form == Form::Root ? kRoot : readOwn();
        case Form::SameDevice:
        case Form::OtherDevice:
            break;
        }
        const ChangeName name = form == Form::SameDevice ? readEarlier() : readForeign();
        return readIndexOf(name, hasBranch);
    }

    OpId readOwn()
    {
        const std::uint64_t distance = number(UINT32_MAX);
        if (distance == 0)
            fail(Code::E_CANON);
        if (distance > m_next)
            m_isTargetUnknown = true;
        return {m_own.handle, m_next - static_cast<std::uint32_t>(distance)};
    }

    ChangeName readEarlier()
    {
        const std::uint64_t distance = number(UINT64_MAX);
        if (distance == 0)
            fail(Code::E_CANON);
        if (distance >= m_own.seq.value)
            m_isTargetUnknown = true;
        return {m_own.device, Seq(m_own.seq.value - distance), 0};
    }

    ChangeName readForeign()
    {
        ChangeName name;
        name.device = DeviceIndex(static_cast<std::uint16_t>(number(UINT16_MAX)));
        name.seq = Seq(number(UINT64_MAX));
        if (name.device == m_own.device && name.seq < m_own.seq)
            fail(Code::E_CANON); // Has a shorter form.
        return name;
    }

    OpId readIndexOf(ChangeName name, bool hasBranch)
    {
        if (hasBranch) {
            name.branch = static_cast<std::uint32_t>(number(UINT32_MAX));
            if (name.branch == 0)
                fail(Code::E_CANON);
        }
        const auto index = static_cast<std::uint32_t>(number(UINT32_MAX));
        if (m_error || m_isTargetUnknown)
            return {{}, index};
        const auto change = m_resolver->resolve(name);
        // The own change has a form of its own; the root is no change.
        if (!change || *change == m_own.handle || *change == kRoot.change) {
            m_isTargetUnknown = true;
            return {{}, index};
        }
        return {*change, index};
    }

    Reader m_in;
    OwnChange m_own;
    const ChangeResolver *m_resolver;
    std::uint32_t m_next;
    bool m_isTargetUnknown = false;
    std::optional<Code> m_error;
};

} // namespace

Bytes encodeOps(const Ops &ops, const OwnChange &own, const ChangeNames &names, std::uint32_t next)
{
    return OpsEncoder(own, names, next).run(ops);
}

std::expected<Ops, Code> decodeOps(ByteView bytes, const OwnChange &own,
                                   const ChangeResolver &resolver, std::uint32_t next)
{
    if (bytes.size() > limits::kDecodedBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    return OpsDecoder(bytes, own, resolver, next).run();
}

} // namespace nlbd::crdt
