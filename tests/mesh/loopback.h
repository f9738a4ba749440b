#pragma once

#include "tests/mesh/process.h"

#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace nlbd::mesh {

/// Honest processes on this computer's loopback and the profile of Malory, who is a member as they
/// are and mounts what nlbd-malory can.
class Loopback {
public:
    /// All of them found a workspace; then Malory is offline. False if somebody does not come
    /// along.
    [[nodiscard]] bool found(const QStringList &honest, const QString &folder);

    [[nodiscard]] const std::vector<std::unique_ptr<Peer>> &honest() const { return m_honest; }
    /// Without a process of its own.
    [[nodiscard]] Peer &malory() const { return *m_malory; }

    /// One attack, or a list of them, on everybody honest. False if it did not run to its end.
    [[nodiscard]] bool mount(const QString &attack) const;
    /// The same, and it may wait for what the others do.
    [[nodiscard]] std::unique_ptr<QProcess> begin(const QString &attack) const;
    /// Turn after turn, until it is ended.
    [[nodiscard]] std::unique_ptr<QProcess> mountEndlessly(const QString &attack,
                                                           const QStringList &without = {}) const;

    /// What nlbd-malory lists: verb, row, code.
    [[nodiscard]] static QList<QJsonObject> listOf(const QString &attack);

private:
    [[nodiscard]] static std::unique_ptr<QProcess> start(const QStringList &arguments);
    [[nodiscard]] QStringList argumentsFor(const QString &attack) const;

    std::vector<std::unique_ptr<Peer>> m_honest;
    std::unique_ptr<Peer> m_malory;
};

} // namespace nlbd::mesh
