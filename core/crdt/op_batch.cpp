#include "core/crdt/op_batch.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/batch_ids.h"
#include "core/crdt/entry_columns.h"

namespace nlbd::crdt {

namespace {

constexpr std::uint8_t kBatchLevel = 1;

enum class BatchPart : std::uint8_t { Devices, Seqs, Branches, OpCounts, Outside, Others, Text };
constexpr std::size_t kBatchParts = 7;

/// Names as op_codec asks for them.
class NamesFor final : public ChangeNames {
public:
    NamesFor(const BatchNames &names, std::size_t referring)
        : m_names(&names)
        , m_referring(referring)
    {
    }
    [[nodiscard]] ChangeName nameOf(ChangeHandle change) const override
    {
        return (*m_names)(m_referring, change);
    }

private:
    const BatchNames *m_names;
    std::size_t m_referring;
};

class BatchWriter {
public:
    explicit BatchWriter(const BatchNames &names)
        : m_names(&names)
    {
    }

    Bytes run(std::span<const BatchChange> changes, ColumnPacker::Effort effort) &&
    {
        for (std::size_t place = 0; place < changes.size(); ++place)
            write(changes[place], place);
        Writer out;
        out.u8(kBatchLevel);
        out.varint(changes.size());
        out.varint(m_entryCount);
        ColumnPacker packer(effort);
        for (const Column &column : m_columns)
            packer.pack(column.view(), out);
        for (const ByteView entries : m_entries.views())
            packer.pack(entries, out);
        return std::move(out).take();
    }

private:
    [[nodiscard]] Column &column(BatchPart part)
    {
        return m_columns[static_cast<std::size_t>(part)];
    }

    void write(const BatchChange &change, std::size_t place)
    {
        CHECK(m_ids.begin(change.handle));
        column(BatchPart::Devices).putSigned(std::int64_t(change.name.device.value) - m_lastDevice);
        m_lastDevice = change.name.device.value;
        std::uint64_t &last = m_lastSeqs[change.name.device];
        column(BatchPart::Seqs)
            .putSigned(static_cast<std::int64_t>(change.name.seq.value - last - 1));
        last = change.name.seq.value;
        column(BatchPart::Branches).put(change.name.branch);
        column(BatchPart::OpCounts).put(change.ops.size());
        for (const Op &op : change.ops) {
            if (const auto *insertion = std::get_if<InsertText>(&op)) {
                write(*insertion, place);
            } else if (const auto *deletion = std::get_if<DeleteText>(&op)) {
                write(*deletion, place);
            } else {
                writeOther(op, change, place);
            }
            ++m_opsSince;
            CHECK(m_ids.add(idsTakenBy(op)));
        }
    }

    void write(const InsertText &op, std::size_t place)
    {
        const std::uint32_t count = utf8::length(op.text);
        put({false, op.side, false, 0, count}, op.parent, 0, place);
        column(BatchPart::Text).putRaw(bytesOf(op.text));
        m_cursor = m_ids.next() + count - 1;
    }

    void write(const DeleteText &op, std::size_t place)
    {
        put({true, Side::Left, false, 0, op.length}, op.first, op.length - 1, place);
        m_cursor = m_ids.numberOf(op.first).value_or(m_cursor);
    }

    /// `reach` letters behind the target are what the distance leads to.
    void put(EntryStep step, OpId target, std::uint32_t reach, std::size_t place)
    {
        ++m_entryCount;
        if (const auto number = m_ids.numberOf(target)) {
            CHECK(reach < BatchIds::kIdsMax);
            step.distance = static_cast<std::int32_t>(m_cursor - (*number + reach));
        } else {
            step.isMarked = true;
            const ChangeName name = (*m_names)(place, target.change);
            Column &out = column(BatchPart::Outside);
            out.put(name.device.value);
            out.put(name.seq.value);
            out.put(name.branch);
            out.put(target.index);
        }
        m_entries.put(step);
    }

    void writeOther(const Op &op, const BatchChange &change, std::size_t place)
    {
        const OwnChange own{change.handle, change.name.device, change.name.seq};
        const Bytes bytes = encodeOps({op}, own, NamesFor(*m_names, place), m_ids.nextIndex());
        Column &out = column(BatchPart::Others);
        out.put(m_opsSince);
        out.put(bytes.size());
        out.putRaw(bytes);
        m_opsSince = UINT64_MAX; // this one is not counted
    }

    const BatchNames *m_names;
    BatchIds m_ids;
    std::array<Column, kBatchParts> m_columns;
    EntryColumns m_entries;
    std::size_t m_entryCount = 0;
    std::uint64_t m_opsSince = 0; ///< since the last that puts and takes no letters
    std::int64_t m_lastDevice = 0;
    std::map<DeviceIndex, std::uint64_t> m_lastSeqs;
    std::uint32_t m_cursor = 0;
};

/// Resolves as op_codec asks.
class ResolverFor final : public ChangeResolver {
public:
    ResolverFor(const BatchResolver &resolver, std::size_t referring)
        : m_resolver(&resolver)
        , m_referring(referring)
    {
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        return m_resolver->other(m_referring, name);
    }

private:
    const BatchResolver *m_resolver;
    std::size_t m_referring;
};

class BatchReader {
public:
    explicit BatchReader(const BatchResolver &resolver)
        : m_resolver(&resolver)
    {
    }

