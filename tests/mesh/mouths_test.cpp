#include "tests/mesh/loopback.h"
#include "tests/mesh/questions.h"

#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd::mesh;

namespace {

constexpr int kPatienceMs = 90'000;
const QString kProgram = QStringLiteral("nlbd-malory");

int exitOf(const Peer &peer, const QStringList &verb)
{
    int code = -1;
    (void)peer.verb(verb, &code);
    return code;
}

/// Once; who has just come in must wait a little.
bool writes(const Peer &peer, const QString &words)
{
    const auto isDone = [&] { return exitOf(peer, {"edit", "Plan", "--append", words}) == 0; };
    return QTest::qWaitFor(isDone, kPatienceMs);
}

QString textOf(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

int decisionsAt(const Peer &peer)
{
    const auto lines = peer.verb({"decisions"});
    return static_cast<int>(std::ranges::count_if(
        lines, [](const QJsonObject &line) { return line.contains("closed"); }));
}

/// Stands still meanwhile, as a computer that sleeps.
class Asleep {
public:
    explicit Asleep(const Peer &peer)
        : m_peer(peer)
    {
        (void)m_peer.freeze();
    }
    ~Asleep() { (void)m_peer.wake(); }
    Asleep(const Asleep &) = delete;
    Asleep &operator=(const Asleep &) = delete;

private:
    const Peer &m_peer;
};

} // namespace

/// Malory runs what everybody runs, and only what leaves his computer is not as it should be
/// (nlbd-malory, mouths). Real processes over loopback.
class MouthsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aSnapshotWithOneAlteredBit();
    void textsThatAreKeptBack();
    void votesThatFewHear();
    void nothingIsSignedFor();
    void newsOfWhatIsNot();
    void reportsThatLeadNowhere();
    void everythingComesLate_data();
    void everythingComesLate();
    void aKeyThatOneCannotOpen();
    void cleanupTestCase();

private:
    [[nodiscard]] Peer &malory() const { return m_table.malory(); }
    void speaks(const QString &mouth);
    /// One asks, the others say yes, all know that it was decided.
    void decides(const Peer &author, const QStringList &wish, const std::vector<const Peer *> &yes);
    [[nodiscard]] bool allShow(const QString &text) const;
    [[nodiscard]] bool allIsAgreed() const;

    QTemporaryDir m_folder;
    Loopback m_table;
    std::unique_ptr<Peer> m_eve;
    QString m_text;
};

void MouthsTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(m_table.found({"Ada", "Ben", "Cai"}, m_folder.path()));
    const Peer &ada = *m_table.honest()[0];
    QCOMPARE(exitOf(ada, {"new", "Plan"}), 0);
    m_text = QStringLiteral("long ago ");
    QVERIFY(writes(ada, m_text));
    QTRY_VERIFY_WITH_TIMEOUT(allShow(m_text), kPatienceMs);
}

void MouthsTest::speaks(const QString &mouth)
{
    malory().stop();
    QVERIFY(malory().goOnline({"--attack", mouth}, kProgram));
    QTRY_VERIFY_WITH_TIMEOUT(workspaceOf(malory()).value("online").toInt() >= 3, kPatienceMs);
}

bool MouthsTest::allShow(const QString &text) const
{
    return std::ranges::all_of(m_table.honest(),
                               [&text](const auto &peer) { return textOf(*peer) == text; });
}

bool MouthsTest::allIsAgreed() const
{
    return std::ranges::all_of(m_table.honest(), [](const auto &peer) {
        return isAgreed(*peer, {"Ada", "Ben", "Cai", "Eve"});
    });
}

void MouthsTest::decides(const Peer &author, const QStringList &wish,
                         const std::vector<const Peer *> &yes)
{
    const int before = decisionsAt(author);
    QString id;
    const auto isAsked = [&] {
        const auto lines = author.verb(QStringList{"propose"} + wish);
        id = lines.isEmpty() ? QString() : lines.front().value("id").toString();
        return !id.isEmpty();
    };
    QVERIFY(QTest::qWaitFor(isAsked, kPatienceMs)); // once: QTRY would ask again
    for (const Peer *peer : yes) {
        const auto hasVoted = [&] {
            return exitOf(*peer, {"vote", id, "yes"}) == 0 || decisionsAt(*peer) > before;
        };
        QVERIFY(QTest::qWaitFor(hasVoted, kPatienceMs));
    }
    for (const auto &peer : m_table.honest())
        QTRY_VERIFY_WITH_TIMEOUT(decisionsAt(*peer) > before, kPatienceMs);
}

