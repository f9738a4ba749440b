#include "app/profile.h"
#include "core/store/sqlite_store.h"
#include "tests/mesh/altered.h"
#include "tests/mesh/courses.h"
#include "tests/mesh/histories.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/table.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonObject>
#include <QScopeGuard>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using namespace nlbd::mesh;

namespace {

const QString kLines = QStringLiteral("Lines");
const QString kMalory = QStringLiteral("Malory");
const QString kMordred = QStringLiteral("Mordred");
const QStringList kHonest{"Ada", "Ben", "Cai", "Dea", "Eli"};
/// Where a hostile member is to go on attacking, it does nothing that ends its pen.
const QStringList kKeepsThePen{"pens"};

} // namespace

/// Seven real processes in network namespaces: five honest ones, in which somebody types all the
/// time and which are killed at any moment, and two hostile ones that attack without end. What must
/// hold is read from what they export (PROTOCOL D8).
class ProcessesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void holds_data();
    void holds();
    void seesWhatWasAltered_data();
    void seesWhatWasAltered();

private:
    using Course = void (ProcessesTest::*)();
    void holdsIn(Course course, quint64 seed);
    void sit(quint64 seed);
    void anEighthIsAdmitted();
    void aMemberIsRemoved();
    void twoRemoveEachOther();
    void fourAndThreeArePart();
    void everybodyIsKilled();
    void thePastIsPutAway();
    void aSleeperAndWrongClocks();
    void comeToRest();
    void exportAndCheck();

    [[nodiscard]] std::vector<Peer *> staying() const;
    [[nodiscard]] bool allStaying(const std::function<bool(const Peer &)> &isTrue);
    [[nodiscard]] bool decides(const QString &author, const QStringList &wish,
                               const QString &words);
    [[nodiscard]] bool isKilled(int times);

    quint64 m_seed = 0;
    bool m_isPast = false; ///< everybody has put it away
    QTemporaryDir m_folder;
    QStringList m_gone; ///< honest, and no members any more
    QStringList m_exports;
    QStringList m_typed;
    std::optional<identity::SecretKey> m_pen; ///< Ben's device
    std::unique_ptr<Table> m_table;
};

void ProcessesTest::initTestCase()
{
    const auto networks = mesh::Networks::open(1);
    if (!networks) // it takes root's right to make them, which a user or a container may lack
        QSKIP(qPrintable("no network namespaces here: " + networks.error()));
    m_seed = firstSeed();
    m_folder.setAutoRemove(!qEnvironmentVariableIsSet("NLBD_PROCESSES_KEEP"));
}

void ProcessesTest::holds_data()
{
    QTest::addColumn<Course>("course");
    QTest::addColumn<quint64>("seed");
    const auto row = [this](const char *name, Course course) {
        for (int turn = 0; turn < turns(); ++turn)
            QTest::addRow("%s, seed %llu", name, m_seed + static_cast<quint64>(turn))
                << course << m_seed + static_cast<quint64>(turn);
    };
    row("an eighth is admitted", &ProcessesTest::anEighthIsAdmitted);
    row("a member is removed", &ProcessesTest::aMemberIsRemoved);
    row("two remove each other", &ProcessesTest::twoRemoveEachOther);
    row("everybody is killed", &ProcessesTest::everybodyIsKilled);
    row("four and three are parted", &ProcessesTest::fourAndThreeArePart);
    row("a sleeper and wrong clocks", &ProcessesTest::aSleeperAndWrongClocks);
    row("the past is put away", &ProcessesTest::thePastIsPutAway); // what is altered afterwards
}

void ProcessesTest::holds()
{
    QFETCH(Course, course);
    QFETCH(quint64, seed);
    holdsIn(course, seed);
}

void ProcessesTest::holdsIn(Course course, quint64 seed)
{
    const auto show = qScopeGuard([this] {
        if (QTest::currentTestFailed() && m_table)
            qWarning().noquote() << m_table->story();
        m_table.reset();
    });
    for (const Course step :
         {Course(nullptr), course, &ProcessesTest::comeToRest, &ProcessesTest::exportAndCheck}) {
        if (step == nullptr)
            sit(seed);
        else
            (this->*step)();
        if (QTest::currentTestFailed())
            return;
    }
}

