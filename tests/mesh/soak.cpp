// Eight members for a long time: they type, are ended and killed and started again, and cables are
// cut. In the end all hold the same, and those who were never ended hold no more than their history
// takes. One JSON line for each figure, as tests/bench has them.
//
//     mesh_soak [--minutes M | --seconds S] [--seed N] [--calm 1]

#include "tests/bench/figure.h"
#include "tests/mesh/networks.h"
#include "tests/mesh/process.h"
#include "tests/mesh/questions.h"
#include "tests/mesh/resources.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QThread>

#include <cstdio>
#include <random>

using namespace nlbd;
using mesh::Networks;
using mesh::Peer;

namespace {

constexpr int kPeers = 8;
constexpr int kSteady = 2; ///< of these, never ended: what they hold is looked at
constexpr int kStepMs = 1000;
constexpr int kPatienceMs = 240'000;
constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kHourS = 3600;

/// What one steady process held, by seconds since the start.
struct Sample {
    double seconds = 0;
    double memoryMiB = 0;
    double handles = 0;
    double diskMiB = 0;
};

/// How much steeper per hour, by least squares.
double slopeOf(const std::vector<Sample> &samples, double Sample::*what)
{
    double meanX = 0;
    double meanY = 0;
    for (const Sample &sample : samples) {
        meanX += sample.seconds / static_cast<double>(samples.size());
        meanY += sample.*what / static_cast<double>(samples.size());
    }
    double both = 0;
    double square = 0;
    for (const Sample &sample : samples) {
        both += (sample.seconds - meanX) * (sample.*what - meanY);
        square += (sample.seconds - meanX) * (sample.seconds - meanX);
    }
    return square > 0 ? both / square * kHourS : 0;
}

QString textAt(const Peer &peer)
{
    const auto lines = peer.verb({"show", "Plan"});
    return lines.isEmpty() ? QString() : lines.front().value("text").toString();
}

bool does(const Peer &peer, const QStringList &verb)
{
    int exitCode = -1;
    (void)peer.verb(verb, &exitCode);
    return exitCode == 0;
}

template <typename Condition>
bool eventually(Condition isTrue)
{
    for (const QDeadlineTimer end(kPatienceMs); !end.hasExpired(); QThread::msleep(200))
        if (isTrue())
            return true;
    return false;
}

class Soak {
public:
    Soak(quint64 seed, double seconds, bool isCalm)
        : m_random(seed)
        , m_seconds(seconds)
        , m_isCalm(isCalm)
    {
    }
    /// The sentence says what went wrong.
    std::expected<void, QString> begin();
    std::expected<void, QString> live();
    std::expected<void, QString> end();
    [[nodiscard]] std::vector<bench::Figure> figures() const;

private:
    [[nodiscard]] Peer &at(int i) const { return *m_peers[static_cast<std::size_t>(i)]; }
    [[nodiscard]] int draw(int below)
    {
        return static_cast<int>(m_random() % static_cast<unsigned>(below));
    }
    std::expected<void, QString> endOne();
    void type();
    void cutOrHeal();
    void sample();

