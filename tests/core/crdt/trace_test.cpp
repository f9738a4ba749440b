#include "core/base/random.h"
#include "core/crdt/document.h"
#include "tests/support/fake_history.h"
#include "tests/support/trace.h"

#include <QElapsedTimer>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::Trace;

namespace {

std::string vectorPath(const std::string &name)
{
    const QByteArray source = qgetenv("NLBD_SOURCE_DIR");
    return (source.isEmpty() ? std::string(".") : source.toStdString()) + "/tests/vectors/traces/"
        + name + ".json.gz";
}

/// Plays patches as a writer of one change would.
void play(Document &document, const TextPatches &patches, Draft &draft)
{
    for (const TextPatch &patch : patches) {
        if (patch.removed > 0)
            document.erase(patch.at, patch.removed, draft);
        if (!patch.inserted.empty())
            document.insert(patch.at, patch.inserted, draft);
    }
}

/// Takes a change as it comes from elsewhere: bytes, check, apply.
void receive(Document &document, const FakeHistory &history, ChangeHandle change,
             const Bytes &bytes)
{
    const auto ops = decodeOps(bytes, history.own(change), history);
    QVERIFY(ops.has_value());
    const auto isInPast = [&](ChangeHandle it) { return history.isInPast(it, change); };
    QVERIFY(document.check(change, *ops, isInPast).has_value());
    (void)document.apply(change, *ops);
}

} // namespace

/// Real writing ends in its known text, at the writers and at those who take their bytes.
class TraceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void badFilesAreExplained()
    {
        QVERIFY(!test::readTrace("/nowhere.json.gz").has_value());
        QVERIFY(!test::readTrace(vectorPath("../README")).has_value());
    }

    void sequential_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("transactionsPerChange");
        QTest::newRow("friendsforever_flat, each key a change") << "friendsforever_flat" << 1;
        QTest::newRow("friendsforever_flat, batched") << "friendsforever_flat" << 20;
        QTest::newRow("sveltecomponent") << "sveltecomponent" << 8;
        QTest::newRow("automerge-paper") << "automerge-paper" << 30;
        QTest::newRow("json-crdt-blog-post, beyond ASCII") << "json-crdt-blog-post" << 4;
    }

    void sequential()
    {
        QFETCH(QString, name);
        QFETCH(int, transactionsPerChange);
        const auto trace = test::readTrace(vectorPath(name.toStdString()));
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().c_str());
        FakeHistory history(1);
        Document writer(history);
        Document reader(history);
        std::vector<std::pair<ChangeHandle, Bytes>> sent;
        QElapsedTimer timer;
        timer.start();
        std::vector<ChangeHandle> parents;
        for (std::size_t i = 0; i < trace->transactions.size();) {
            const ChangeHandle change = history.open(0);
            Draft draft{change, {}, 0};
            for (int k = 0; k < transactionsPerChange && i < trace->transactions.size(); ++k, ++i)
                play(writer, trace->transactions[i].patches, draft);
            history.sign(change, parents, 0);
            parents = {change};
            sent.emplace_back(change, encodeOps(draft.ops, history.own(change), history));
        }
        const qint64 written = timer.restart();
        QVERIFY(writer.text() == trace->endContent);
        std::size_t bytes = 0;
        for (const auto &[change, encoded] : sent) {
            receive(reader, history, change, encoded);
            bytes += encoded.size();
        }
        qInfo("%s: %lld ms to write, %lld ms to decode, check and apply, %zu bytes of ops",
              qPrintable(name), written, timer.elapsed(), bytes);
        QVERIFY(reader.text() == trace->endContent);
        writer.checkInvariants();
        reader.checkInvariants();
    }

    void concurrent_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("two writers") << "friendsforever";
        QTest::newRow("three writers") << "clownschool";
    }

    /// Writers, each with a replica that follows the event graph, and a listener who gets all.
    /// Where two typed at one place at once the order is the hashes' affair: one of two orders
    /// gives the recorded text, and either way all replicas agree.
    void concurrent()
    {
        QFETCH(QString, name);
        const auto trace = test::readTrace(vectorPath(name.toStdString()));
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().c_str());
        QVERIFY(trace->isConcurrent);
        const std::string first = replay(*trace, {0, 1, 2});
        const std::string second = replay(*trace, {2, 1, 0});
        QVERIFY(first == trace->endContent || second == trace->endContent);
        QCOMPARE(first.size(), trace->endContent.size());
        QCOMPARE(second.size(), trace->endContent.size());
    }