void ProcessesTest::sit(quint64 seed)
{
    m_gone.clear();
    m_isPast = false;
    auto table = Table::open({kHonest, {kMalory, kMordred}, 1, true, seed});
    QVERIFY2(table.has_value(), table ? "" : qPrintable(table.error()));
    m_table = std::move(*table);
    QVERIFY(m_table->found());
    Peer &ada = m_table->named("Ada");
    for (const QString &title : {QStringLiteral("Garden"), kLines})
        QVERIFY(m_table->makeDocument(ada, title));
    m_table->beginStorm({std::chrono::milliseconds(1500), std::chrono::milliseconds(5000)});
    for (const QString &name : kHonest)
        QVERIFY(m_table->type(m_table->named(name), kLines));
}

// ---- courses -----------------------------------------------------------------------------------

void ProcessesTest::anEighthIsAdmitted()
{
    m_table->attack(kMalory, "texts", kKeepsThePen);
    m_table->attack(kMordred, "council");
    Peer &ben = m_table->named("Ben");
    QString invitation;
    QVERIFY(m_table->eventually([&] {
        const auto lines = ben.verb({"invite", "--workspace", "Garden"});
        invitation = lines.isEmpty() ? QString() : lines.front().value("invitation").toString();
        return !invitation.isEmpty();
    }));
    Peer *fay = m_table->add("Fay");
    QVERIFY(fay != nullptr);
    int exitCode = -1;
    QVERIFY(m_table->eventually([&] {
        (void)fay->verb({"join", invitation}, &exitCode);
        return exitCode == 0;
    }));
    QVERIFY(decides("Ben", {"admit", "Fay"}, "let Fay in"));
    QVERIFY(allStaying([](const Peer &peer) { return isMember(peer, "Fay"); }));
    QVERIFY(m_table->type(*fay, kLines));
    QVERIFY(m_table->type(ben, kLines));
    for (const Peer *peer : staying())
        QVERIFY(seatsAt(*peer) >= 6); // seven, and one more, but who was caught forking
    QVERIFY(decides("Cai", {"rule", "Eight may be brief as well."}, "Eight may be brief"));
}

void ProcessesTest::aMemberIsRemoved()
{
    m_table->attack(kMalory, "texts", kKeepsThePen);
    m_table->attack(kMordred, "council");
    QVERIFY(decides("Ada", {"remove", kMalory}, "remove Malory"));
    QVERIFY(allStaying([](const Peer &peer) { return !isMember(peer, kMalory); }));
    Peer &ben = m_table->named("Ben");
    QVERIFY(m_table->type(ben, kLines));
    const QString late = m_table->lines().last().section('\t', 1);
    QVERIFY(
        allStaying([&](const Peer &peer) { return Table::textOf(peer, kLines).contains(late); }));

    // He comes back as if nothing were, and hears that he was removed, but of nothing that was
    // later, neither of the key nor of what is written under it. Then he talks to nobody.
    QVERIFY(m_table->behave(kMalory));
    const Peer &malory = m_table->named(kMalory);
    QVERIFY(m_table->eventually([&] {
        const QJsonObject workspace = workspaceOf(malory);
        return !workspace.value("isMember").toBool(true) && workspace.value("online").toInt() == 0;
    }));
    QVERIFY(!Table::textOf(malory, kLines).contains(late));
    m_table->named(kMalory).kill();
    const QDir workspaces(malory.folder() + "/workspaces");
    for (const QString &workspace : workspaces.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const auto store = store::SqliteStore::open(workspaces.filePath(workspace).toStdString());
        const auto stored = store ? (*store)->load() : std::unexpected(store.error());
        QVERIFY(stored.has_value());
        QVERIFY(std::ranges::count(stored->meta, "key.0", &store::MetaRow::key) == 1);
        QVERIFY(std::ranges::count(stored->meta, "key.1", &store::MetaRow::key) == 0);
    }
    m_table->attack(kMalory, "texts"); // who was removed writes on
}

