#include "tests/support/crdt_world.h"
#include "tests/support/saved.h"
#include "tests/support/trace.h"

#include <fstream>
#include <iterator>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::batchNamesOf;
using nlbd::test::batchResolverOf;
using nlbd::test::CrdtWorld;
using nlbd::test::FakeHistory;
using nlbd::test::opened;
using nlbd::test::resolverOf;
using nlbd::test::saved;
using nlbd::test::savedWithin;
using nlbd::test::setSum;

namespace {

void compare(const Document &a, const Document &b)
{
    b.checkInvariants();
    QCOMPARE(b.text(), a.text());
    QCOMPARE(b.length(), a.length());
    QVERIFY(b.runs(0, b.length()) == a.runs(0, a.length()));
    QVERIFY(b.fieldValues("title") == a.fieldValues("title"));
    for (TextOffset at = 0; at <= a.length(); ++at)
        QVERIFY(a.anchorAt(at) == b.anchorAt(at));
}

std::vector<BatchChange> batchOf(const CrdtWorld &world, const FakeHistory &history,
                                 std::span<const ChangeHandle> changes)
{
    std::vector<BatchChange> batch;
    for (const ChangeHandle change : changes)
        batch.push_back({change, history.nameOf(change), world.ops(change)});
    return batch;
}

Bytes fileBytes(const std::string &name)
{
    const QByteArray source = qgetenv("NLBD_SOURCE_DIR");
    std::ifstream file((source.isEmpty() ? std::string(".") : source.toStdString())
                           + "/tests/vectors/" + name,
                       std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return copyOf(bytesOf(text));
}

/// What the vectors hold, told in SNAPSHOT.md.
struct Example {
    Example()
    {
        changes.push_back({history.add(0, {}, 0), {}, {InsertText{kRoot, Side::Right, "hello"}}});
        const ChangeHandle first = changes[0].handle;
        changes.push_back(
            {history.add(0, {first}, 0),
             {},
             {DeleteText{{first, 1}, 4}, InsertText{{first, 1}, Side::Left, "\xC3\xA9!"},
              SetField{"title", "A"}}});
        changes.push_back(
            {history.add(1, {first}, 0), {}, {InsertText{{first, 4}, Side::Right, " you"}}});
        addRich();
        for (BatchChange &change : changes) {
            change.name = history.nameOf(change.handle);
            document.integrate(change.handle, change.ops);
        }
    }
    void addRich()
    {
        const ChangeHandle rich = history.add(1, {changes[1].handle, changes[2].handle}, 0);
        const OpId h{changes[0].handle, 0};
        changes.push_back({rich,
                           {},
                           {SetMark{{h, Side::Left}, {kRoot, Side::Left}, "b", "1"},
                            SetField{"l", Value(Value::Kind::List)},
                            InsertItem{{rich, 0}, kRoot, Side::Right, "x"}}});
    }

    FakeHistory history{2};
    std::vector<BatchChange> changes;
    Document document{history};
};

} // namespace

class SnapshotTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyDocument()
    {
        const FakeHistory history(1);
        const Document document(history);
        auto again = opened(saved(document, history), history);
        QVERIFY(again.has_value());
        compare(document, *again);
    }

    void textIsThereBeforeTheRest()
    {
        const Example example;
        const auto snapshot = Snapshot::open(saved(example.document, example.history));
        QVERIFY(snapshot.has_value());
        QCOMPARE(std::string(snapshot->text()), example.document.text());
        QCOMPARE(snapshot->length(), example.document.length());
        QCOMPARE(snapshot->text(1, 3), example.document.text(1, 3));
        QCOMPARE(snapshot->text(7, 30), example.document.text(7, 30));
        QCOMPARE(std::string(viewOf(snapshot->note())), std::string("frontier"));
    }