    std::expected<std::vector<BatchChange>, Code> run(ByteView bytes)
    {
        if (!unpack(bytes))
            return std::unexpected(Code::E_CANON);
        ColumnReader devices = reader(BatchPart::Devices);
        ColumnReader seqs = reader(BatchPart::Seqs);
        ColumnReader branches = reader(BatchPart::Branches);
        ColumnReader counts = reader(BatchPart::OpCounts);
        m_outside = reader(BatchPart::Outside);
        m_others = reader(BatchPart::Others);
        m_text = viewOf(column(BatchPart::Text));
        m_isAscii = utf8::length(m_text) == m_text.size();
        EntryReader entries(entryColumns());
        m_entries = &entries;
        if (!utf8::isValid(m_text))
            return std::unexpected(Code::E_CANON);
        readOther();
        std::vector<BatchChange> changes;
        // Equal numbers pack as tightly as one likes: only what the resolver knows takes memory.
        changes.reserve(std::min(m_changeCount, bytes.size()));
        std::int64_t device = 0;
        for (std::size_t place = 0; place < m_changeCount && !m_error; ++place) {
            const std::int64_t step = devices.getSigned();
            device = std::abs(step) > UINT16_MAX ? -1 : device + step;
            if (device < 0 || device > UINT16_MAX)
                return std::unexpected(Code::E_CANON);
            BatchChange &change = changes.emplace_back();
            change.name.device = DeviceIndex(static_cast<std::uint16_t>(device));
            std::uint64_t &last = m_lastSeqs[change.name.device];
            last += 1 + static_cast<std::uint64_t>(seqs.getSigned());
            change.name.seq = Seq(last);
            change.name.branch = static_cast<std::uint32_t>(branches.get(UINT32_MAX));
            readOps(change, place, counts.get());
        }
        const bool isDone = devices.done() && seqs.done() && branches.done() && counts.done()
            && m_outside.done() && m_others.done() && m_text.empty() && entries.done()
            && m_entriesLeft == 0 && !m_hasOther;
        if (!m_error && !isDone)
            fail(Code::E_CANON);
        if (m_error)
            return std::unexpected(*m_error);
        return changes;
    }

private:
    void fail(Code code)
    {
        if (!m_error)
            m_error = code;
    }
    [[nodiscard]] ByteView column(BatchPart part) const
    {
        return m_columns[static_cast<std::size_t>(part)];
    }
    [[nodiscard]] ColumnReader reader(BatchPart part) const { return ColumnReader(column(part)); }
    [[nodiscard]] std::array<ByteView, EntryColumns::kCount> entryColumns() const
    {
        std::array<ByteView, EntryColumns::kCount> views;
        std::copy(m_columns.begin() + kBatchParts, m_columns.end(), views.begin());
        return views;
    }

    bool unpack(ByteView bytes)
    {
        Reader in(bytes);
        const std::uint8_t level = in.u8();
        m_changeCount = in.varint(BatchIds::kIdsMax);
        m_entriesLeft = in.varint(BatchIds::kIdsMax);
        ColumnUnpacker unpacker;
        for (Bytes &column : m_columns) {
            const PackedColumn packed = readPacked(in);
            auto unpacked = in.ok() ? unpacker.unpack(packed) : std::nullopt;
            if (!unpacked)
                return false;
            column = std::move(*unpacked);
        }
        // Whatever is counted takes a byte at least.
        return level == kBatchLevel && in.done()
            && m_changeCount <= column(BatchPart::Devices).size()
            && m_entriesLeft == entryColumns()[0].size();
    }

    void readOps(BatchChange &change, std::size_t place, std::uint64_t count)
    {
        const auto handle = m_resolver->own(place, change.name);
        if (count > limits::kOpsMax)
            return fail(Code::E_BOUNDS);
        if (!handle || !m_ids.begin(*handle))
            return fail(Code::E_OP_TARGET);
        change.handle = *handle;
        m_bytesLeft = limits::kDecodedBytesMax;
        // No op takes less than a byte of its column.
        change.ops.reserve(std::min<std::size_t>(count, m_entriesLeft + (m_hasOther ? 1 : 0)));
        for (std::uint64_t i = 0; i < count && !m_error; ++i) {
            if (m_hasOther && m_opsBeforeOther == 0)
                takeOther(change, place);
            else
                readEntry(change, place);
            if (!m_error && !m_ids.add(idsTakenBy(change.ops.back())))
                fail(Code::E_BOUNDS);
        }
    }