private:
    struct Site {
        explicit Site(const FakeHistory &history, std::size_t count)
            : document(history)
            , isKnown(count, 0)
        {
        }
        Document document;
        std::vector<char> isKnown; ///< by transaction
    };

    static std::string replay(const Trace &trace, const std::vector<std::uint64_t> &ties)
    {
        FakeHistory history(trace.agentCount);
        std::vector<Site> sites;
        for (std::size_t i = 0; i < trace.agentCount + 1; ++i)
            sites.emplace_back(history, trace.transactions.size());
        std::vector<ChangeHandle> handles;
        std::vector<Bytes> sent;
        const auto catchUp = [&](Site &site, const std::vector<std::size_t> &heads) {
            for (const std::size_t i : test::missingHistory(trace, heads, site.isKnown)) {
                receive(site.document, history, handles[i], sent[i]);
                site.isKnown[i] = 1;
            }
        };
        for (std::size_t i = 0; i < trace.transactions.size(); ++i) {
            const Trace::Transaction &transaction = trace.transactions[i];
            Site &site = sites[transaction.agent];
            catchUp(site, transaction.parents);
            const ChangeHandle change = history.open(transaction.agent);
            Draft draft{change, {}, 0};
            play(site.document, transaction.patches, draft);
            std::vector<ChangeHandle> parents;
            for (const std::size_t parent : transaction.parents)
                parents.push_back(handles[parent]);
            history.sign(change, parents, ties[transaction.agent]);
            site.isKnown[i] = 1;
            handles.push_back(change);
            sent.push_back(encodeOps(draft.ops, history.own(change), history));
        }
        const std::vector<std::size_t> heads{trace.transactions.size() - 1};
        for (Site &site : sites) {
            catchUp(site, heads);
            for (std::size_t i = 0; i < handles.size(); ++i)
                catchUp(site, {i});
            site.document.checkInvariants();
        }
        for (const Site &site : sites)
            CHECK(site.document.text() == sites[0].document.text());
        for (const std::uint64_t seed : {1, 2, 3}) {
            Document late(history);
            receiveUnordered(late, trace, history, handles, sent, seed);
            CHECK(late.text() == sites[0].document.text());
            late.checkInvariants();
        }
        return sites[0].document.text();
    }

    /// Every change arrives at any time, some more than once. As history does, what waits for its
    /// causes is kept and what was there already is dropped; of what is ready anything goes first.
    static void receiveUnordered(Document &document, const Trace &trace, const FakeHistory &history,
                                 const std::vector<ChangeHandle> &handles,
                                 const std::vector<Bytes> &sent, std::uint64_t seed)
    {
        SeededRandom random(seed);
        const std::size_t count = trace.transactions.size();
        std::vector<std::size_t> arrivals;
        for (std::size_t i = 0; i < count; ++i)
            arrivals.insert(arrivals.end(), 1 + random.below(3) / 2, i);
        for (std::size_t i = arrivals.size(); i > 1; --i)
            std::swap(arrivals[i - 1], arrivals[random.below(i)]);
        std::vector<std::vector<std::size_t>> followers(count);
        std::vector<std::size_t> lacks(count);
        for (std::size_t i = 0; i < count; ++i) {
            lacks[i] = 1 + trace.transactions[i].parents.size(); // itself and its causes
            for (const std::size_t parent : trace.transactions[i].parents)
                followers[parent].push_back(i);
        }
        std::vector<char> hasArrived(count, 0);
        std::size_t applied = 0;
        for (const std::size_t arrival : arrivals) {
            if (std::exchange(hasArrived[arrival], 1) != 0)
                continue;
            std::vector<std::size_t> ready;
            if (--lacks[arrival] == 0)
                ready.push_back(arrival);
            while (!ready.empty()) {
                std::swap(ready[random.below(ready.size())], ready.back());
                const std::size_t next = ready.back();
                ready.pop_back();
                receive(document, history, handles[next], sent[next]);
                ++applied;
                for (const std::size_t follower : followers[next])
                    if (--lacks[follower] == 0)
                        ready.push_back(follower);
            }
        }
        CHECK(applied == count);
    }
};

QTEST_APPLESS_MAIN(TraceTest)
#include "trace_test.moc"
