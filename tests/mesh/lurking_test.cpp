#include "core/base/limits.h"
#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace nlbd;
using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;

int exitOf(const Peer &peer, const QStringList &verb)
{
    int code = -1;
    (void)peer.verb(verb, &code);
    return code;
}

QString textOf(const Peer &peer, const QString &title = QStringLiteral("Plan"))
{
    const auto lines = peer.verb({"show", title});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

/// The id of what is asked for in these words; empty if nobody asks, or it is decided.
QString openAt(const Peer &peer, const QString &words)
{
    for (const QJsonObject &line : peer.verb({"decisions"}))
        if (line.value("asks").toString().contains(words))
            return line.value("id").toString();
    return {};
}

/// Yes, once it is asked for; or it was decided before.
bool saysYes(const Peer &peer, const QString &words, const QString &whoGoes)
{
    return QTest::qWaitFor(
        [&] {
            const QString id = openAt(peer, words);
            return !isMember(peer, whoGoes)
                || (!id.isEmpty() && exitOf(peer, {"vote", id, "yes"}) == 0);
        },
        kPatienceMs);
}

/// Once: QTRY would write it again.
bool writes(const Peer &peer, const QString &words)
{
    return QTest::qWaitFor(
        [&] {
            return exitOf(peer, {"edit", "Plan", "--append", words}) == 0;
        },
        kPatienceMs);
}

void copyTree(const QString &from, const QString &to)
{
    std::error_code error;
    std::filesystem::remove_all(to.toStdString(), error);
    std::filesystem::copy(from.toStdString(), to.toStdString(),
                          std::filesystem::copy_options::recursive
                              | std::filesystem::copy_options::skip_symlinks,
                          error);
    QVERIFY2(!error, error.message().c_str());
}

} // namespace

/// nlbd-malory lies in wait for what others do (its list "lurking"), against real processes over
/// loopback.
class LurkingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void whoIsToGoFloods();
    void whoIsToGoAsksBack();
    void aRestoredDiskUsesNoNonceTwice();
    void cleanup();

private:
    void sit(const QStringList &honest);
    [[nodiscard]] Peer &named(const QString &name) const;
    [[nodiscard]] bool isMaloryThere() const;
    /// Ada does, once: who has just begun must wait a little.
    [[nodiscard]] bool asksToRemoveMalory() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Loopback> m_table;
    std::unique_ptr<QProcess> m_malory;
};

void LurkingTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    // Where starts are remembered goes with the disks.
    qputenv("NLBD_STATE", m_folder->filePath("starts").toUtf8());
    m_table = std::make_unique<Loopback>();
}

void LurkingTest::cleanup()
{
    if (m_malory) {
        m_malory->kill();
        m_malory->waitForFinished();
    }
    m_malory.reset();
    m_table.reset();
}

void LurkingTest::sit(const QStringList &honest)
{
    QVERIFY(m_table->found(honest, m_folder->path()));
    QCOMPARE(exitOf(*m_table->honest()[0], {"new", "Plan"}), 0);
    QCOMPARE(exitOf(*m_table->honest()[0], {"edit", "Plan", "--append", "before "}), 0);
    for (const auto &peer : m_table->honest())
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before ", kPatienceMs);
}

Peer &LurkingTest::named(const QString &name) const
{
    const auto found = std::ranges::find_if(
        m_table->honest(), [&name](const auto &peer) { return peer->name() == name; });
    Q_ASSERT(found != m_table->honest().end());
    return **found;
}

bool LurkingTest::isMaloryThere() const
{
    return std::ranges::all_of(m_table->honest(),
                               [](const auto &peer) { return isOnlineAt(*peer, "Malory"); });
}

bool LurkingTest::asksToRemoveMalory() const
{
    return QTest::qWaitFor(
        [this] {
            return !openAt(named("Ada"), "remove Malory").isEmpty()
                || exitOf(named("Ada"), {"propose", "remove", "Malory"}) == 0;
        },
        kPatienceMs);
}

/// Of a flood that begins when its author sees that he is to go, no more is kept than a few
/// seconds' budget; whoever is honest writes on meanwhile, and all show the same (PROTOCOL B 17).
void LurkingTest::whoIsToGoFloods()
{
    sit({"Ada", "Ben", "Cai", "Dea"}); // of four it is not asked without a warning
    if (QTest::currentTestFailed())
        return;
    m_malory = m_table->begin("last-flood");
    QTRY_VERIFY_WITH_TIMEOUT(isMaloryThere(), kPatienceMs);
    QElapsedTimer clock;
    clock.start();
    QVERIFY(asksToRemoveMalory());
    // It has begun, and is more than is taken, before the others answer.
    for (const auto &peer : m_table->honest())
        QTRY_VERIFY_WITH_TIMEOUT(timesOf(*peer, "E_RATE") > 0, kPatienceMs);
    QCOMPARE(exitOf(named("Ben"), {"edit", "Plan", "--append", "meanwhile "}), 0);
    for (const char *name : {"Ben", "Cai", "Dea"})
        QVERIFY(saysYes(named(name), "remove Malory", "Malory"));
    for (const auto &peer : m_table->honest())
        QTRY_VERIFY_WITH_TIMEOUT(!isMember(*peer, "Malory"), kPatienceMs);
    const qint64 seconds = clock.elapsed() / 1000 + 1;
    QCOMPARE(exitOf(named("Cai"), {"edit", "Plan", "--append", "after"}), 0);
    QString kept;
    for (const auto &peer : m_table->honest()) {
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer), "before meanwhile after", kPatienceMs);
        const QString his = textOf(*peer, "Malory");
        if (peer == m_table->honest().front())
            kept = his;
        QTRY_COMPARE_WITH_TIMEOUT(textOf(*peer, "Malory").size(), kept.size(), kPatienceMs);
        QVERIFY(textOf(*peer, "Malory") == kept);
    }
    const qint64 budget = static_cast<qint64>(limits::kPeerBytesBurst)
        + seconds * static_cast<qint64>(limits::kPeerBytesPerSecond);
    qInfo("%lld KiB of it were kept, %lld seconds after the wish", kept.size() / 1024, seconds);
    // Each honest session is a budget of its own, and what one took he gives to the others.
    QVERIFY(kept.size() <= budget * 4);
}

