#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/op_bytes.h"
#include "core/crdt/op_codec.h"
#include "core/crdt/short_numbers.h"

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

    std::expected<Ops, Code> run(Ops ops) &&
    {
        ops.clear();
        const std::uint64_t count = number(limits::kOpsMax);
        // Two bytes are the least an op takes: hostile counts reserve nothing.
        ops.reserve(std::min<std::size_t>(count, m_in.left() / 2));
        for (std::uint64_t i = 0; i < count && !m_error; ++i)
            readInto(ops);
        if (!m_error && !m_in.done())
            fail(Code::E_CANON);
        if (m_error)
            return std::unexpected(*m_error);
        if (m_isTargetUnknown)
            return std::unexpected(Code::E_OP_TARGET);
        return ops;
    }

private:
    /// No deletion of short numbers is longer, nor an insertion but for its text.
    static constexpr std::size_t kShortBytes = 1 + 4 * ShortNumbers::kBytesMax;
    /// Of a target that is named without its branch.
    static constexpr unsigned kTargetBits = op_bytes::kFormMask << op_bytes::kFormShift;
    static constexpr unsigned kValueBit = 1; ///< in the second head of a mark
    /// Of a short mark without its key and value, and what is read ahead.
    static constexpr std::size_t kShortMarkBytes = 2 + 8 * ShortNumbers::kBytesMax;

    /// After the first error every read gives zero.
    [[gnu::noinline]] void fail(Code code)
    {
        if (!m_error)
            m_error = code;
        m_in.fail();
    }

    std::uint64_t number(std::uint64_t max)
    {
        const std::uint64_t value = m_in.varint();
        if (m_in.ok() && value <= max) [[likely]]
            return value;
        fail(m_in.ok() ? Code::E_BOUNDS : Code::E_CANON);
        return 0;
    }

    std::string_view string(std::size_t max)
    {
        const std::string_view text = viewOf(m_in.raw(number(max)));
        if (m_in.ok() && utf8::isValid(text))
            return text;
        fail(Code::E_CANON);
        return {};
    }

    void readInto(Ops &ops)
    {
        if (m_in.left() >= kShortBytes && readShort(ops)) [[likely]]
            return;
        const unsigned next = m_in.left() < kShortMarkBytes ? 0U : unsigned(m_in.rest()[0]);
        if ((next & ~(kTargetBits | kFlagBit)) == op_bytes::headOf(Kind::Mark)
            && readShortMark(next, ops))
            return;
        const unsigned head = m_in.u8();
        if (!m_in.ok())
            fail(Code::E_CANON);
        const unsigned kind = op_bytes::kindOf(head);
        if (kind == static_cast<unsigned>(Kind::Delete)) {
            const OpId first = readPlainTarget(head);
            const auto length = static_cast<std::uint32_t>(number(UINT32_MAX - first.index));
            if (length == 0)
                fail(Code::E_CANON);
            ops.emplace_back(DeleteText{first, length});
            ++m_next;
        } else if (kind == static_cast<unsigned>(Kind::Insert)) {
            const OpId parent = readTarget(head);
            const std::size_t bytes = number(limits::kDecodedBytesMax);
            addInsertion(ops, parent, sideOf(head), bytes);
        } else {
            if (kind == static_cast<unsigned>(Kind::Mark))
                readMark(head, std::get<SetMark>(ops.emplace_back(std::in_place_type<SetMark>)));
            else if (kind == static_cast<unsigned>(Kind::Attribute))
                readAttribute(
                    head,
                    std::get<SetAttribute>(ops.emplace_back(std::in_place_type<SetAttribute>)));
            else
                readOtherInto(ops, head);
        }
    }

    /// The two kinds of op that are many, as they mostly are: with short numbers, in one pass. What
    /// is otherwise, wrong or near the end is left where it is, for those who can tell why.
    [[gnu::always_inline]] bool readShort(Ops &ops)
    {
        const ByteView rest = m_in.rest();
        const auto head = static_cast<unsigned>(rest[0]);
        const bool isDeletion = (head & ~kTargetBits) == op_bytes::headOf(Kind::Delete);
        const bool isInsertion =
            (head & ~(kTargetBits | kFlagBit)) == op_bytes::headOf(Kind::Insert);
        if (!isDeletion && !isInsertion)
            return false;
        ShortNumbers numbers(rest.subspan(1));
        OpId target;
        if (!readShortTarget(formOf(head), numbers, target))
            return false;
        const std::uint32_t length = numbers.get();
        if (!numbers.isSound() || length == 0)
            return false;
        if (isDeletion) {
            ops.emplace_back(DeleteText{target, length});
            ++m_next;
            static_cast<void>(m_in.raw(1 + numbers.bytesRead()));
            return true;
        }
        if (m_in.left() - kShortBytes < length)
            return false;
        static_cast<void>(m_in.raw(1 + numbers.bytesRead()));
        addInsertion(ops, target, sideOf(head), length);
        return true;
    }

    [[gnu::always_inline]] bool readShortTarget(Form form, ShortNumbers &numbers, OpId &target)
    {
        if (form == Form::Own) {
            const std::uint32_t distance = numbers.get();
            if (distance == 0 || distance > m_next)
                return false;
            target = {m_own.handle, m_next - distance};
        } else if (form != Form::Root) {
            const auto isOther = static_cast<std::uint32_t>(form == Form::OtherDevice);
            const std::uint32_t number = numbers.get();
            const std::uint32_t seq = numbers.getIf(isOther);
            target.index = numbers.get();
            return resolveShort(isOther, number, seq, target.change);
        }
        return true;
    }

    /// A mark in the same way.
    bool readShortMark(unsigned head, Ops &ops)
    {
        const ByteView rest = m_in.rest();
        ShortNumbers first(rest.subspan(1));
        Anchor from{kRoot, sideOf(head)};
        if (!readShortTarget(formOf(head), first, from.id) || !first.isSound())
            return false;
        const std::size_t middle = 1 + first.bytesRead();
        const auto second = static_cast<unsigned>(rest[middle]);
        ShortNumbers numbers(rest.subspan(middle + 1));
        Anchor to{kRoot, sideOf(second)};
        if ((second & ~(kTargetBits | kFlagBit | kValueBit)) != 0
            || !readShortTarget(formOf(second), numbers, to.id))
            return false;
        const std::uint32_t keyBytes = numbers.get();
        if (!numbers.isSound() || keyBytes > limits::kFieldKeyBytesMax)
            return false;
        std::size_t at = middle + 1 + numbers.bytesRead();
        if (rest.size() - at < keyBytes + ShortNumbers::kBytesMax)
            return false;
        const std::string_view key = viewOf(rest.subspan(at, keyBytes));
        at += keyBytes;
        const auto hasValue = static_cast<std::uint32_t>((second & kValueBit) != 0);
        ShortNumbers last(rest.subspan(at));
        const std::uint32_t valueBytes = last.getIf(hasValue);
        at += last.bytesRead();
        const bool isInside = valueBytes <= limits::kFieldValueBytesMax
            && valueBytes <= rest.size() - at && last.isSound();
        if (!isInside)
            return false;
        const std::string_view value = viewOf(rest.subspan(at, valueBytes));
        if (!utf8::isValid(key) || !utf8::isValid(value))
            return false;
        auto &mark = std::get<SetMark>(ops.emplace_back(std::in_place_type<SetMark>));
        mark.from = from;
        mark.to = to;
        mark.key = key;
        if (hasValue != 0)
            mark.value.emplace(value);
        static_cast<void>(m_in.raw(at + valueBytes));
        return true;
    }

    /// A change named without its branch, by a distance back to one of the same device or as
    /// another's. False for what is not canonical or not known.
    bool resolveShort(std::uint32_t isOther, std::uint32_t number, std::uint32_t seq,
                      ChangeHandle &change)
    {
        const bool isBack = isOther == 0 && number != 0 && number < m_own.seq.value;
        const bool isOwn = isOther != 0 && number == m_own.device.value && seq < m_own.seq.value;
        if ((isOther == 0 && !isBack) || isOwn || m_isTargetUnknown)
            return false;
        const ChangeName name = isOther != 0
            ? ChangeName{DeviceIndex(static_cast<std::uint16_t>(number)), Seq(seq), 0}
            : ChangeName{m_own.device, Seq(m_own.seq.value - number), 0};
        const auto found = resolve(name);
        if (!found || *found == m_own.handle || *found == kRoot.change)
            return false;
        change = *found;
        return true;
    }

    void addInsertion(Ops &ops, const OpId &parent, Side side, std::size_t bytes)
    {
        const std::string_view text = viewOf(m_in.raw(bytes));
        TextOffset length = 0;
        if (text.empty() || !utf8::isValid(text, length)) [[unlikely]]
            return fail(Code::E_CANON);
        auto &op = std::get<InsertText>(ops.emplace_back(std::in_place_type<InsertText>));
        op.parent = parent;
        op.side = side;
        op.text = text;
        m_next += length;
    }

    /// Becomes an op where it is to stand: to move one costs as much as to read it.
    struct InPlace {
        OpsDecoder *decoder;
        unsigned head;
        operator Op() const { return decoder->readOther(head); }
    };

    void readOtherInto(Ops &ops, unsigned head)
    {
        ops.emplace_back(InPlace{this, head});
        ++m_next;
    }

    Op readOther(unsigned head)
    {
        switch (op_bytes::kindOf(head)) {
        case static_cast<unsigned>(Kind::Set):
            return readSet(head);
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

    Op readSet(unsigned head)
    {
        if (head != op_bytes::headOf(Kind::Set))
            fail(Code::E_CANON);
        SetField op;
        op.key = readKey();
        op.value = Value(std::string(readText()));
        return op;
    }

    void readMark(unsigned head, SetMark &op)
    {
        op.from = {readTarget(head), sideOf(head)};
        const unsigned second = secondHead(kValueBit | kFlagBit);
        op.to = {readTarget(second), sideOf(second)};
        op.key = readKey();
        if ((second & kValueBit) != 0)
            op.value.emplace(readText());
    }

    void readAttribute(unsigned head, SetAttribute &op)
    {
        op.letter = readTarget(head);
        op.key = readKey();
        if ((head & kFlagBit) != 0)
            op.value.emplace(readText());
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

    std::string_view readKey() { return string(limits::kFieldKeyBytesMax); }
    std::string_view readText() { return string(limits::kFieldValueBytesMax); }
    Value readValue(Value::Kind kind)
    {
        return kind == Value::Kind::Text ? Value(std::string(readText())) : Value(kind);
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
        if (m_error || m_isTargetUnknown) [[unlikely]]
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
        Known &known = m_known[(name.seq.value + name.device.value * 29U) % m_known.size()];
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
    std::array<Known, 64> m_known{};
    std::uint32_t m_next;
    bool m_isTargetUnknown = false;
    std::optional<Code> m_error;
};

} // namespace

std::expected<Ops, Code> decodeOps(ByteView bytes, const OwnChange &own,
                                   const ChangeResolver &resolver, std::uint32_t next, Ops room)
{
    if (bytes.size() > limits::kDecodedBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    return OpsDecoder(bytes, own, resolver, next).run(std::move(room));
}

} // namespace nlbd::crdt
