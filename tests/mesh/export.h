#pragma once

#include "tests/mesh/process.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

#include <expected>

namespace nlbd::mesh {

/// What a process says of its workspace, and what lies on its disk, in one folder:
///
///     said.json   name, and the lines of status, members, log, decisions; each document's text
///     proofs/     each proof as "evidence --output" saves it
///     archive     "export --archive"
///     store/      the workspace folder, copied after the process ended
struct Export {
    QString name;
    QString folder;
    QJsonObject status;
    QList<QJsonObject> log;
    QList<QJsonObject> decisions;
    struct Text {
        quint32 document = 0;
        QString title;
        QString text;
        friend bool operator==(const Text &, const Text &) = default;
    };
    QList<Text> texts; ///< by document

    [[nodiscard]] QByteArray archive() const;
    [[nodiscard]] QList<QByteArray> proofs() const;
    [[nodiscard]] QString store() const { return folder + QStringLiteral("/store"); }

    [[nodiscard]] static std::expected<Export, QString> read(const QString &folder);
};

/// With everything in it.
[[nodiscard]] bool copyFolder(const QString &from, const QString &to);

/// Writes it. Ends the process: its disk is copied last.
[[nodiscard]] std::expected<void, QString> exportAll(Peer &peer, const QString &folder);

} // namespace nlbd::mesh
