#include "core/crdt/document.h"
#include "tests/support/fake_history.h"
#include "tests/support/single_ops.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::insertOp;

namespace {

enum class Typing { Forward, Backward };

struct Writer {
    std::string word;
    Typing typing = Typing::Forward;
};

/// What a writer made: each letter a change of its own, or all letters one change.
struct Written {
    std::vector<std::pair<ChangeHandle, Ops>> changes;
};

Written write(FakeHistory &history, Document &document, std::size_t device, const Writer &writer,
              TextOffset at, std::vector<ChangeHandle> parents, std::uint64_t tie)
{
    Written written;
    TextOffset caret = at;
    for (std::size_t i = 0; i < writer.word.size(); ++i) {
        const bool isForward = writer.typing == Typing::Forward;
        const char letter = writer.word[isForward ? i : writer.word.size() - 1 - i];
        const ChangeHandle change = history.open(device);
        const Op op = insertOp(document, caret, std::string(1, letter), change, 0);
        caret += isForward ? 1 : 0;
        history.sign(change, parents, tie);
        parents = {change};
        written.changes.emplace_back(change, Ops{op});
    }
    return written;
}

} // namespace

/// Runs that several people type at one place at the same time stay whole (CRDT_NOTES section 3).
class InterleavingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsStayWhole_data()
    {
        QTest::addColumn<QList<int>>("ways");
        QTest::newRow("forward, forward") << QList<int>{0, 0};
        QTest::newRow("backward, backward") << QList<int>{1, 1};
        QTest::newRow("forward, backward") << QList<int>{0, 1};
        QTest::newRow("backward, forward") << QList<int>{1, 0};
        QTest::newRow("three forward") << QList<int>{0, 0, 0};
        QTest::newRow("three backward") << QList<int>{1, 1, 1};
        QTest::newRow("two forward, one backward") << QList<int>{0, 1, 0};
        QTest::newRow("one forward, two backward") << QList<int>{1, 0, 1};
    }

    void runsStayWhole()
    {
        QFETCH(QList<int>, ways);
        for (const std::string_view base : {"", "XY"}) {
            std::vector<std::uint64_t> ties;
            for (int i = 0; i < ways.size(); ++i)
                ties.push_back(std::uint64_t(i));
            do {
                merge(ways, base, ties);
            } while (std::ranges::next_permutation(ties).found);
        }
    }

    /// The paper's case of three: C writes 2; A sees it and puts 1 before it; B writes b meanwhile.
    void threeReplicas()
    {
        std::vector<std::uint64_t> ties{1, 2, 3};
        do {
            FakeHistory history(3);
            Document a(history);
            Document b(history);
            Document c(history);
            const Written two = write(history, c, 2, {"2"}, 0, {}, ties[2]);
            a.apply(two.changes[0].first, two.changes[0].second);
            const Written one = write(history, a, 0, {"1"}, 0, {two.changes[0].first}, ties[0]);
            const Written other = write(history, b, 1, {"b"}, 0, {}, ties[1]);
            a.apply(other.changes[0].first, other.changes[0].second);
            QVERIFY2(a.text().contains("12"), a.text().c_str());
            b.apply(two.changes[0].first, two.changes[0].second);
            b.apply(one.changes[0].first, one.changes[0].second);
            QCOMPARE(b.text(), a.text());
        } while (std::ranges::next_permutation(ties).found);
    }

private:
    static void merge(const QList<int> &ways, std::string_view base,
                      const std::vector<std::uint64_t> &ties)
    {
        const auto people = std::size_t(ways.size());
        FakeHistory history(people);
        std::vector<Document> documents;
        for (std::size_t i = 0; i < people; ++i)
            documents.emplace_back(history);
        std::vector<ChangeHandle> parents;
        if (!base.empty()) {
            const ChangeHandle first = history.open(0);
            const Ops ops{insertOp(documents[0], 0, base, first, 0)};
            history.sign(first, {}, 0);
            for (std::size_t i = 1; i < people; ++i)
                documents[i].apply(first, ops);
            parents = {first};
        }
        const auto at = TextOffset(base.size() / 2);
        std::vector<Written> written;
        for (std::size_t i = 0; i < people; ++i) {
            const Writer writer{std::string(5, char('a' + i)),
                                ways[qsizetype(i)] == 0 ? Typing::Forward : Typing::Backward};
            written.push_back(write(history, documents[i], i, writer, at, parents, ties[i]));
        }
        for (std::size_t i = 0; i < people; ++i) {
            for (std::size_t other = 0; other < people; ++other) {
                for (const auto &[change, ops] : written[other].changes) {
                    if (other != i)
                        documents[i].apply(change, ops);
                }
            }
            const std::string text = documents[i].text();
            QCOMPARE(text, documents[0].text());
            for (std::size_t word = 0; word < people; ++word)
                QVERIFY2(text.contains(std::string(5, char('a' + word))), text.c_str());
            QCOMPARE(text.size(), base.size() + 5 * people);
            documents[i].checkInvariants();
        }
    }
};

QTEST_APPLESS_MAIN(InterleavingTest)
#include "interleaving_test.moc"