/// A newcomer who begins at a checkpoint, and asks his inviter for it: it is refused, its bringer
/// is cut, nothing of it is shown, and the next one gives the true one.
void MouthsTest::aSnapshotWithOneAlteredBit()
{
    const Peer &ada = *m_table.honest()[0];
    const Peer &ben = *m_table.honest()[1];
    const Peer &cai = *m_table.honest()[2];
    speaks("alter-snapshot");
    decides(ada, {"checkpoint"}, {&ben, &cai, &malory()});
    QString invitation;
    const auto isInvited = [&] {
        const auto lines = malory().verb({"invite", "--workspace", "Table"});
        invitation = lines.isEmpty() ? QString() : lines.front().value("invitation").toString();
        return !invitation.isEmpty();
    };
    QVERIFY(QTest::qWaitFor(isInvited, kPatienceMs));
    m_eve = std::make_unique<Peer>("Eve", m_folder.filePath("Eve"));
    QCOMPARE(exitOf(*m_eve, {"init", "Eve"}), 0);
    QVERIFY(m_eve->goOnline({"run"}));
    QCOMPARE(exitOf(*m_eve, {"join", invitation}), 0);
    {
        // She asks any of those who are connected: at first that is nobody else.
        QVERIFY(m_eve->freeze());
        decides(malory(), {"admit", "Eve"}, {&ada, &ben, &cai});
        const Asleep others[] = {Asleep(ada), Asleep(ben), Asleep(cai)};
        QVERIFY(m_eve->wake());
        QTRY_VERIFY_WITH_TIMEOUT(timesOf(*m_eve, "E_STATE_ROOT") >= 1, kPatienceMs);
    }
    QTRY_COMPARE_WITH_TIMEOUT(textOf(*m_eve), m_text, kPatienceMs);
    QCOMPARE(timesOf(*m_eve, "E_STATE_ROOT"), 1); // he is not asked again
    for (const auto &peer : m_table.honest())
        QCOMPARE(timesOf(*peer, "E_STATE_ROOT"), 0);
    m_text += QStringLiteral("Eve ");
    QVERIFY(writes(*m_eve, "Eve "));
    QTRY_VERIFY_WITH_TIMEOUT(allShow(m_text), kPatienceMs);
}