void ProcessesTest::twoRemoveEachOther()
{
    m_table->attack(kMordred, "council");
    QVERIFY(m_table->behave(kMalory));
    Peer &ada = m_table->named("Ada");
    Peer &malory = m_table->named(kMalory);
    const QString first = m_table->propose(ada, {"remove", kMalory}, "remove Malory");
    const QString second = m_table->propose(malory, {"remove", "Ada"}, "remove Ada");
    QVERIFY(!first.isEmpty() && !second.isEmpty());
    // Five are needed, and Eli is the fifth for both: alone he says yes twice, then all hear of it.
    Peer &eli = m_table->named("Eli");
    QVERIFY(m_table->eventually([&] {
        return !Table::openProposal(eli, "remove Malory").isEmpty()
            && !Table::openProposal(eli, "remove Ada").isEmpty();
    }));
    QVERIFY(m_table->part({{"Ada", "Ben", "Cai", "Dea", kMalory, kMordred}, {"Eli"}}));
    for (const char *words : {"remove Malory", "remove Ada"})
        QVERIFY(m_table->agree(words, {"Ben", "Cai", "Dea", "Eli"}));
    for (const Peer *peer : m_table->honest())
        QCOMPARE(Table::epochOf(*peer), 0);
    QVERIFY(m_table->heal());
    // A wish belongs to those who said yes, not to who asked: both leave. Should a value have held
    // one of them only, the other has lost a yes with it and stays open (PROTOCOL C15).
    const QStringList four{"Ben", "Cai", "Dea", "Eli"};
    const auto leftBy = [](const Peer &peer) {
        return QStringLiteral("%1%2").arg(isMember(peer, "Ada")).arg(isMember(peer, kMalory));
    };
    QString left;
    QVERIFY(m_table->eventually([&] {
        QSet<QString> outcomes;
        for (const QString &name : four)
            outcomes << (hasOpenWork(m_table->named(name)) ? QStringLiteral("open")
                                                           : leftBy(m_table->named(name)));
        left = *outcomes.begin();
        return outcomes.size() == 1 && left != "open" && left != "11";
    }));
    if (left.startsWith('0'))
        m_gone << "Ada";
    if (left != "00") {
        const QJsonObject other = Table::openProposal(m_table->named("Ben"), "remove ");
        QVERIFY(other.value("yes").toInt() < other.value("needed").toInt());
        return;
    }
    QVERIFY(m_table->type(m_table->named("Ben"), kLines));
    QVERIFY(decides("Cai", {"rule", "Four go on."}, "Four go on"));
}

void ProcessesTest::fourAndThreeArePart()
{
    m_table->attack(kMalory, "council");
    m_table->attack(kMordred, "council");
    Peer &ada = m_table->named("Ada");
    Peer &dea = m_table->named("Dea");
    Peer &eli = m_table->named("Eli");
    QVERIFY(m_table->part({{"Ada", "Ben", "Cai", "Dea"}, {"Eli", kMalory, kMordred}}));
    QVERIFY(!m_table->propose(ada, {"rule", "Be brief."}, "Be brief").isEmpty());
    QVERIFY(m_table->agree("Be brief", {"Ada", "Ben", "Cai", "Dea"}));
    QVERIFY(m_table->type(ada, kLines));
    const QString here = m_table->lines().last().section('\t', 1);
    QVERIFY(m_table->type(eli, kLines));
    const QString there = m_table->lines().last().section('\t', 1);
    QVERIFY(m_table->eventually([&] {
        return Table::textOf(dea, kLines).contains(here)
            && Table::openProposal(dea, "Be brief").value("yes").toInt() == 4;
    }));
    // Five of seven decide and agree; four do not.
    QVERIFY(Table::textOf(eli, kLines).contains(there));
    QVERIFY(!Table::textOf(eli, kLines).contains(here));
    QVERIFY(!Table::textOf(dea, kLines).contains(there));
    for (const Peer *peer : m_table->honest()) {
        QCOMPARE(Table::epochOf(*peer), 0);
        QCOMPARE(seatsAt(*peer), 7);
        QVERIFY(!isAgreed(*peer, kHonest));
    }
    QVERIFY(m_table->heal());
    QVERIFY(m_table->agree("Be brief", {"Eli"}));
    QVERIFY(allStaying([&](const Peer &peer) {
        const QString text = Table::textOf(peer, kLines);
        return Table::hasDecided(peer, "Be brief") && text.contains(here) && text.contains(there);
    }));
}

void ProcessesTest::everybodyIsKilled()
{
    m_table->attack(kMalory, "texts", {"faults"}); // a fence before the fork would leave none
    m_table->attack(kMordred, "council");
    m_table->beginStorm({std::chrono::milliseconds(400) * mesh::kSlowness,
                         std::chrono::milliseconds(2500) * mesh::kSlowness});
    QVERIFY(decides("Dea", {"key"}, "change the key"));
    for (const QString &name : kHonest)
        QVERIFY(m_table->type(m_table->named(name), kLines));
    QVERIFY(decides("Eli", {"rule", "Nobody is safe."}, "Nobody is safe"));
    QVERIFY(isKilled(2));
    QVERIFY(allStaying([](const Peer &peer) {
        return hasProofAgainst(peer, kMalory, "EV_FORK") && hasProofAgainst(peer, kMordred);
    }));
    for (const QString &name : kHonest)
        QVERIFY(m_table->type(m_table->named(name), kLines));
}