/// Both go, or one of them, and it is the same everywhere (PROTOCOL B 40).
void LurkingTest::whoIsToGoAsksBack()
{
    sit({"Ada", "Ben", "Cai", "Dea", "Eli"});
    if (QTest::currentTestFailed())
        return;
    m_malory = m_table->begin("remove-back");
    QTRY_VERIFY_WITH_TIMEOUT(isMaloryThere(), kPatienceMs);
    QVERIFY(asksToRemoveMalory());
    for (const auto &peer : m_table->honest()) // he asked by himself
        QTRY_VERIFY_WITH_TIMEOUT(!openAt(*peer, "remove Ada").isEmpty(), kPatienceMs);
    for (const char *name : {"Ben", "Cai", "Dea", "Eli"})
        QVERIFY(saysYes(named(name), "remove Ada", "Ada"));
    for (const char *name : {"Ben", "Cai", "Dea", "Eli"})
        QVERIFY(saysYes(named(name), "remove Malory", "Malory"));
    const auto leftBy = [](const Peer &peer) {
        return QStringLiteral("%1%2").arg(isMember(peer, "Ada")).arg(isMember(peer, "Malory"));
    };
    QString left;
    const auto isSettled = [&] {
        QSet<QString> outcomes;
        for (const char *name : {"Ben", "Cai", "Dea", "Eli"})
            outcomes << (hasOpenWork(named(name)) ? QStringLiteral("open") : leftBy(named(name)));
        left = *outcomes.begin();
        return outcomes.size() == 1 && left != "open" && left != "11";
    };
    QTRY_VERIFY_WITH_TIMEOUT(isSettled(), kPatienceMs);
    qInfo() << "Ada and Malory are members:" << left;
    for (const char *name : {"Ada", "Malory"}) // to ask breaks no rule
        QVERIFY(!hasProofAgainst(named("Ben"), name));
    // Whoever stays writes on.
    QCOMPARE(exitOf(named("Eli"), {"edit", "Plan", "--append", "after"}), 0);
    for (const char *name : {"Ben", "Cai", "Dea", "Eli"})
        QTRY_COMPARE_WITH_TIMEOUT(textOf(named(name)), "before after", kPatienceMs);
}

/// A whole disk is put back, its owner alone writes on where he was, and members hold what he had
/// written there the first time: no two payloads of his share a nonce (PROTOCOL B 34).
void LurkingTest::aRestoredDiskUsesNoNonceTwice()
{
    sit({"Ada", "Ben", "Cai"});
    if (QTest::currentTestFailed())
        return;
    Peer &cai = named("Cai");
    const QString starts = m_folder->filePath("starts");
    const QString backup = m_folder->filePath("backup");
    cai.stop();
    copyTree(cai.folder(), backup + "-Cai");
    copyTree(starts, backup + "-starts");
    QVERIFY(cai.goOnline({"run"}));
    QVERIFY(writes(cai, "the first secret"));
    for (const char *name : {"Ada", "Ben"})
        QTRY_COMPARE_WITH_TIMEOUT(textOf(named(name)), "before the first secret", kPatienceMs);
    cai.kill();
    copyTree(backup + "-Cai", cai.folder());
    copyTree(backup + "-starts", starts);
    for (const char *name : {"Ada", "Ben"})
        QVERIFY(named(name).freeze()); // nobody tells him
    QVERIFY(cai.goOnline({"run"}));
    QVERIFY(writes(cai, "a later secret"));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(cai), "before a later secret", kPatienceMs);
    for (const char *name : {"Ada", "Ben"})
        QVERIFY(named(name).wake());

    m_malory = m_table->mountEndlessly("compare-nonces");
    int reused = -1;
    int rivals = 0;
    const auto hasCompared = [&] {
        while (m_malory->canReadLine()) {
            const auto line = QJsonDocument::fromJson(m_malory->readLine()).object();
            reused = std::max(reused, line.value("reused").toInt(-1));
            rivals = std::max(rivals, line.value("rivals").toInt());
        }
        return rivals > 0;
    };
    QVERIFY(QTest::qWaitFor(hasCompared, kPatienceMs)); // he holds both of one place
    QCOMPARE(reused, 0);
}

QTEST_GUILESS_MAIN(LurkingTest)
#include "lurking_test.moc"
