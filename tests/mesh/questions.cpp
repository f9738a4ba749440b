#include "tests/mesh/questions.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <algorithm>

namespace nlbd::mesh {

QJsonObject workspaceOf(const Peer &peer)
{
    const auto lines = peer.verb({"status"});
    const auto all = lines.isEmpty() ? QJsonArray() : lines.front().value("workspaces").toArray();
    return all.isEmpty() ? QJsonObject() : all.first().toObject();
}

qint64 timesOf(const Peer &peer, const QString &code)
{
    qint64 times = 0;
    for (const QJsonObject &line : peer.verb({"evidence"}))
        if (line.value("code").toString() == code)
            times += line.contains("count") ? line.value("count").toInteger() : 1;
    return times;
}

int seatsAt(const Peer &peer)
{
    const auto lines = peer.verb({"members"});
    return lines.isEmpty() ? 0 : lines.back().value("seats").toInt();
}

bool isMember(const Peer &peer, const QString &name)
{
    return std::ranges::any_of(peer.verb({"members"}), [&name](const QJsonObject &line) {
        return line.value("name").toString() == name
            && line.value("standing").toString() != QStringLiteral("gone");
    });
}

bool isOnlineAt(const Peer &peer, const QString &name)
{
    return std::ranges::any_of(
        workspaceOf(peer).value("members").toArray(), [&name](const QJsonValue &value) {
            const QJsonObject member = value.toObject();
            return member.value("name").toString() == name && member.value("isOnline").toBool();
        });
}

bool hasEverythingAt(const Peer &peer, const QString &name)
{
    for (const auto &member : workspaceOf(peer).value("members").toArray()) {
        const QJsonObject one = member.toObject();
        if (one.value("name").toString() == name)
            return one.value("behind").toInt(-1) == 0;
    }
    return false;
}

bool isAgreed(const Peer &peer, const QStringList &honest)
{
    const auto log = peer.verb({"log"});
    return !log.isEmpty() && std::ranges::all_of(log, [&honest](const QJsonObject &line) {
        return line.value("ratified").toBool() || !honest.contains(line.value("author").toString());
    });
}

bool hasProofAgainst(const Peer &peer, const QString &name, const QString &code)
{
    return std::ranges::any_of(peer.verb({"evidence"}), [&](const QJsonObject &line) {
        return line.value("accused").toString() == name
            && line.value("code").toString().startsWith(code);
    });
}

bool hasOpenWork(const Peer &peer)
{
    return std::ranges::any_of(peer.verb({"decisions"}), [](const QJsonObject &line) {
        return line.value("eligible").toBool();
    });
}

} // namespace nlbd::mesh