/// Whoever is killed while the past goes into packs has it afterwards, once. Seats that acknowledge
/// nothing hold this up: the hostile begin when it is done.
void ProcessesTest::thePastIsPutAway()
{
    QVERIFY(decides("Ada", {"checkpoint"}, "keep a checkpoint"));
    for (const QString &name : kHonest)
        QVERIFY(m_table->type(m_table->named(name), kLines));
    QVERIFY(
        allStaying([](const Peer &peer) { return workspaceOf(peer).value("packed").toInt() > 0; }));
    m_table->attack(kMalory, "texts", kKeepsThePen);
    m_table->attack(kMordred, "council");
    QVERIFY(decides("Cai", {"rule", "What was put away counts."}, "What was put away counts"));
    for (const QString &name : kHonest) // what stands on packs is written, and is in no pack itself
        QVERIFY(m_table->type(m_table->named(name), kLines));
    m_isPast = true;
}

/// Eli stands still in the middle of a decision, longer than any session to him lasts, while the
/// clocks of others jump by hours and years. Nobody is made dormant, expires or is accused by a
/// clock.
void ProcessesTest::aSleeperAndWrongClocks()
{
    using std::chrono::hours;
    QVERIFY(m_table->behave(kMalory)); // five are needed, and four of the honest are awake
    QVERIFY(m_table->behave(kMordred));
    QVERIFY(
        !m_table->propose(m_table->named("Ada"), {"rule", "Sleep well."}, "Sleep well").isEmpty());
    QVERIFY(m_table->agree("Sleep well", {"Ada", "Ben", "Eli"}));
    QVERIFY(m_table->freeze("Eli"));
    QVERIFY(m_table->named("Ben").setClockWrong(hours(24 * 3)));
    QVERIFY(m_table->named("Cai").setClockWrong(-hours(30)));
    QVERIFY(m_table->named("Dea").setClockWrong(hours(24 * 400)));
    QVERIFY(m_table->agree("Sleep well", {"Cai", "Dea", kMalory}));
    const QStringList awake{"Ada", "Ben", "Cai", "Dea"};
    for (const QString &name : awake)
        QVERIFY(m_table->type(m_table->named(name), kLines));
    QVERIFY(m_table->eventually([&] {
        return std::ranges::all_of(awake, [&](const QString &name) {
            const Peer &peer = m_table->named(name);
            return Table::hasDecided(peer, "Sleep well") && !isOnlineAt(peer, "Eli");
        });
    }));
    QVERIFY(m_table->named("Ben").setClockWrong(hours(0))); // somebody sets it right
    QVERIFY(m_table->wake("Eli"));
    QVERIFY(allStaying([](const Peer &peer) { return Table::hasDecided(peer, "Sleep well"); }));
    QVERIFY(m_table->type(m_table->named("Eli"), kLines));
    for (const Peer *peer : staying())
        QCOMPARE(seatsAt(*peer), 7);
    m_table->attack(kMalory, "texts", kKeepsThePen);
    m_table->attack(kMordred, "council");
    QVERIFY(decides("Dea", {"rule", "Whatever the time is."}, "Whatever the time is"));
}

// ---- what they share ---------------------------------------------------------------------------

std::vector<Peer *> ProcessesTest::staying() const
{
    std::vector<Peer *> result = m_table->honest();
    std::erase_if(result, [this](const Peer *peer) { return m_gone.contains(peer->name()); });
    return result;
}

bool ProcessesTest::allStaying(const std::function<bool(const Peer &)> &isTrue)
{
    return m_table->eventually([&] {
        return std::ranges::all_of(staying(), [&](const Peer *peer) { return isTrue(*peer); });
    });
}

/// One asks, all honest members say yes, and all know that it was decided.
bool ProcessesTest::decides(const QString &author, const QStringList &wish, const QString &words)
{
    QStringList names;
    for (const Peer *peer : staying())
        if (isMember(*peer, peer->name()))
            names << peer->name();
    return !m_table->propose(m_table->named(author), wish, words).isEmpty()
        && m_table->agree(words, names)
        && allStaying([&](const Peer &peer) { return Table::hasDecided(peer, words); });
}

