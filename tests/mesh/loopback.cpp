#include "tests/mesh/loopback.h"

#include "tests/mesh/questions.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

namespace nlbd::mesh {

namespace {

constexpr int kAttackMs = 60'000;
constexpr int kFoundedMs = 30'000;
const QString kMalory = QStringLiteral("Malory");

} // namespace

bool Loopback::found(const QStringList &honest, const QString &folder)
{
    QStringList found{"found", "--name", "Table", "--with"};
    for (const QString &name : honest + QStringList{kMalory}) {
        auto peer = std::make_unique<Peer>(name, folder + QLatin1Char('/') + name);
        int exitCode = -1;
        (void)peer->verb({"init", name}, &exitCode);
        if (exitCode != 0 || !peer->goOnline({"run", "--accept-founding"}))
            return false;
        const auto card = peer->verb({"card", "--address", peer->address()});
        if (card.isEmpty())
            return false;
        if (!m_honest.empty())
            found << card.first().value("card").toString();
        if (name == kMalory)
            m_malory = std::move(peer);
        else
            m_honest.push_back(std::move(peer));
    }
    int exitCode = -1;
    (void)m_honest.front()->verb(found, &exitCode);
    const auto isFounded = [](const auto &peer) { return !workspaceOf(*peer).isEmpty(); };
    const bool isThere = exitCode == 0
        && QTest::qWaitFor([&] { return std::ranges::all_of(m_honest, isFounded); }, kFoundedMs)
        && QTest::qWaitFor([&] { return isFounded(m_malory); }, kFoundedMs);
    m_malory->stop();
    return isThere;
}

QStringList Loopback::argumentsFor(const QString &attack) const
{
    QStringList arguments{"--profile", m_malory->folder(), "--attack", attack, "--json"};
    for (const auto &peer : m_honest)
        arguments << QStringLiteral("--target")
                  << peer->address() + QLatin1Char('=') + peer->device();
    return arguments;
}

bool Loopback::mount(const QString &attack) const
{
    QProcess malory;
    malory.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    settle(malory, -1);
    malory.start(programPath(QStringLiteral("nlbd-malory")), argumentsFor(attack));
    return malory.waitForFinished(kAttackMs) && malory.exitStatus() == QProcess::NormalExit
        && malory.exitCode() == 0;
}

std::unique_ptr<QProcess> Loopback::start(const QStringList &arguments)
{
    auto malory = std::make_unique<QProcess>();
    malory->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    settle(*malory, -1);
    malory->start(programPath(QStringLiteral("nlbd-malory")), arguments);
    return malory;
}

std::unique_ptr<QProcess> Loopback::begin(const QString &attack) const
{
    return start(argumentsFor(attack));
}

std::unique_ptr<QProcess> Loopback::mountEndlessly(const QString &attack,
                                                   const QStringList &without) const
{
    QStringList arguments = argumentsFor(attack) + QStringList{QStringLiteral("--endless")};
    for (const QString &verb : without)
        arguments << QStringLiteral("--without") << verb;
    return start(arguments);
}

QList<QJsonObject> Loopback::listOf(const QString &attack)
{
    QProcess list;
    list.start(programPath(QStringLiteral("nlbd-malory")),
               {"--list", "--attack", attack, "--json"});
    QList<QJsonObject> lines;
    if (!list.waitForFinished(kAttackMs))
        return lines;
    for (const QByteArray &line : list.readAllStandardOutput().split('\n'))
        if (!line.trimmed().isEmpty())
            lines << QJsonDocument::fromJson(line).object();
    return lines;
}

} // namespace nlbd::mesh
