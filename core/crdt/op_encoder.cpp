#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/crdt/op_bytes.h"
#include "core/crdt/op_codec.h"

namespace nlbd::crdt {

namespace {

using op_bytes::Form;
using op_bytes::Kind;

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
        writeTarget(Kind::Insert, isRight(op.side), op.parent);
        m_out.text(op.text);
    }
    void write(const DeleteText &op)
    {
        writeTarget(Kind::Delete, false, op.first);
        m_out.varint(op.length);
    }
    void write(const SetField &op)
    {
        const bool isTitle = op.object == kRoot && op.value.kind == Value::Kind::Text;
        writeTarget(isTitle ? Kind::Set : Kind::Put, false, op.object);
        m_out.text(op.key);
        if (!isTitle)
            m_out.u8(static_cast<std::uint8_t>(op.value.kind));
        if (op.value.kind == Value::Kind::Text)
            m_out.text(op.value.text);
    }
    void write(const SetMark &op)
    {
        writeTarget(Kind::Mark, isRight(op.from.side), op.from.id);
        writeTarget(op.value ? 1U : 0U, isRight(op.to.side), op.to.id);
        m_out.text(op.key);
        if (op.value)
            m_out.text(*op.value);
    }
    void write(const SetAttribute &op)
    {
        writeTarget(Kind::Attribute, op.value.has_value(), op.letter);
        m_out.text(op.key);
        if (op.value)
            m_out.text(*op.value);
    }
    void write(const InsertItem &op)
    {
        CHECK(op.value.kind != Value::Kind::Nothing);
        writeTarget(Kind::InsertItem, isRight(op.side), op.list);
        writeTarget(static_cast<unsigned>(op.value.kind) - 1, false, op.parent);
        if (op.value.kind == Value::Kind::Text)
            m_out.text(op.value.text);
    }
    void write(const DeleteItem &op) { writeTarget(Kind::DeleteItem, false, op.item); }
    void write(const Increment &op)
    {
        writeTarget(Kind::Increment, false, op.counter);
        const auto by = static_cast<std::uint64_t>(op.by);
        m_out.varint(op.by < 0 ? ~(by << 1U) : by << 1U);
    }

    [[nodiscard]] static bool isRight(Side side) { return side == Side::Right; }

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

    void writeTarget(Kind kind, bool flag, OpId id)
    {
        writeTarget(op_bytes::headOf(kind), flag, id);
    }

    /// A head and the target that it says the form of.
    void writeTarget(unsigned bits, bool flag, OpId id)
    {
        const Reference target = referenceTo(id);
        const unsigned head = bits | (flag ? op_bytes::kFlagBit : 0)
            | static_cast<unsigned>(target.form) << op_bytes::kFormShift
            | (target.name.branch != 0 ? op_bytes::kBranchBit : 0);
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

} // namespace

Bytes encodeOps(const Ops &ops, const OwnChange &own, const ChangeNames &names, std::uint32_t next)
{
    return OpsEncoder(own, names, next).run(ops);
}

} // namespace nlbd::crdt