    std::mt19937_64 m_random;
    double m_seconds;
    bool m_isCalm; ///< nobody is ended or cut off: what the history alone takes
    QTemporaryDir m_folder;
    std::unique_ptr<Networks> m_networks;
    std::vector<std::unique_ptr<Peer>> m_peers;
    QElapsedTimer m_clock;
    QStringList m_lines;
    std::vector<std::vector<Sample>> m_samples{kSteady};
    int m_ends = 0;
    int m_kills = 0;
    int m_cuts = 0;
    bool m_isCut = false;
    double m_convergedMs = 0;
};

std::expected<void, QString> Soak::begin()
{
    auto networks = Networks::open(kPeers);
    if (networks)
        m_networks = std::move(*networks);
    else
        std::fprintf(stderr, "mesh_soak: on the loopback device, nothing is cut: %s\n",
                     qPrintable(networks.error()));
    QStringList found{"found", "--name", "Garden"};
    for (int i = 0; i < kPeers; ++i) {
        const QString name = QStringLiteral("P%1").arg(i);
        m_peers.push_back(std::make_unique<Peer>(name, m_folder.filePath(name)));
        (void)at(i).verb({"init", name});
        if (m_networks)
            at(i).liveIn(m_networks->namespaceOf(i), m_networks->hostOf(i));
        if (!at(i).goOnline({"run", "--accept-founding"}))
            return std::unexpected(name + " did not go online");
        if (i > 0)
            found << "--with"
                  << at(i)
                         .verb({"card", "--address", at(i).address()})
                         .value(0)
                         .value("card")
                         .toString();
    }
    if (!does(at(0), found))
        return std::unexpected(QStringLiteral("they did not found a workspace"));
    const auto hasFounded = [](const auto &peer) { return !mesh::workspaceOf(*peer).isEmpty(); };
    const bool isFounded = eventually([&] { return std::ranges::all_of(m_peers, hasFounded); })
        && does(at(0), {"new", "Plan"}) && eventually([&] {
                               return std::ranges::all_of(m_peers, [](const auto &p) {
                                   return does(*p, {"show", "Plan"});
                               });
                           });
    if (!isFounded)
        return std::unexpected(QStringLiteral("not everybody came along"));
    return {};
}

void Soak::type()
{
    const int who = draw(kPeers);
    const QString line = QStringLiteral("%1 of %2. ").arg(m_lines.size()).arg(at(who).name());
    if (does(at(who), {"edit", "Plan", "--append", line}))
        m_lines << line;
}

/// One of those who may be ended, as Ctrl+C or a power cut does, and started again.
std::expected<void, QString> Soak::endOne()
{
    Peer &peer = at(kSteady + draw(kPeers - kSteady));
    if (peer.hasCrashed())
        return std::unexpected(peer.name() + QStringLiteral(" has crashed"));
    if (draw(2) == 0) {
        peer.stop();
        ++m_ends;
    } else {
        peer.kill();
        ++m_kills;
    }
    if (!peer.goOnline({"run"}))
        return std::unexpected(peer.name() + QStringLiteral(" did not start again"));
    return {};
}

void Soak::cutOrHeal()
{
    if (!m_networks)
        return;
    m_isCut = !m_isCut;
    if (!m_isCut) {
        (void)m_networks->heal();
        return;
    }
    std::vector<std::vector<int>> parts(2);
    for (int i = 0; i < kPeers; ++i)
        parts[static_cast<std::size_t>(draw(2))].push_back(i);
    m_cuts += m_networks->part(parts) ? 1 : 0;
}

void Soak::sample()
{
    for (int i = 0; i < kSteady; ++i) {
        const mesh::Resources now = mesh::resourcesOf(at(i).processId());
        m_samples[static_cast<std::size_t>(i)].push_back(
            {static_cast<double>(m_clock.elapsed()) / 1000,
             static_cast<double>(now.memoryKiB) / 1024, static_cast<double>(now.handles),
             static_cast<double>(mesh::bytesIn(at(i).folder())) / kMiB});
    }
}

// In the mean a line every two seconds, an end every eight, a cut or its end every twelve.
std::expected<void, QString> Soak::live()
{
    m_clock.start();
    while (static_cast<double>(m_clock.elapsed()) < m_seconds * 1000) {
        QThread::msleep(kStepMs);
        if (draw(2) == 0)
            type();
        if (draw(8) == 0 && !m_isCalm)
            if (const auto done = endOne(); !done)
                return done;
        if (draw(12) == 0 && !m_isCalm)
            cutOrHeal();
        sample();
    }
    return {};
}

std::expected<void, QString> Soak::end()
{
    if (m_isCut)
        cutOrHeal();
    QElapsedTimer since;
    since.start();
    const auto hasAll = [this] {
        const QString text = textAt(at(0));
        const auto isThere = [&text](const QString &line) { return text.contains(line); };
        return std::ranges::all_of(m_lines, isThere)
            && std::ranges::all_of(m_peers, [&text](const auto &p) { return textAt(*p) == text; });
    };
    const bool isDone = eventually(hasAll);
    m_convergedMs = static_cast<double>(since.elapsed());
    for (const auto &peer : m_peers)
        if (peer->hasCrashed() || !peer->isRunning())
            return std::unexpected(peer->name() + QStringLiteral(" has ended by itself"));
    if (!isDone)
        return std::unexpected(QStringLiteral("not everybody holds the same"));
    return {};
}

std::vector<bench::Figure> Soak::figures() const
{
    constexpr double kMemoryGoal = 1; ///< MiB in an hour, above what their history takes:
    constexpr double kLineKiB = 2.2;  ///< for each line, where nobody is ended (--calm)
    // A session takes one handle where it was accepted and five where it was dialled, and an end
    // turns one into the other: so many may come in a whole run, however long. A leak at each end
    // would be hundreds.
    constexpr double kHandlesMax = (kPeers - 1) * 5;
    constexpr double kConvergedGoalMs = 60'000;
    constexpr double kEnoughS = 600; ///< what is shorter tells nothing of growth
    double memory = 0;
    double handles = 0;
    double disk = 0;
    for (std::vector<Sample> samples : m_samples) {
        samples.erase(samples.begin(), // warming up
                      samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 4));
        memory = std::max(memory, slopeOf(samples, &Sample::memoryMiB));
        handles = std::max(handles, slopeOf(samples, &Sample::handles));
        disk = std::max(disk, slopeOf(samples, &Sample::diskMiB));
    }
    const bool isLong = m_seconds >= kEnoughS;
    const auto goal = [isLong](double value) {
        return isLong ? std::optional<double>(value) : std::nullopt;
    };
    const auto count = [](int value) { return static_cast<double>(value); };
    const double lines = count(static_cast<int>(m_lines.size()));
    const double history = kLineKiB / 1024 * lines * kHourS / m_seconds;
    return {{"soak_time", m_seconds, "s", {}, "nlbd", {}},
            {"soak_lines", lines, "lines", {}, "nlbd", {}},
            {"soak_ended", count(m_ends), "times", {}, "nlbd", {}},
            {"soak_killed", count(m_kills), "times", {}, "nlbd", {}},
            {"soak_cut", count(m_cuts), "times", {}, "nlbd", {}},
            {"soak_converged_after", m_convergedMs, "ms", kConvergedGoalMs, "nlbd", {}},
            {"soak_memory_now", m_samples.front().back().memoryMiB, "MiB", {}, "nlbd", {}},
            {"soak_handles_now", m_samples.front().back().handles, "handles", {}, "nlbd", {}},
            {"soak_disk_growth", disk, "MiB/h", {}, "nlbd", {}},
            {"soak_memory_growth", memory, "MiB/h", goal(kMemoryGoal + history), "nlbd", {}},
            {"soak_memory_growth_per_line",
             memory * 1024 * m_seconds / kHourS / lines,
             "KiB",
             {},
             "nlbd",
             {}},
            {"soak_handles_growth",
             handles,
             "1/h",
             goal(kHandlesMax * kHourS / m_seconds),
             "nlbd",
             {}}};
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    double seconds = 3600;
    quint64 seed = 1;
    bool isCalm = false;
    const QStringList words = QCoreApplication::arguments();
    for (qsizetype at = 1; at + 1 < words.size(); at += 2) {
        if (words[at] == QStringLiteral("--minutes"))
            seconds = words[at + 1].toDouble() * 60;
        else if (words[at] == QStringLiteral("--seconds"))
            seconds = words[at + 1].toDouble();
        else if (words[at] == QStringLiteral("--seed"))
            seed = words[at + 1].toULongLong();
        else if (words[at] == QStringLiteral("--calm"))
            isCalm = words[at + 1].toInt() != 0;
        else
            seconds = 0;
    }
    if (seconds < 5 || words.size() % 2 == 0) {
        std::fputs("mesh_soak [--minutes M | --seconds S] [--seed N] [--calm 1]\n", stderr);
        return 2;
    }
    Soak soak(seed, seconds, isCalm);
    auto done = soak.begin();
    if (done)
        done = soak.live();
    if (done)
        done = soak.end();
    if (!done) {
        std::fprintf(stderr, "mesh_soak: seed %llu: %s\n", static_cast<unsigned long long>(seed),
                     qPrintable(done.error()));
        return 1;
    }
    bool hasGrown = false;
    for (const bench::Figure &figure : soak.figures()) {
        std::printf("%s\n", bench::lineOf(figure).c_str());
        hasGrown = hasGrown || (figure.isMissed() && figure.name.ends_with("_growth"));
    }
    return hasGrown ? 1 : 0;
}