bool ProcessesTest::isKilled(int times)
{
    return m_table->eventually([&] {
        return std::ranges::all_of(
            m_table->honest(), [&](const Peer *peer) { return m_table->killsOf(*peer) >= times; });
    });
}

void ProcessesTest::comeToRest()
{
    QVERIFY(isKilled(1));
    QVERIFY(m_table->eventually([this] { return m_table->attacksOf(kMordred) > 10; }));
    m_table->endStorm();
    QStringList honest;
    for (const Peer *peer : m_table->honest())
        honest << peer->name();
    QVERIFY(m_table->eventually([&] {
        QSet<QString> states;
        for (const Peer *peer : staying()) {
            if (hasOpenWork(*peer) || !isAgreed(*peer, honest))
                return false;
            states << workspaceOf(*peer).value("frontier").toString()
                    + QString::number(Table::epochOf(*peer));
        }
        return states.size() == 1;
    }));
}

void ProcessesTest::exportAndCheck()
{
    QVERIFY2(m_table->crashed().isEmpty(), qPrintable(m_table->crashed().join(' ')));
    m_exports.clear();
    m_typed = m_table->lines();
    static int number = 0;
    ++number;
    mesh::Histories histories({{kMalory, kMordred}, m_typed});
    for (Peer *peer : m_table->honest()) {
        const QString folder =
            m_folder.filePath(QString::number(number) + QLatin1Char('-') + peer->name());
        const auto exported = mesh::exportAll(*peer, folder);
        QVERIFY2(exported.has_value(), exported ? "" : qPrintable(exported.error()));
        m_exports << folder;
        histories.add(folder);
    }
    const auto ben = app::Profile::open(m_table->named("Ben").folder().toStdString());
    QVERIFY(ben.has_value());
    m_pen = ben->self()->device.clone();
    const QStringList faults = histories.check();
    QVERIFY2(faults.isEmpty(), qPrintable(m_folder.path() + '\n' + faults.join('\n')));
    const auto &counts = histories.counts();
    qInfo("%zu changes (%zu times one in a pack), %zu decisions, %zu signed places, %zu proofs, "
          "%zu contradicted themselves; %d and %d attacks",
          counts.changes, counts.packed, counts.decisions, counts.signedRecords, counts.proofs,
          counts.contradictions, m_table->attacksOf(kMalory), m_table->attacksOf(kMordred));
    for (const QString &decision : histories.decided())
        qInfo().noquote() << decision;
    QVERIFY(!m_isPast || counts.packed >= 10); // two documents, on five disks
    QVERIFY(counts.changes > 10 && counts.decisions > 0 && counts.signedRecords > 0);
}

// ---- the checks can fail -----------------------------------------------------------------------

void ProcessesTest::seesWhatWasAltered_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<std::size_t>("number");
    for (std::size_t i = 0; i < mesh::alterations().size(); ++i)
        QTest::newRow(mesh::alterations()[i].name)
            << QString::fromLatin1(mesh::alterations()[i].fault) << i;
}

void ProcessesTest::seesWhatWasAltered()
{
    QFETCH(QString, fault);
    QFETCH(std::size_t, number);
    if (m_exports.isEmpty()) // not after the courses: by itself
        holdsIn(&ProcessesTest::thePastIsPutAway, m_seed);
    QTemporaryDir copies;
    QStringList folders;
    for (const QString &folder : m_exports) {
        folders << copies.filePath(QFileInfo(folder).fileName());
        QVERIFY(mesh::copyFolder(folder, folders.last()));
    }
    const auto &alteration = mesh::alterations()[number];
    const QString signer = QStringLiteral("Ben");
    QVERIFY(alteration.apply({folders, signer, *m_pen}));
    QStringList hostile{kMalory, kMordred};
    if (alteration.isSignerHostile)
        hostile << signer;
    mesh::Histories histories({hostile, m_typed});
    for (const QString &folder : folders)
        histories.add(folder);
    const QStringList faults = histories.check();
    QVERIFY2(std::ranges::any_of(faults,
                                 [&fault](const QString &found) { return found.contains(fault); }),
             qPrintable(faults.join('\n')));
}

int main(int argc, char **argv)
{
    // Each wait has a deadline of its own, and ctest one for all; five minutes for all courses
    // together, as Qt has it, are not enough for a longer run.
    qputenv("QTEST_FUNCTION_TIMEOUT", QByteArray::number(24 * 3600 * 1000));
    QCoreApplication application(argc, argv);
    ProcessesTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "processes_test.moc"
