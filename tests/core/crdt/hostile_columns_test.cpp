#include "core/crdt/op_batch.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"
#include "tests/support/saved.h"

#include <cstdlib>
#include <new>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::resolverOf;
using nlbd::test::setSum;

namespace {

std::size_t largestTaken = 0; ///< bytes that were asked for at once

} // namespace

void *operator new(std::size_t size)
{
    largestTaken = std::max(largestTaken, size);
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept
{
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

constexpr std::size_t kMany = 4UL * 1024 * 1024;

Bytes zeros(std::size_t count)
{
    return Bytes(count);
}

void pack(Writer &out, ByteView column)
{
    ColumnPacker(ColumnPacker::Effort::Quick).pack(column, out);
}

void packNothing(Writer &out, std::size_t columns)
{
    for (std::size_t i = 0; i < columns; ++i)
        ColumnPacker::store({}, out);
}

/// Of a document without letters: `names` and `pieces` are counted, all of them zeros.
Bytes snapshotOf(std::size_t names, std::size_t pieces)
{
    Writer out;
    out.raw(bytesOf(kSnapshotMagic));
    out.u8(kSnapshotLevel);
    out.u64(0);
    for (int i = 0; i < 3; ++i) // no note, no letters, no bytes of them
        out.varint(0);
    packNothing(out, 1);
    for (const std::size_t count : {names, pieces, std::size_t(0), std::size_t(0), std::size_t(0)})
        out.varint(count);
    pack(out, zeros(names));  // devices
    pack(out, zeros(names));  // seqs
    packNothing(out, 1);      // hashes
    pack(out, zeros(pieces)); // changes
    pack(out, zeros(pieces)); // starts
    pack(out, zeros(pieces)); // lengths
    packNothing(out, 3 + 5);
    Bytes bytes = std::move(out).take();
    setSum(bytes);
    return bytes;
}

/// What opening takes at once, beside its columns.
std::size_t takenFor(const Bytes &bytes, const FakeHistory &history, Code expected)
{
    const auto snapshot = Snapshot::open(bytes);
    CHECK(snapshot.has_value());
    largestTaken = 0;
    const auto document = snapshot->document(history, resolverOf(history));
    CHECK(!document.has_value() && document.error() == expected);
    return largestTaken;
}

} // namespace

/// Few bytes that say that they are many: nothing is taken for what they cannot hold.
class HostileColumnsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lengthsBeyondAll()
    {
        for (const std::uint64_t size : {kColumnBytesMax + 1, std::size_t(1) << 40U}) {
            Writer out;
            out.varint(size);
            out.blob(zeros(64));
            Reader in(out.bytes());
            QCOMPARE(readPacked(in).stored.size(), std::size_t(0));
            QVERIFY(!in.ok());
        }
    }

    /// A frame of a hundred bytes that is told as one of 4 MiB, and one with a second behind it.
    void framesThatAreNoSuch()
    {
        Writer frame;
        pack(frame, zeros(100));
        Reader in(frame.bytes());
        const PackedColumn honest = readPacked(in);
        QVERIFY(in.done() && !honest.isPlain());
        QVERIFY(ColumnUnpacker().unpack(honest) == zeros(100));
        largestTaken = 0;
        QVERIFY(!ColumnUnpacker().unpack({kMany, honest.stored}));
        QVERIFY(largestTaken < kMany);
        Bytes twice = copyOf(honest.stored);
        twice.insert(twice.end(), honest.stored.begin(), honest.stored.end());
        QVERIFY(!ColumnUnpacker().unpack({200, twice}));
    }

    void budgetIsOfAllColumns()
    {
        Writer out;
        pack(out, zeros(1000));
        Reader in(out.bytes());
        const PackedColumn column = readPacked(in);
        ColumnUnpacker unpacker(2500);
        QVERIFY(unpacker.unpack(column));
        QVERIFY(unpacker.unpack(column));
        QVERIFY(!unpacker.unpack(column));
    }

    /// Names take a byte each where they all follow each other: here 4 Mi of them, of which one is
    /// known.
    void namesThatNobodyKnows()
    {
        FakeHistory history(1);
        static_cast<void>(history.add(0, {}, 0));
        const Bytes bytes = snapshotOf(kMany, 0);
        QVERIFY(bytes.size() < 10'000);
        QVERIFY(takenFor(bytes, history, Code::E_OP_TARGET) <= kMany);
    }

    void piecesWithoutLetters()
    {
        FakeHistory history(1);
        static_cast<void>(history.add(0, {}, 0));
        const Bytes bytes = snapshotOf(1, kMany);
        QVERIFY(bytes.size() < 10'000);
        QVERIFY(takenFor(bytes, history, Code::E_CANON) <= kMany);
    }

    void batchOfUnknownChanges()
    {
        Writer out;
        out.u8(1);
        out.varint(kMany);
        out.varint(0);
        for (int i = 0; i < 4; ++i) // devices, seqs, branches, counts of ops
            pack(out, zeros(kMany));
        packNothing(out, 3 + 5);
        QVERIFY(out.size() < 10'000);
        const auto own = [](std::size_t place, const ChangeName &) {
            return place < 3 ? std::optional(ChangeHandle(static_cast<std::uint32_t>(place + 1)))
                             : std::nullopt;
        };
        largestTaken = 0;
        const auto batch = decodeBatch(out.bytes(), {own, own});
        QVERIFY(!batch && batch.error() == Code::E_OP_TARGET);
        QVERIFY(largestTaken <= kMany);
    }
};

QTEST_APPLESS_MAIN(HostileColumnsTest)
#include "hostile_columns_test.moc"
