#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/op_bytes.h"
#include "core/crdt/op_codec.h"

#include <array>

namespace nlbd::crdt {

namespace {

using op_bytes::Form;
using op_bytes::kFlagBit;
using op_bytes::Kind;

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
            ops.emplace_back(InPlace{this});
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

    /// Becomes an op where it is to stand: to move one costs as much as to read it.
    struct InPlace {
        OpsDecoder *decoder;
        operator Op() const { return decoder->readOp(); }
    };

    Op readOp()
    {
        const unsigned head = m_in.u8();
        if (!m_in.ok())
            fail(Code::E_CANON);
        switch (op_bytes::kindOf(head)) {
        case static_cast<unsigned>(Kind::Insert):
            return readInsert(head);
        case static_cast<unsigned>(Kind::Delete):
            return readDelete(head);
        case static_cast<unsigned>(Kind::Set):
            return readSet(head);
        case static_cast<unsigned>(Kind::Mark):
            return readMark(head);
        case static_cast<unsigned>(Kind::Attribute):
            return readAttribute(head);
        case static_cast<unsigned>(Kind::Put):
            return readPut(head);
        case static_cast<unsigned>(Kind::InsertItem):
            return readInsertItem(head);
        case static_cast<unsigned>(Kind::DeleteItem):
            return DeleteItem{readPlainTarget(head)};
        case static_cast<unsigned>(Kind::Increment):
            return readIncrement(head);
        default:
            fail(Code::E_CANON);
            return SetField{};
        }
    }

    Op readInsert(unsigned head)
    {
        InsertText op;
        op.side = sideOf(head);
        op.parent = readTarget(head);
        op.text = string(limits::kDecodedBytesMax);
        if (op.text.empty())
            fail(Code::E_CANON);
        return op;
    }

    Op readDelete(unsigned head)
    {
        DeleteText op;
        op.first = readPlainTarget(head);
        op.length = static_cast<std::uint32_t>(number(UINT32_MAX - op.first.index));
        if (op.length == 0)
            fail(Code::E_CANON);
        return op;
    }

    Op readSet(unsigned head)
    {
        if (head != op_bytes::headOf(Kind::Set))
            fail(Code::E_CANON);
        SetField op;
        op.key = readKey();
        op.value = Value(readText());
        return op;
    }

    Op readMark(unsigned head)
    {
        SetMark op;
        op.from = {readTarget(head), sideOf(head)};
        constexpr unsigned kValueBit = 1;
        const unsigned second = secondHead(kValueBit | kFlagBit);
        op.to = {readTarget(second), sideOf(second)};
        op.key = readKey();
        if ((second & kValueBit) != 0)
            op.value = readText();
        return op;
    }

    Op readAttribute(unsigned head)
    {
        SetAttribute op;
        op.letter = readTarget(head);
        op.key = readKey();
        if ((head & kFlagBit) != 0)
            op.value = readText();
        return op;
    }

    Op readPut(unsigned head)
    {
        SetField op;
        op.object = readPlainTarget(head);
        op.key = readKey();
        const unsigned kind = m_in.u8();
        if (!m_in.ok() || kind > static_cast<unsigned>(Value::Kind::Counter))
            fail(Code::E_CANON);
        op.value = readValue(static_cast<Value::Kind>(kind));
        const bool hasShorterForm =
            formOf(head) == Form::Root && op.value.kind == Value::Kind::Text;
        if (hasShorterForm)
            fail(Code::E_CANON);
        return op;
    }

    Op readInsertItem(unsigned head)
    {
        InsertItem op;
        op.side = sideOf(head);
        op.list = readTarget(head);
        const unsigned second = secondHead(op_bytes::kLowBits);
        op.parent = readTarget(second);
        op.value = readValue(static_cast<Value::Kind>((second & op_bytes::kLowBits) + 1));
        return op;
    }

    Op readIncrement(unsigned head)
    {
        Increment op;
        op.counter = readPlainTarget(head);
        const std::uint64_t zigzag = number(UINT64_MAX);
        op.by = static_cast<std::int64_t>(zigzag >> 1U ^ (0 - (zigzag & 1U)));
        return op;
    }

    [[nodiscard]] static Side sideOf(unsigned head)
    {
        return (head & kFlagBit) == 0 ? Side::Left : Side::Right;
    }
    [[nodiscard]] static Form formOf(unsigned head)
    {
        return static_cast<Form>(head >> op_bytes::kFormShift & op_bytes::kFormMask);
    }

    std::string readKey() { return string(limits::kFieldKeyBytesMax); }
    std::string readText() { return string(limits::kFieldValueBytesMax); }
    Value readValue(Value::Kind kind)
    {
        return kind == Value::Kind::Text ? Value(readText()) : Value(kind);
    }

    /// The head of a second target, which may use some bits besides those of the target.
    unsigned secondHead(unsigned bits)
    {
        const unsigned head = m_in.u8();
        const unsigned known =
            bits | op_bytes::kFormMask << op_bytes::kFormShift | op_bytes::kBranchBit;
        if (!m_in.ok() || (head & ~known) != 0)
            fail(Code::E_CANON);
        return head;
    }

    /// A target whose head has no flag.
    OpId readPlainTarget(unsigned head)
    {
        if ((head & kFlagBit) != 0)
            fail(Code::E_CANON);
        return readTarget(head);
    }

    OpId readTarget(unsigned head)
    {
        const Form form = formOf(head);
        const bool hasBranch = (head & op_bytes::kBranchBit) != 0;
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
        const auto change = resolve(name);
        // The own change has a form of its own; the root is no change.
        if (!change || *change == m_own.handle || *change == kRoot.change) {
            m_isTargetUnknown = true;
            return {{}, index};
        }
        return {*change, index};
    }

    /// Whoever deletes what many wrote names the same changes in turns.
    std::optional<ChangeHandle> resolve(const ChangeName &name)
    {
        Known &known = m_known[(name.seq.value + name.device.value * 7U) % m_known.size()];
        if (!known.change || known.name != name)
            known = {name, m_resolver->resolve(name)};
        return known.change;
    }

    struct Known {
        ChangeName name;
        std::optional<ChangeHandle> change;
    };
    Reader m_in;
    OwnChange m_own;
    const ChangeResolver *m_resolver;
    std::array<Known, 16> m_known{};
    std::uint32_t m_next;
    bool m_isTargetUnknown = false;
    std::optional<Code> m_error;
};

} // namespace

std::expected<Ops, Code> decodeOps(ByteView bytes, const OwnChange &own,
                                   const ChangeResolver &resolver, std::uint32_t next)
{
    if (bytes.size() > limits::kDecodedBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    return OpsDecoder(bytes, own, resolver, next).run();
}

} // namespace nlbd::crdt