    void vectors()
    {
        const Example example;
        QCOMPARE(example.document.text(), std::string("h\xC3\xA9! you"));
        const auto again = opened(fileBytes("snapshot_1.bin"), example.history);
        QVERIFY(again.has_value());
        compare(example.document, *again);
        const auto batch = decodeBatch(fileBytes("batch_1.bin"), batchResolverOf(example.history));
        QVERIFY(batch.has_value() && *batch == example.changes);
        // Nothing in them is long enough to be compressed: the bytes are those of every zstd.
        QCOMPARE(toHex(saved(example.document, example.history)),
                 toHex(fileBytes("snapshot_1.bin")));
        QCOMPARE(toHex(encodeBatch(example.changes, batchNamesOf(example.history))),
                 toHex(fileBytes("batch_1.bin")));
    }

    void noMoreIsSavedThanOpens()
    {
        const Example example;
        const Bytes bytes = saved(example.document, example.history);
        Reader in(ByteView(bytes).subspan(kSnapshotMagic.size() + 1 + sizeof(std::uint64_t)));
        static_cast<void>(in.blob(bytes.size()));
        static_cast<void>(in.varint() + in.varint());
        const std::size_t text = readPacked(in).size;
        for (int i = 0; i < 5; ++i)
            static_cast<void>(in.varint()); // counts
        std::size_t columns = 0;
        while (in.left() > 0)
            columns += readPacked(in).size;
        QVERIFY(in.done() && text > 0 && columns > text);
        QVERIFY(savedWithin(example.document, example.history, columns) == bytes);
        QVERIFY(savedWithin(example.document, example.history, columns - 1)
                == std::unexpected(Code::E_BOUNDS));

        FakeHistory history(1); // a long run has few columns
        Document document(history);
        Draft draft;
        draft.restart(history.add(0, {}, 0));
        document.insert(0, std::string(1000, 'a'), draft);
        QVERIFY(savedWithin(document, history, 1000).has_value());
        QVERIFY(savedWithin(document, history, 999) == std::unexpected(Code::E_BOUNDS));
    }