    void readEntry(BatchChange &change, std::size_t place)
    {
        if (m_entriesLeft == 0)
            return fail(Code::E_CANON);
        --m_entriesLeft;
        if (m_hasOther)
            --m_opsBeforeOther;
        const EntryStep step = m_entries->get();
        if (!m_entries->isSound() || (step.isMarked && step.distance != 0))
            return fail(Code::E_CANON);
        OpId target;
        if (step.isMarked) {
            target = readOutside(place);
        } else {
            const std::int64_t number =
                std::int64_t(m_cursor) - step.distance - (step.isDeletion ? step.length - 1 : 0U);
            if (number < 0 || number >= m_ids.next())
                return fail(Code::E_CANON);
            target = m_ids.idOf(static_cast<std::uint32_t>(number));
            if (step.isDeletion)
                m_cursor = static_cast<std::uint32_t>(number);
        }
        if (step.isDeletion)
            change.ops.emplace_back(DeleteText{target, step.length});
        else
            readInsertion(change, {target, step.side, {}}, step.length);
    }

    void readInsertion(BatchChange &change, InsertText op, std::uint32_t count)
    {
        const std::size_t bytes = m_isAscii ? count : utf8::bytePosition(m_text, count);
        const bool isThere = bytes <= m_text.size() && bytes >= count;
        if (!isThere || utf8::length(m_text.substr(0, bytes)) != count)
            return fail(Code::E_CANON);
        if (bytes > m_bytesLeft || count >= BatchIds::kIdsMax)
            return fail(Code::E_BOUNDS);
        m_bytesLeft -= bytes;
        op.text = m_text.substr(0, bytes);
        m_text.remove_prefix(bytes);
        m_cursor = m_ids.next() + count - 1;
        change.ops.emplace_back(std::move(op));
    }

    OpId readOutside(std::size_t place)
    {
        ChangeName name;
        name.device = DeviceIndex(static_cast<std::uint16_t>(m_outside.get(UINT16_MAX)));
        name.seq = Seq(m_outside.get());
        name.branch = static_cast<std::uint32_t>(m_outside.get(UINT32_MAX));
        const auto index = static_cast<std::uint32_t>(m_outside.get(UINT32_MAX));
        if (!m_outside.ok()) {
            fail(Code::E_CANON);
            return {};
        }
        const auto change = m_resolver->other(place, name);
        if (!change || *change == kRoot.change) {
            fail(Code::E_OP_TARGET);
            return {};
        }
        if (m_ids.numberOf({*change, index}))
            fail(Code::E_CANON); // has a shorter form
        return {*change, index};
    }

    /// Looks ahead at the next op that puts and takes no letters.
    void readOther()
    {
        m_hasOther = m_others.ok() && !m_others.done();
        if (!m_hasOther)
            return;
        m_opsBeforeOther = m_others.get();
        m_otherBytes = m_others.raw(m_others.get(limits::kDecodedBytesMax));
        if (!m_others.ok())
            fail(Code::E_CANON);
    }

    void takeOther(BatchChange &change, std::size_t place)
    {
        const OwnChange own{change.handle, change.name.device, change.name.seq};
        auto ops = decodeOps(m_otherBytes, own, ResolverFor(*m_resolver, place), m_ids.nextIndex());
        if (!ops)
            return fail(ops.error());
        const bool isOther = ops->size() == 1 && !std::holds_alternative<InsertText>(ops->front())
            && !std::holds_alternative<DeleteText>(ops->front());
        if (!isOther)
            return fail(Code::E_CANON);
        change.ops.push_back(std::move(ops->front()));
        readOther();
    }

    const BatchResolver *m_resolver;
    std::optional<Code> m_error;
    std::array<Bytes, kBatchParts + EntryColumns::kCount> m_columns;
    std::size_t m_changeCount = 0;
    std::size_t m_entriesLeft = 0;
    BatchIds m_ids;
    EntryReader *m_entries = nullptr;
    ColumnReader m_outside{{}};
    ColumnReader m_others{{}};
    bool m_hasOther = false;
    std::uint64_t m_opsBeforeOther = 0;
    ByteView m_otherBytes;
    std::string_view m_text;
    bool m_isAscii = false;
    std::size_t m_bytesLeft = 0; ///< of text that the change at hand may hold
    std::map<DeviceIndex, std::uint64_t> m_lastSeqs;
    std::uint32_t m_cursor = 0;
};

} // namespace

Bytes encodeBatch(std::span<const BatchChange> changes, const BatchNames &names,
                  ColumnPacker::Effort effort)
{
    return BatchWriter(names).run(changes, effort);
}

std::expected<std::vector<BatchChange>, Code> decodeBatch(ByteView bytes,
                                                          const BatchResolver &resolver)
{
    return BatchReader(resolver).run(bytes);
}

} // namespace nlbd::crdt
