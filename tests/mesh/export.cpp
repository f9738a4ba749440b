#include "tests/mesh/export.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QJsonValue>

namespace nlbd::mesh {

namespace {

std::expected<QByteArray, QString> contentOf(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return std::unexpected(name + QStringLiteral(" cannot be read"));
    return file.readAll();
}

QJsonArray linesOf(const Peer &peer, const QStringList &verb)
{
    QJsonArray lines;
    for (const QJsonObject &line : peer.verb(verb))
        lines.append(line);
    return lines;
}

QList<QJsonObject> objectsOf(const QJsonValue &lines)
{
    QList<QJsonObject> result;
    for (const QJsonValue &line : lines.toArray())
        result << line.toObject();
    return result;
}

QJsonArray textsOf(const Peer &peer)
{
    QJsonArray texts;
    for (const QJsonObject &line : peer.verb({"list"})) {
        if (!line.contains("document"))
            continue;
        const qint64 document = line.value("document").toInteger();
        const auto shown = peer.verb({"show", QString::number(document)});
        texts.append(
            QJsonObject{{"document", document},
                        {"title", line.value("title")},
                        {"text", shown.isEmpty() ? QJsonValue() : shown.first().value("text")}});
    }
    return texts;
}

} // namespace

bool copyFolder(const QString &from, const QString &to)
{
    bool isCopied = QDir().mkpath(to);
    for (const QFileInfo &entry :
         QDir(from).entryInfoList(QDir::Files | QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot)) {
        const QString copy = to + QLatin1Char('/') + entry.fileName();
        isCopied = isCopied
            && (entry.isDir() ? copyFolder(entry.filePath(), copy)
                              : QFile::copy(entry.filePath(), copy));
    }
    return isCopied;
}

std::expected<void, QString> exportAll(Peer &peer, const QString &folder)
{
    QDir().mkpath(folder + QStringLiteral("/proofs"));
    int exitCode = -1;
    (void)peer.verb({"export", "--archive", folder + QStringLiteral("/archive")}, &exitCode);
    if (exitCode != 0)
        return std::unexpected(peer.name() + QStringLiteral(" exports no archive"));
    for (const QJsonObject &line : peer.verb({"evidence"})) {
        const QString id = line.value("id").toString();
        if (id.isEmpty())
            continue;
        (void)peer.verb(
            {"evidence", "--id", id, "--output", folder + QStringLiteral("/proofs/") + id},
            &exitCode);
        if (exitCode != 0)
            return std::unexpected(peer.name() + QStringLiteral(" saves no proof"));
    }
    const auto status = peer.verb({"status"});
    QFile said(folder + QStringLiteral("/said.json"));
    if (status.isEmpty() || !said.open(QIODevice::WriteOnly))
        return std::unexpected(peer.name() + QStringLiteral(" says nothing"));
    said.write(QJsonDocument(QJsonObject{{"name", peer.name()},
                                         {"status", status.first()},
                                         {"members", linesOf(peer, {"members"})},
                                         {"log", linesOf(peer, {"log"})},
                                         {"decisions", linesOf(peer, {"decisions"})},
                                         {"texts", textsOf(peer)}})
                   .toJson());
    peer.stop();
    const QDir workspaces(peer.folder() + QStringLiteral("/workspaces"));
    for (const QString &workspace : workspaces.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        if (!copyFolder(workspaces.filePath(workspace), folder + QStringLiteral("/store")))
            return std::unexpected(peer.name() + QStringLiteral("'s disk cannot be copied"));
    return {};
}

QByteArray Export::archive() const
{
    return contentOf(folder + QStringLiteral("/archive")).value_or(QByteArray());
}

QList<QByteArray> Export::proofs() const
{
    QList<QByteArray> result;
    const QDir proofs(folder + QStringLiteral("/proofs"));
    for (const QString &file : proofs.entryList(QDir::Files, QDir::Name))
        result << contentOf(proofs.filePath(file)).value_or(QByteArray());
    return result;
}

std::expected<Export, QString> Export::read(const QString &folder)
{
    const auto content = contentOf(folder + QStringLiteral("/said.json"));
    if (!content)
        return std::unexpected(content.error());
    const QJsonObject said = QJsonDocument::fromJson(*content).object();
    Export result;
    result.folder = folder;
    result.name = said.value("name").toString();
    result.status = said.value("status").toObject();
    result.log = objectsOf(said.value("log"));
    result.decisions = objectsOf(said.value("decisions"));
    for (const QJsonObject &text : objectsOf(said.value("texts")))
        result.texts << Text{static_cast<quint32>(text.value("document").toInteger()),
                             text.value("title").toString(), text.value("text").toString()};
    std::ranges::sort(result.texts, {}, &Text::document);
    return result;
}

} // namespace nlbd::mesh
