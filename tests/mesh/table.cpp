#include "tests/mesh/table.h"

#include "tests/mesh/questions.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

namespace nlbd::mesh {

namespace {

constexpr int kEndMs = 30'000;
constexpr int kInUse = 4; ///< exit code: the profile, here of a process that ends or begins

int exitOf(const Peer &peer, const QStringList &verb)
{
    int code = -1;
    (void)peer.verb(verb, &code);
    return code;
}

QString stringOf(const Peer &peer, const QStringList &verb, const QString &field)
{
    const auto lines = peer.verb(verb);
    return lines.isEmpty() ? QString() : lines.front().value(field).toString();
}

} // namespace

Table::Table(const Setting &setting)
    : m_setting(setting)
{
}

std::expected<std::unique_ptr<Table>, QString> Table::open(const Setting &setting)
{
    const auto computers = setting.honest.size() + setting.hostile.size() + setting.guests;
    auto networks = Networks::open(static_cast<int>(computers));
    if (!networks)
        return std::unexpected(networks.error());
    std::unique_ptr<Table> table(new Table(setting));
    table->m_folder.setAutoRemove(!qEnvironmentVariableIsSet("NLBD_PROCESSES_KEEP"));
    table->m_networks = std::move(*networks);
    for (const QString &name : setting.honest)
        table->sit(name, true);
    for (const QString &name : setting.hostile)
        table->sit(name, false);
    return table;
}

Table::~Table()
{
    m_reaper.reset();
    for (const auto &seat : m_seats) {
        if (seat->malory) {
            seat->malory->kill();
            seat->malory->waitForFinished(kEndMs);
        }
        seat->peer->kill();
    }
}

Table::Seat &Table::sit(const QString &name, bool isHonest)
{
    auto seat = std::make_unique<Seat>();
    seat->peer = std::make_unique<Peer>(name, m_folder.filePath(name));
    seat->isHonest = isHonest;
    seat->computer = static_cast<int>(m_seats.size());
    seat->peer->liveIn(m_networks->namespaceOf(seat->computer), m_networks->hostOf(seat->computer));
    if (isHonest && m_setting.hasWrongClocks)
        (void)seat->peer->giveClock(); // or it cannot be set, which is seen then
    m_seats.push_back(std::move(seat));
    return *m_seats.back();
}

Table::Seat &Table::seatOf(const Peer &peer)
{
    const auto found = std::ranges::find_if(
        m_seats, [&peer](const auto &seat) { return seat->peer.get() == &peer; });
    Q_ASSERT(found != m_seats.end());
    return **found;
}

std::vector<Peer *> Table::honest() const
{
    std::vector<Peer *> result;
    for (const auto &seat : m_seats)
        if (seat->isHonest)
            result.push_back(seat->peer.get());
    return result;
}

std::vector<Peer *> Table::hostile() const
{
    std::vector<Peer *> result;
    for (const auto &seat : m_seats)
        if (!seat->isHonest)
            result.push_back(seat->peer.get());
    return result;
}

Peer &Table::named(const QString &name) const
{
    const auto found = std::ranges::find_if(
        m_seats, [&name](const auto &seat) { return seat->peer->name() == name; });
    Q_ASSERT(found != m_seats.end());
    return *(*found)->peer;
}

// ---- online ----------------------------------------------------------------------------------

bool Table::start(Seat &seat)
{
    ++seat.starts;
    QStringList run{QStringLiteral("run"), QStringLiteral("--accept-founding")};
    if (m_types && seat.isHonest)
        run << QStringLiteral("--type-demo");
    QElapsedTimer timer;
    timer.start();
    if (!seat.peer->goOnline(run))
        return false;
    if (m_reaper && seat.isHonest)
        m_reaper->watch(seat.computer, seat.peer->processId(),
                        std::chrono::milliseconds(timer.elapsed()));
    return true;
}

Peer *Table::add(const QString &name)
{
    Seat &seat = sit(name, true);
    if (exitOf(*seat.peer, {"init", name}) != 0)
        return nullptr;
    return start(seat) ? seat.peer.get() : nullptr;
}

bool Table::found()
{
    QStringList found{"found", "--name", "Garden", "--with"};
    for (const auto &seat : m_seats) {
        if (exitOf(*seat->peer, {"init", seat->peer->name()}) != 0 || !start(*seat))
            return false;
        const QString card =
            stringOf(*seat->peer, {"card", "--address", seat->peer->address()}, "card");
        if (seat != m_seats.front())
            found << card;
    }
    return exitOf(*m_seats.front()->peer, found) == 0 && eventually([this] {
               return std::ranges::all_of(
                   m_seats, [](const auto &seat) { return !workspaceOf(*seat->peer).isEmpty(); });
           });
}

void Table::beginStorm(Reaper::Pause pause)
{
    m_types = true;
    m_reaper = std::make_unique<Reaper>(m_setting.seed, pause);
    for (const auto &seat : m_seats)
        if (seat->isHonest) {
            seat->peer->kill();
            (void)start(*seat); // else revive() does it
        }
}

void Table::endStorm()
{
    m_types = false;
    m_reaper.reset();
    for (const auto &seat : m_seats) {
        seat->attacks.clear();
        if (seat->malory)
            seat->malory->kill();
        seat->peer->kill(); // what is typed by itself ends only so
    }
    revive();
}

int Table::killsOf(const Peer &peer) const
{
    const auto found = std::ranges::find_if(
        m_seats, [&peer](const auto &seat) { return seat->peer.get() == &peer; });
    return m_reaper ? m_reaper->timesOf((*found)->computer) : 0;
}

void Table::attack(const QString &name, const QString &attacks, const QStringList &without)
{
    Seat &seat = seatOf(named(name));
    seat.attacks = attacks;
    seat.without = without;
    seat.peer->kill();
    mount(seat);
}

int Table::attacksOf(const QString &name) const
{
    QFile log(named(name).folder() + QStringLiteral("-attacks"));
    if (!log.open(QIODevice::ReadOnly))
        return 0;
    return static_cast<int>(log.readAll().count("\"sent\":true"));
}

bool Table::behave(const QString &name)
{
    Seat &seat = seatOf(named(name));
    seat.attacks.clear();
    if (seat.malory) {
        seat.malory->kill();
        seat.malory->waitForFinished(kEndMs);
        seat.malory.reset();
    }
    return seat.peer->isRunning() || start(seat);
}

void Table::mount(Seat &seat)
{
    QStringList arguments{"--profile",  seat.peer->folder(), "--attack",
                          seat.attacks, "--endless",         "--json"};
    for (const QString &attack : seat.without)
        arguments << QStringLiteral("--without") << attack;
    for (const Peer *victim : honest())
        if (!victim->device().isEmpty())
            arguments << QStringLiteral("--target")
                      << victim->address() + QLatin1Char('=') + victim->device();
    seat.malory = std::make_unique<QProcess>();
    seat.malory->setStandardOutputFile(seat.peer->folder() + QStringLiteral("-attacks"),
                                       QIODevice::Append);
    seat.malory->setStandardErrorFile(seat.peer->folder() + QStringLiteral("-errors"),
                                      QIODevice::Append);
    settle(*seat.malory, m_networks->namespaceOf(seat.computer));
    seat.malory->start(programPath(QStringLiteral("nlbd-malory")), arguments);
}

void Table::revive()
{
    for (const auto &seat : m_seats) {
        if (!seat->attacks.isEmpty()) {
            if (!seat->malory || seat->malory->state() == QProcess::NotRunning)
                mount(*seat);
            continue;
        }
        if (m_reaper && m_reaper->isGone(seat->computer)) {
            m_reaper->forget(seat->computer);
            seat->peer->kill(); // ended already: takes note of it
        }
        if (seat->isHonest && seat->peer->hasCrashed())
            m_crashed << seat->peer->name();
        if (seat->isHonest && !seat->peer->isRunning())
            (void)start(*seat);
    }
}

bool Table::freeze(const QString &name)
{
    const Seat &seat = seatOf(named(name));
    if (m_reaper)
        m_reaper->forget(seat.computer);
    return eventually([&] { return seat.peer->freeze(); });
}

bool Table::wake(const QString &name)
{
    const Seat &seat = seatOf(named(name));
    if (!seat.peer->wake())
        return false;
    if (m_reaper)
        m_reaper->watch(seat.computer, seat.peer->processId(), {});
    return true;
}

bool Table::part(const std::vector<QStringList> &parts)
{
    std::vector<std::vector<int>> computers;
    for (const QStringList &names : parts) {
        computers.emplace_back();
        for (const QString &name : names)
            computers.back().push_back(seatOf(named(name)).computer);
    }
    return m_networks->part(computers);
}

bool Table::eventually(const std::function<bool()> &isTrue, std::chrono::seconds patience)
{
    return QTest::qWaitFor(
        [&] {
            revive();
            return isTrue();
        },
        static_cast<int>(std::chrono::milliseconds(patience).count()));
}

bool Table::everybody(const std::function<bool(const Peer &)> &isTrue)
{
    return eventually([&] {
        return std::ranges::all_of(honest(), [&](const Peer *peer) { return isTrue(*peer); });
    });
}

// ---- what they do ----------------------------------------------------------------------------

bool Table::makeDocument(Peer &who, const QString &title)
{
    return eventually([&] {
        return exitOf(who, {"show", title}) == 0 || exitOf(who, {"new", title}) == 0;
    });
}

bool Table::stands(Peer &who, const std::function<bool()> &isTrue)
{
    const Seat &seat = seatOf(who);
    const int starts = seat.starts;
    const bool isSo = isTrue() && workspaceOf(who).value("stored").toBool();
    return isSo && seat.starts == starts && !(m_reaper && m_reaper->isGone(seat.computer));
}

bool Table::type(Peer &who, const QString &title)
{
    const QString line = QStringLiteral("[%1 %2]").arg(who.name()).arg(m_lines.size() + 1);
    const auto isShown = [&] { return textOf(who, title).contains(line); };
    const bool isTyped = eventually([&] {
        if (isShown()) // it was asked before, and nobody lived to say that it was done
            return stands(who, isShown);
        return exitOf(who, {"edit", title, "--append", line + QLatin1Char('\n')}) == 0;
    });
    if (isTyped)
        m_lines << title + QLatin1Char('\t') + line;
    return isTyped;
}

QString Table::propose(Peer &who, const QStringList &wish, const QString &words)
{
    const auto mine = [&] {
        const QJsonObject open = openProposal(who, words);
        return open.value("author").toString() == who.name() ? open.value("id").toString()
                                                             : QString();
    };
    QString id;
    (void)eventually([&] {
        id = mine();
        if (!id.isEmpty())
            return stands(who, [&] { return mine() == id; });
        id = stringOf(who, QStringList{"propose"} + wish, "id");
        return !id.isEmpty() || hasDecided(who, words);
    });
    return id;
}

bool Table::agree(const QString &words, const QStringList &names)
{
    const auto saysYes = [&](const QString &name) {
        Peer &who = named(name);
        const QJsonObject proposal = openProposal(who, words);
        if (hasDecided(who, words))
            return true;
        const auto isMine = [&] {
            return openProposal(who, words).value("mine").toString() == QStringLiteral("yes");
        };
        if (proposal.value("mine").toString() == QStringLiteral("yes"))
            return stands(who, isMine);
        return !proposal.isEmpty()
            && exitOf(who, {"vote", proposal.value("id").toString(), "yes"}) == 0;
    };
    QStringList open = names;
    return eventually([&] {
        open.removeIf(saysYes);
        return open.isEmpty();
    });
}

// ---- what one sees ---------------------------------------------------------------------------

QString Table::textOf(const Peer &peer, const QString &title)
{
    return stringOf(peer, {"show", title}, "text");
}

bool Table::hasDecided(const Peer &peer, const QString &words)
{
    return std::ranges::any_of(peer.verb({"decisions"}), [&words](const QJsonObject &line) {
        return line.value("asked").toString().contains(words);
    });
}

int Table::epochOf(const Peer &peer)
{
    const auto lines = peer.verb({"members"});
    return lines.isEmpty() ? -1 : lines.back().value("epoch").toInt(-1);
}

QJsonObject Table::openProposal(const Peer &peer, const QString &words)
{
    for (const QJsonObject &line : peer.verb({"decisions"}))
        if (line.value("asks").toString().contains(words))
            return line;
    return {};
}

QString Table::story() const
{
    QString story = QStringLiteral("seed %1, in %2\n").arg(m_setting.seed).arg(m_folder.path());
    for (const auto &seat : m_seats) {
        story += QStringLiteral("== %1, started %2 times%3\n")
                     .arg(seat->peer->name())
                     .arg(seat->starts)
                     .arg(seat->attacks.isEmpty() ? QString() : ", attacks " + seat->attacks);
        if (!seat->isHonest)
            continue;
        for (const char *verb : {"status", "members", "decisions", "devices"})
            for (const QJsonObject &line : seat->peer->verb({QString::fromLatin1(verb)}))
                story += QString::fromUtf8(QJsonDocument(line).toJson(QJsonDocument::Compact))
                    + QLatin1Char('\n');
    }
    return story;
}

} // namespace nlbd::mesh