/// Who passes nothing on, of others' or his own, changes nothing for anybody; what he wrote comes
/// late, when it comes, and undoes nothing (PROTOCOL B, 18 and 38).
void MouthsTest::textsThatAreKeptBack()
{
    speaks("keep-texts");
    QVERIFY(writes(malory(), "[Malory]"));
    const Peer &cai = *m_table.honest()[2];
    m_text += QStringLiteral("Cai ");
    QVERIFY(writes(cai, "Cai "));
    QTRY_VERIFY_WITH_TIMEOUT(allShow(m_text), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(textOf(malory()).contains("Cai "), kPatienceMs);
    decides(cai, {"rule", "Words that nobody has do not count."},
            {m_table.honest()[0].get(), m_table.honest()[1].get(), m_eve.get(), &malory()});
    QVERIFY(allShow(m_text));
    malory().stop();
    QVERIFY(malory().goOnline({"run"}));
    const auto comeLate = [this] {
        return std::ranges::all_of(m_table.honest(), [this](const auto &peer) {
            const QString text = textOf(*peer);
            return text.contains("[Malory]") && QString(text).remove("[Malory]") == m_text;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(comeLate(), kPatienceMs);
}

/// Half of the others hear neither his votes nor those that he could pass on.
void MouthsTest::votesThatFewHear()
{
    speaks("hide-votes");
    const Peer &ben = *m_table.honest()[1];
    decides(ben, {"rule", "Votes are for all."},
            {m_table.honest()[0].get(), m_table.honest()[2].get(), m_eve.get(), &malory()});
    decides(ben, {"key"},
            {m_table.honest()[0].get(), m_table.honest()[2].get(), m_eve.get(), &malory()});
    QTRY_COMPARE_WITH_TIMEOUT(decisionsAt(*m_eve), decisionsAt(ben), kPatienceMs);
}

/// The others are a quorum without him: what they write is agreed, and decided.
void MouthsTest::nothingIsSignedFor()
{
    speaks("mute");
    const Peer &ada = *m_table.honest()[0];
    decides(ada, {"rule", "The mute are not waited for."},
            {m_table.honest()[1].get(), m_table.honest()[2].get(), m_eve.get()});
    QVERIFY(writes(ada, "agreed "));
    QTRY_VERIFY_WITH_TIMEOUT(allIsAgreed(), kPatienceMs);
}

/// They ask him in vain a few times, judge nobody, and what there is gets to everybody.
void MouthsTest::newsOfWhatIsNot()
{
    speaks("false-news");
    const Peer &cai = *m_table.honest()[2];
    const std::vector<const Peer *> others{m_table.honest()[0].get(), m_table.honest()[1].get(),
                                           m_eve.get(), &malory()};
    for (const QString word : {"one", "two", "three"}) {
        QVERIFY(writes(cai, word));
        const auto haveAll = [&] {
            return std::ranges::all_of(
                m_table.honest(), [&](const auto &peer) { return textOf(*peer).contains(word); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(haveAll(), kPatienceMs);
    }
    decides(cai, {"rule", "Nobody waits for what is not."}, others);
    QTRY_VERIFY_WITH_TIMEOUT(allIsAgreed(), kPatienceMs);
}

/// The whole ones come from whoever gave them.
void MouthsTest::reportsThatLeadNowhere()
{
    speaks("wrong-deltas");
    const Peer &ben = *m_table.honest()[1];
    decides(ben, {"key"},
            {m_table.honest()[0].get(), m_table.honest()[2].get(), m_eve.get(), &malory()});
    QTRY_COMPARE_WITH_TIMEOUT(decisionsAt(*m_eve), decisionsAt(ben), kPatienceMs);
}

void MouthsTest::everythingComesLate_data()
{
    QTest::addColumn<QString>("mouth");
    QTest::newRow("all that he says") << "slow";
    QTest::newRow("what he proposes, for some") << "late-proposals";
}

/// It is decided all the same, and what is typed is with everybody.
void MouthsTest::everythingComesLate()
{
    QFETCH(QString, mouth);
    speaks(mouth);
    const Peer &cai = *m_table.honest()[2];
    const std::vector<const Peer *> others{m_table.honest()[0].get(), m_table.honest()[1].get(),
                                           m_eve.get(), &malory()};
    decides(cai, {"rule", "Nobody waits for " + mouth + "."}, others);
    decides(cai, {"key"}, others);
    const QString words = QStringLiteral("[%1]").arg(mouth);
    QVERIFY(writes(cai, words));
    const auto haveAll = [&] {
        return std::ranges::all_of(m_table.honest(),
                                   [&](const auto &peer) { return textOf(*peer).contains(words); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(haveAll(), kPatienceMs);
}

/// A value whose key is not sealed to everybody dies with every one of the others, and the key that
/// is decided opens for all (PROTOCOL B 43).
void MouthsTest::aKeyThatOneCannotOpen()
{
    speaks("bad-box");
    const Peer &ada = *m_table.honest()[0];
    const auto isSeen = [this] {
        return std::ranges::any_of(
            m_table.honest(), [](const auto &peer) { return timesOf(*peer, "E_KEY_OFFER") > 0; });
    };
    // His key is judged where his value comes first: in one decision of five, on the average.
    for (int turn = 0; turn < 40 && !isSeen(); ++turn) {
        decides(ada, {"key"},
                {m_table.honest()[1].get(), m_table.honest()[2].get(), m_eve.get(), &malory()});
        if (QTest::currentTestFailed())
            return;
    }
    QVERIFY(isSeen());
    QVERIFY(writes(*m_eve, "under the new key"));
    const auto haveAll = [this] {
        return std::ranges::all_of(m_table.honest(), [](const auto &peer) {
            return textOf(*peer).contains("under the new key");
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(haveAll(), kPatienceMs);
}

/// Whatever he did, nothing of it proves anything against anybody.
void MouthsTest::cleanupTestCase()
{
    for (const auto &peer : m_table.honest())
        for (const QJsonObject &line : peer->verb({"evidence"}))
            QVERIFY2(!line.contains("id"), qPrintable(line.value("code").toString()));
}

QTEST_GUILESS_MAIN(MouthsTest)
#include "mouths_test.moc"
