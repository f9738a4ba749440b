#pragma once

#include "tests/mesh/process.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace nlbd::mesh {

// What one reads off a member from outside, by its verbs.

/// The first one in its status; empty if it has none.
[[nodiscard]] QJsonObject workspaceOf(const Peer &peer);
/// How often it answered with a code: refusals by their count, proofs as they are.
[[nodiscard]] qint64 timesOf(const Peer &peer, const QString &code);
[[nodiscard]] int seatsAt(const Peer &peer);
/// By name; false of who has gone, or is not known there.
[[nodiscard]] bool isMember(const Peer &peer, const QString &name);
/// Has a session with that one.
[[nodiscard]] bool isOnlineAt(const Peer &peer, const QString &name);
/// It knows there that this one signed for everything that is held there.
[[nodiscard]] bool hasEverythingAt(const Peer &peer, const QString &name);
/// All that the honest signed is agreed.
[[nodiscard]] bool isAgreed(const Peer &peer, const QStringList &honest);
/// A proof, of whatever kind or of this one.
[[nodiscard]] bool hasProofAgainst(const Peer &peer, const QString &name, const QString &code = {});
/// Somebody asks for something that is to be decided now.
[[nodiscard]] bool hasOpenWork(const Peer &peer);

} // namespace nlbd::mesh
