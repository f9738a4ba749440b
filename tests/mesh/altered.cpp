#include "tests/mesh/altered.h"

#include "core/consensus/certificate.h"
#include "core/consensus/decision.h"
#include "core/consensus/evidence_file.h"
#include "core/store/sqlite_store.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <functional>

namespace nlbd::mesh {

namespace {

using Scene = Alteration::Scene;

bool rewriteFile(const QString &name, const std::function<void(QByteArray &)> &change)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadWrite))
        return false;
    QByteArray content = file.readAll();
    change(content);
    return file.resize(0) && file.seek(0) && file.write(content) == content.size();
}

bool rewriteSaid(const QString &folder, const std::function<void(QJsonObject &)> &change)
{
    return rewriteFile(folder + QStringLiteral("/said.json"), [&](QByteArray &content) {
        QJsonObject said = QJsonDocument::fromJson(content).object();
        change(said);
        content = QJsonDocument(said).toJson();
    });
}

/// Each line of a list in said.json.
bool rewriteLines(const QString &folder, const QString &list,
                  const std::function<void(QJsonObject &)> &change)
{
    return rewriteSaid(folder, [&](QJsonObject &said) {
        QJsonArray lines = said.value(list).toArray();
        for (QJsonValueRef line : lines) {
            QJsonObject object = line.toObject();
            change(object);
            line = object;
        }
        said[list] = lines;
    });
}

std::optional<store::StoredWorkspace> storedIn(const QString &folder)
{
    auto store = store::SqliteStore::open((folder + QStringLiteral("/store")).toStdString());
    auto stored = store ? (*store)->load() : std::unexpected(store.error());
    return stored ? std::optional(std::move(*stored)) : std::nullopt;
}

/// The same disk with other rows: a new one is written.
bool rewriteStore(const QString &folder,
                  const std::function<void(store::StoredWorkspace &)> &change)
{
    auto stored = storedIn(folder);
    if (!stored)
        return false;
    change(*stored);
    store::Rows rows;
    const auto put = [&rows](auto &list) {
        for (auto &row : list)
            rows.emplace_back(std::move(row));
    };
    put(stored->meta);
    put(stored->packs);
    put(stored->changes);
    put(stored->acks);
    put(stored->evidence);
    put(stored->refusals);
    put(stored->journal);
    put(stored->control);
    put(stored->decisions);
    const QString name = folder + QStringLiteral("/store");
    if (!QDir(name).removeRecursively())
        return false;
    const auto store = store::SqliteStore::open(name.toStdString());
    return store && (*store)->commit(rows, store::Sync::Full).has_value();
}

bool oneShowsAnotherLetter(const Scene &scene)
{
    return rewriteLines(scene.folders.at(1), QStringLiteral("texts"), [](QJsonObject &text) {
        text["text"] = text["text"].toString() + QLatin1Char('x');
    });
}

bool allShowAnotherLetter(const Scene &scene)
{
    return std::ranges::all_of(scene.folders, [](const QString &folder) {
        return rewriteLines(folder, QStringLiteral("texts"), [](QJsonObject &text) {
            text["text"] = text["text"].toString() + QLatin1Char('x');
        });
    });
}

bool aLineIsThereTwice(const Scene &scene)
{
    return rewriteLines(scene.folders.at(0), QStringLiteral("texts"), [](QJsonObject &text) {
        text["text"] = text["text"].toString() + text["text"].toString();
    });
}

bool anotherWasRatified(const Scene &scene)
{
    bool isDone = false;
    return rewriteLines(scene.folders.at(1), QStringLiteral("log"),
                        [&](QJsonObject &line) {
                            if (isDone || !line["ratified"].toBool())
                                return;
                            line["hash"] = QString(64, QLatin1Char('7'));
                            isDone = true;
                        })
        && isDone;
}

bool oneIsNotRatified(const Scene &scene)
{
    return rewriteLines(scene.folders.at(1), QStringLiteral("log"),
                        [](QJsonObject &line) { line["ratified"] = false; });
}

bool anArchiveIsCut(const Scene &scene)
{
    return rewriteFile(scene.folders.at(1) + QStringLiteral("/archive"),
                       [](QByteArray &content) { content.chop(1); });
}

bool aCertificateLacksASignature(const Scene &scene)
{
    return rewriteStore(scene.folders.at(1), [](store::StoredWorkspace &stored) {
        if (stored.decisions.empty())
            return;
        store::DecisionRow &row = stored.decisions.back();
        auto decision = consensus::Decision::decode(row.record);
        auto certificate = consensus::Certificate::decode(decision->certificate);
        certificate->lines.front().signature = certificate->lines.back().signature;
        decision->certificate = certificate->encode();
        row.record = decision->encode();
    });
}

bool aDecisionIsKeptBack(const Scene &scene)
{
    return rewriteStore(scene.folders.at(1), [](store::StoredWorkspace &stored) {
        if (!stored.decisions.empty())
            stored.decisions.pop_back();
    });
}