    void randomWorlds_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 0; seed < 150; ++seed)
            QTest::newRow(qPrintable(QString::number(seed))) << seed;
    }

    /// What is opened is what was saved, and goes on as that does.
    void randomWorlds()
    {
        QFETCH(quint64, seed);
        CrdtWorld world(seed);
        for (std::uint64_t i = 3 + world.below(60); i > 0; --i)
            world.step();
        CrdtWorld::Replica &first = world.replicas()[0];
        const Bytes bytes = saved(first.document, world.history());
        auto again = opened(bytes, world.history());
        QVERIFY(again.has_value());
        compare(first.document, *again);
        QVERIFY(saved(*again, world.history()) == bytes);
        CrdtWorld::Replica copy{world.history()};
        copy.document = std::move(*again);
        copy.known = first.known;
        copy.voids = first.voids;
        for (int i = 0; i < 25; ++i)
            world.step();
        const std::set<ChangeHandle> voids = first.voids;
        world.deliver(copy, first);
        for (const ChangeHandle change : first.known) {
            const bool isVoid = voids.contains(change);
            if (isVoid != copy.voids.contains(change))
                world.setVoid(copy, change, isVoid);
        }
        compare(first.document, copy.document);
        for (const ChangeHandle change : first.known)
            if (voids.contains(change)) {
                world.setVoid(copy, change, false);
                world.setVoid(first, change, false);
            }
        compare(first.document, copy.document);
    }

    void localEditsGoOn()
    {
        const Example example;
        auto again = opened(saved(example.document, example.history), example.history);
        QVERIFY(again.has_value());
        FakeHistory later(1);
        Draft draft;
        draft.restart(ChangeHandle(99));
        for (const char letter : std::string("more text"))
            again->insert(again->length(), std::string(1, letter), draft);
        again->erase(2, 3, draft);
        again->checkInvariants();
        QCOMPARE(again->text(), std::string("h\xC3\xA9oumore text"));
        QCOMPARE(draft.ops.size(), std::size_t(3));
    }

    /// Every cut and many flips, with a checksum that fits: nothing crashes, what opens is whole.
    void damage()
    {
        CrdtWorld world(7);
        for (int i = 0; i < 60; ++i)
            world.step();
        const Bytes bytes = saved(world.replicas()[0].document, world.history());
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            QVERIFY(!opened(cut, world.history()));
            setSum(cut);
            QVERIFY(!opened(cut, world.history()));
        }
        std::size_t accepted = 0;
        for (std::size_t at = 0; at < bytes.size(); ++at)
            for (const unsigned flip : {0x01U, 0x02U, 0x10U, 0x80U, 0xFFU}) {
                Bytes bent = bytes;
                bent[at] ^= static_cast<std::byte>(flip);
                QVERIFY(!opened(bent, world.history()));
                setSum(bent);
                const auto again = opened(bent, world.history());
                if (!again)
                    continue;
                ++accepted;
                again->checkInvariants();
            }
        QVERIFY(accepted > 0); // or the checks below the checksum were never asked
    }

    void namesMustBeKnown()
    {
        const Example example;
        const auto snapshot = Snapshot::open(saved(example.document, example.history));
        QVERIFY(snapshot.has_value());
        const auto nobody = [](const SnapshotName &) { return std::optional<ChangeHandle>(); };
        QVERIFY(snapshot->document(example.history, nobody).error() == Code::E_OP_TARGET);
        const auto one = [](const SnapshotName &) { return std::optional(ChangeHandle(1)); };
        QVERIFY(snapshot->document(example.history, one).error() == Code::E_OP_TARGET);
    }

    void traces_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("friendsforever") << "friendsforever_flat";
        QTest::newRow("sveltecomponent") << "sveltecomponent";
    }
    void traces()
    {
        QFETCH(QString, name);
        const QByteArray source = qgetenv("NLBD_SOURCE_DIR");
        const auto trace =
            test::readTrace((source.isEmpty() ? "." : source.toStdString())
                            + "/tests/vectors/traces/" + name.toStdString() + ".json.gz");
        QVERIFY(trace.has_value());
        FakeHistory history(1);
        Document document(history);
        std::vector<BatchChange> batch;
        std::vector<ChangeHandle> before;
        for (const test::Trace::Transaction &transaction : trace->transactions) {
            Draft draft;
            draft.restart(history.open(0));
            for (const TextPatch &patch : transaction.patches) {
                if (patch.removed > 0)
                    document.erase(patch.at, patch.removed, draft);
                if (!patch.inserted.empty())
                    document.insert(patch.at, patch.inserted, draft);
            }
            history.sign(draft.change, before, 0);
            before = {draft.change};
            batch.push_back({draft.change, history.nameOf(draft.change), draft.ops});
        }
        const Bytes bytes = saved(document, history);
        const auto again = opened(bytes, history);
        QVERIFY(again.has_value());
        QCOMPARE(again->text(), trace->endContent);
        again->checkInvariants();
        QVERIFY(saved(*again, history) == bytes);
        const auto decoded =
            decodeBatch(encodeBatch(batch, batchNamesOf(history)), batchResolverOf(history));
        QVERIFY(decoded.has_value() && *decoded == batch);
    }

    void batchesOfRandomWorlds_data() { randomWorlds_data(); }

    /// Any part of a history comes out as it went in; from other bytes comes what has these.
    void batchesOfRandomWorlds()
    {
        QFETCH(quint64, seed);
        CrdtWorld world(seed);
        for (int i = 0; i < 40; ++i)
            world.step();
        const FakeHistory &history = world.history();
        const auto &known = world.replicas()[0].known;
        const std::size_t from = world.below(known.size() + 1);
        const auto batch = batchOf(world, history, std::span(known).subspan(from));
        const Bytes bytes = encodeBatch(batch, batchNamesOf(history));
        const auto decoded = decodeBatch(bytes, batchResolverOf(history));
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == batch);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY(!decodeBatch(ByteView(bytes).first(size), batchResolverOf(history)));
        for (std::size_t i = 0; i < 200 && !bytes.empty(); ++i) {
            Bytes bent = bytes;
            bent[world.below(bent.size())] ^= static_cast<std::byte>(1 + world.below(255));
            const auto other = decodeBatch(bent, batchResolverOf(history));
            if (!other)
                continue;
            const Bytes again = encodeBatch(*other, batchNamesOf(history));
            const auto twice = decodeBatch(again, batchResolverOf(history));
            QVERIFY(twice.has_value() && *twice == *other);
        }
    }
};

QTEST_APPLESS_MAIN(SnapshotTest)
#include "snapshot_test.moc"
