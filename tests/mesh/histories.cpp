#include "tests/mesh/histories.h"

#include "core/consensus/certificate.h"
#include "core/consensus/decision_log.h"
#include "core/consensus/proof.h"
#include "core/history/archive.h"
#include "core/store/sqlite_store.h"
#include "tests/sim/rebuild.h"

#include <QJsonObject>

#include <charconv>

namespace nlbd::mesh {

namespace {

const Bytes *metaOf(const store::StoredWorkspace &stored, std::string_view key)
{
    const auto row = std::ranges::find(stored.meta, key, &store::MetaRow::key);
    return row == stored.meta.end() ? nullptr : &row->value;
}

/// N of "key.N".
std::optional<KeyEpoch> keyEpochOf(std::string_view name)
{
    constexpr std::string_view kPrefix = "key.";
    std::uint16_t epoch = 0;
    const char *end = name.data() + name.size();
    const bool isKey = name.starts_with(kPrefix)
        && std::from_chars(name.data() + kPrefix.size(), end, epoch).ptr == end;
    return isKey ? std::optional(KeyEpoch(epoch)) : std::nullopt;
}

QString textOf(Code code)
{
    const std::string_view name = codeName(code);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

QString textOf(const Hash &hash)
{
    return QString::fromStdString(hash.hex().substr(0, 12));
}

} // namespace

Histories::Histories(Expectation expected)
    : m_expected(std::move(expected))
{
}

void Histories::fault(const History &history, const QString &sentence)
{
    m_faults << history.name + QStringLiteral(": ") + sentence;
}

bool Histories::History::stays() const
{
    return std::ranges::any_of(newest.members, [this](const identity::Member &member) {
        return QString::fromStdString(member.name) == name
            && member.standing != identity::Standing::Gone;
    });
}

bool Histories::isHonest(DeviceIndex device) const
{
    const identity::Member *member = m_epochs->newest().memberOf(device);
    return member != nullptr && !m_expected.hostile.contains(QString::fromStdString(member->name));
}

void Histories::add(const QString &folder)
{
    const auto said = Export::read(folder);
    if (!said) {
        m_faults << said.error();
        return;
    }
    History history;
    history.name = said->name;
    history.said = *said;
    auto store = store::SqliteStore::open(said->store().toStdString());
    auto stored = store
        ? (*store)->load()
        : std::expected<store::StoredWorkspace, store::StoreError>(std::unexpected(store.error()));
    if (!stored) {
        fault(history, QStringLiteral("its disk cannot be read"));
        return;
    }
    for (const std::string &repair : stored->repairs)
        fault(history, QString::fromStdString(repair));
    history.stored = std::move(*stored);
    readGenesis(history);
    m_histories.push_back(std::move(history));
}

void Histories::readGenesis(History &history)
{
    const Bytes *record = metaOf(history.stored, "genesis");
    const auto genesis = record == nullptr
        ? std::expected<identity::SignedGenesis, Code>(std::unexpected(Code::E_CANON))
        : identity::SignedGenesis::decode(*record);
    if (!genesis || !genesis->verify(m_scheme)) {
        fault(history, QStringLiteral("no founding record that all founders signed"));
        return;
    }
    const identity::Configuration start = genesis->genesis.configuration();
    history.newest = start;
    const Bytes *key = metaOf(history.stored, "key.0");
    if (!m_epochs && key != nullptr && key->size() == 32)
        m_epochs.emplace(test::FoundedGroup{
            *genesis, {}, keys::WorkspaceKey::from(ByteView(*key).first<32>()), start});
    else if (m_epochs && m_epochs->at(Epoch(0))->workspace != start.workspace)
        fault(history, QStringLiteral("is of another workspace"));
}

void Histories::readDecisions(History &history)
{
    consensus::DecisionLog log(*m_epochs->at(Epoch(0)), m_scheme,
                               consensus::quorumCertificates(m_scheme));
    for (const store::DecisionRow &row : history.stored.decisions) {
        const auto decision = consensus::Decision::decode(row.record);
        const auto added = decision ? log.append(*decision) : std::unexpected(decision.error());
        if (!added) {
            fault(history,
                  QStringLiteral("the decision that closed epoch %1 does not verify (%2)")
                      .arg(row.closed.value)
                      .arg(textOf(added.error())));
            return;
        }
        const auto [place, isNew] = m_decisions.try_emplace(row.closed, decision->value.hash());
        if (!isNew && place->second != decision->value.hash())
            fault(history,
                  QStringLiteral("epoch %1 was decided in two ways").arg(row.closed.value));
        if (const auto certificate = consensus::Certificate::decode(decision->certificate))
            for (const consensus::Vote &vote : certificate->votes())
                noteVote(vote);
        if (const auto contradiction = m_epochs->entered(log.now()))
            fault(history, QString::fromStdString(*contradiction));
    }
    history.newest = log.now();
    const auto shown = std::ranges::count_if(
        history.said.decisions, [](const QJsonObject &line) { return line.contains("decision"); });
    if (static_cast<std::size_t>(shown) != history.stored.decisions.size())
        fault(history, QStringLiteral("says other decisions than are on its disk"));
}

void Histories::readKeys(const History &history)
{
    for (const store::MetaRow &row : history.stored.meta) {
        const auto epoch = keyEpochOf(row.key);
        if (!epoch)
            continue;
        if (const auto contradiction = m_epochs->keyStored(*epoch, row.value))
            fault(history, QString::fromStdString(*contradiction));
    }
}

void Histories::readLog(History &history)
{
    for (const QJsonObject &line : history.said.log) {
        const auto bytes = fromHex(line.value("hash").toString().toStdString());
        if (!bytes || bytes->size() != 32) {
            fault(history, QStringLiteral("its log names a change by no hash"));
            continue;
        }
        const Hash hash = *Hash::from(*bytes);
        history.held.insert(hash);
        const DeviceIndex device(static_cast<std::uint16_t>(line.value("device").toInt()));
        const Seq seq(static_cast<std::uint64_t>(line.value("seq").toInteger()));
        if (!line.value("ratified").toBool())
            continue;
        // Decisions close in the branches of a fork side by side (PROTOCOL C6): nobody
        // acknowledged both.
        const identity::Device *known = history.newest.device(device);
        if (known != nullptr && known->penEnd && !isHonest(device))
            continue;
        const auto [place, isNew] = m_ratified.try_emplace({device, seq}, hash);
        if (!isNew && place->second != hash)
            fault(history,
                  QStringLiteral("(%1, %2) was ratified in two ways")
                      .arg(device.value)
                      .arg(seq.value));
    }
}

QStringList Histories::check()
{
    if (!m_epochs) {
        m_faults << QStringLiteral("nobody has a founding record and the first key");
        return m_faults;
    }
    for (History &history : m_histories) {
        readDecisions(history);
        readKeys(history);
        readLog(history);
    }
    for (History &history : m_histories) { // who is who is known now
        readChanges(history);
        readJournal(history);
        readAcks(history);
        readControl(history);
        readProofs(history);
    }
    checkContradictions();
    for (const History &history : m_histories) {
        checkArchive(history);
        checkOwn(history);
        checkRemoved(history);
        if (!history.stays())
            continue;
        if (history.newest.decision != m_epochs->newest().decision)
            fault(history, QStringLiteral("knows other decisions than the others"));
        checkTexts(history);
        checkRebuilt(history);
        checkLines(history);
    }
    m_counts.changes = m_changes.size();
    m_counts.decisions = m_decisions.size();
    m_counts.signedRecords = m_signed.size();
    return m_faults;
}

QStringList Histories::decided() const
{
    const auto one = std::ranges::find_if(m_histories, &History::stays);
    QStringList result;
    if (one == m_histories.end())
        return result;
    for (const QJsonObject &line : one->said.decisions)
        if (line.contains("decision"))
            result << QStringLiteral("epoch %1, round %2: %3")
                          .arg(line.value("closed").toInt())
                          .arg(line.value("round").toInt())
                          .arg(line.value("asked").toString());
    return result;
}

// ---- what is compared --------------------------------------------------------------------------

void Histories::checkTexts(const History &history)
{
    const auto first = std::ranges::find_if(m_histories, &History::stays);
    if (history.said.texts != first->said.texts)
        fault(history, QStringLiteral("shows other texts than ") + first->name);
    if (history.held != first->held)
        fault(history, QStringLiteral("holds other changes than ") + first->name);
}

void Histories::checkRebuilt(const History &history)
{
    std::vector<const history::UnverifiedChange *> records;
    for (const Hash &hash : history.held)
        if (const auto found = m_changes.find(hash); found != m_changes.end())
            records.push_back(&found->second);
    if (records.size() != history.held.size())
        fault(history, QStringLiteral("says that it holds changes that are on no disk"));
    const sim::Rebuilt rebuilt =
        sim::rebuild(*m_epochs, history.newest, m_scheme, std::move(records));
    if (!rebuilt.fault.empty())
        fault(history, QString::fromStdString(rebuilt.fault));
    for (const Export::Text &text : history.said.texts) {
        const auto anew = rebuilt.texts.find(DocIndex(text.document));
        if (anew == rebuilt.texts.end() || anew->second != text.text.toStdString())
            fault(history,
                  QStringLiteral("shows another text of \"%1\" than its changes give")
                      .arg(text.title));
    }
}

void Histories::checkArchive(const History &history)
{
    const QByteArray file = history.said.archive();
    const auto archived = history::decodeArchive(
        bytesOf(std::string_view(file.constData(), static_cast<std::size_t>(file.size()))),
        history.newest, m_scheme, [this](KeyEpoch epoch) { return m_epochs->key(epoch); });
    if (!archived) {
        fault(history, QStringLiteral("its archive does not verify: ") + textOf(archived.error()));
        return;
    }
    std::set<Hash> hashes;
    for (const history::ArchivedChange &change : *archived)
        hashes.insert(change.change.hash);
    if (hashes != history.held)
        fault(history, QStringLiteral("its archive holds other changes than its log"));
}

void Histories::checkLines(const History &history)
{
    for (const QString &typed : m_expected.lines) {
        const QString title = typed.section(QLatin1Char('\t'), 0, 0);
        const QString line = typed.section(QLatin1Char('\t'), 1);
        qsizetype times = 0;
        for (const Export::Text &text : history.said.texts)
            if (text.title == title)
                times += text.text.count(line);
        if (times != 1)
            fault(history, QStringLiteral("\"%1\" is there %2 times").arg(line).arg(times));
    }
    for (const QJsonObject &line : history.said.log) {
        const DeviceIndex device(static_cast<std::uint16_t>(line.value("device").toInt()));
        const Seq seq(static_cast<std::uint64_t>(line.value("seq").toInteger()));
        if (isHonest(device) && !line.value("ratified").toBool()
            && !sim::EpochsSeen::isBeyond(history.newest, device, seq))
            fault(history,
                  QStringLiteral("an honest change is not agreed: ")
                      + textOf(*Hash::from(*fromHex(line.value("hash").toString().toStdString()))));
    }
}

void Histories::checkOwn(const History &history)
{
    for (const history::UnverifiedChange &change : history.own)
        for (const History &other : m_histories)
            if (other.stays() && !other.held.contains(change.hash)
                && !sim::EpochsSeen::isBeyond(m_epochs->newest(), change.header.device,
                                              change.header.seq))
                fault(other,
                      QStringLiteral("lacks number %1 of ").arg(change.header.seq.value)
                          + history.name);
}

void Histories::checkRemoved(const History &history)
{
    const auto isLocked = [&history](const identity::Configuration &then) {
        return std::ranges::any_of(then.devices, [&](const identity::Device &device) {
            return !device.mayRead
                && then.members[device.member.value].name == history.name.toStdString();
        });
    };
    for (const auto &[closed, decision] : m_decisions) {
        const identity::Configuration &then = *m_epochs->at(closed.next());
        if (!isLocked(then))
            continue;
        for (const store::MetaRow &row : history.stored.meta)
            if (const auto epoch = keyEpochOf(row.key); epoch && *epoch >= then.keyEpoch)
                fault(history, QStringLiteral("was removed and holds a key made since"));
        return;
    }
}

} // namespace nlbd::mesh