/// The byte that `place` finds in the newest pack of the second.
bool isPackAltered(const Scene &scene, const std::function<std::byte &(Bytes &)> &place)
{
    bool isDone = false;
    return rewriteStore(scene.folders.at(1),
                        [&](store::StoredWorkspace &stored) {
                            if (stored.packs.empty())
                                return;
                            place(stored.packs.back().record) ^= std::byte{1};
                            isDone = true;
                        })
        && isDone;
}

bool aPackIsAltered(const Scene &scene) // in the digest over what it holds
{
    return isPackAltered(scene, [](Bytes &pack) -> std::byte & { return pack.at(16); });
}

/// Signatures stand at the end of it, and no hash covers them.
bool aPackedSignatureIsAltered(const Scene &scene)
{
    return isPackAltered(scene, [](Bytes &pack) -> std::byte & { return pack.back(); });
}

bool allLackAChange(const Scene &scene)
{
    return std::ranges::all_of(scene.folders, [&scene](const QString &folder) {
        return rewriteSaid(folder, [&scene](QJsonObject &said) {
            QJsonArray log = said["log"].toArray();
            qsizetype last = log.size() - 1;
            while (last > 0 && log.at(last)["author"].toString() != scene.signer)
                --last;
            log.removeAt(last);
            said["log"] = log;
        });
    });
}

/// A change of the signer's, and another at its place with its true signature.
std::optional<std::pair<history::UnverifiedChange, history::UnverifiedChange>>
twins(const Scene &scene)
{
    const auto stored = storedIn(scene.folders.at(0));
    const auto *record = !stored ? nullptr : [&]() -> const Bytes * {
        const auto row = std::ranges::find(stored->meta, "genesis", &store::MetaRow::key);
        return row == stored->meta.end() ? nullptr : &row->value;
    }();
    const auto genesis = record != nullptr ? identity::SignedGenesis::decode(*record)
                                           : std::unexpected(Code::E_CANON);
    if (!genesis)
        return std::nullopt;
    const auto configuration = genesis->genesis.configuration();
    const auto me = configuration.indexOf(scene.device.publicKey());
    const auto mine = std::ranges::find_if(
        stored->changes, [&](const store::ChangeRow &row) { return row.device == me; });
    if (mine == stored->changes.end())
        return std::nullopt;
    const auto change = history::decodeFull(mine->record);
    history::UnverifiedChange twin = *change;
    twin.header.wallMs += 1;
    twin.hash = twin.header.hash();
    twin.signature = identity::Ed25519{}.sign(scene.device, domains::kChange,
                                              configuration.workspace, twin.hash);
    return std::pair(*change, twin);
}

bool somebodySignedTwice(const Scene &scene)
{
    const auto pair = twins(scene);
    return pair && rewriteStore(scene.folders.at(1), [&](store::StoredWorkspace &stored) {
               const auto &twin = pair->second;
               stored.changes.push_back({twin.hash, twin.header.device, twin.header.seq,
                                         twin.header.doc, true, history::encodeFull(twin)});
           });
}

bool aProofAccusesTheHonest(const Scene &scene)
{
    const auto pair = twins(scene);
    const auto stored = storedIn(scene.folders.at(0));
    if (!pair || !stored)
        return false;
    const auto row = std::ranges::find(stored->meta, "genesis", &store::MetaRow::key);
    const auto genesis = identity::SignedGenesis::decode(row->value);
    const auto headerOf = [](const history::UnverifiedChange &change) {
        return history::SignedHeader{change.header, change.signature};
    };
    const consensus::Proof proof{
        trust::forkEvidence(headerOf(pair->first), headerOf(pair->second))};
    const Bytes file = consensus::encodeEvidenceFile(*genesis, {}, proof);
    QFile out(scene.folders.at(1) + QStringLiteral("/proofs/false"));
    return out.open(QIODevice::WriteOnly)
        && out.write(reinterpret_cast<const char *>(file.data()), static_cast<qint64>(file.size()))
        == static_cast<qint64>(file.size());
}

} // namespace

const std::vector<Alteration> &alterations()
{
    static const std::vector<Alteration> kAll{
        {"one shows another letter", "shows other texts than", oneShowsAnotherLetter},
        {"all show another letter", "than its changes give", allShowAnotherLetter},
        {"a line is there twice", "is there 2 times", aLineIsThereTwice},
        {"another change was ratified", "was ratified in two ways", anotherWasRatified},
        {"a change is not ratified", "an honest change is not agreed", oneIsNotRatified},
        {"an archive is cut", "its archive does not verify", anArchiveIsCut},
        {"a certificate lacks a signature", "does not verify", aCertificateLacksASignature},
        {"a decision is kept back", "says other decisions", aDecisionIsKeptBack},
        {"a pack is altered", "a pack on its disk cannot be opened", aPackIsAltered},
        {"a packed signature is altered", "a signature which is none", aPackedSignatureIsAltered},
        {"all lack a change", "lacks number", allLackAChange},
        {"somebody honest signed twice", "is honest and signed twice", somebodySignedTwice},
        {"somebody hostile did, unproven", "has no proof against", somebodySignedTwice, true},
        {"a proof accuses the honest", "holds a proof against the honest", aProofAccusesTheHonest},
    };
    return kAll;
}

} // namespace nlbd::mesh
