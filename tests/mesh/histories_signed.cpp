// Who signed what, over all exports: nobody honest two things at one place (PROTOCOL C13, D4 I8).

#include "core/base/codec.h"
#include "core/consensus/close.h"
#include "core/consensus/evidence_file.h"
#include "core/gossip/control_message.h"
#include "core/trust/sign_journal.h"
#include "tests/mesh/histories.h"

namespace nlbd::mesh {

namespace {

using Plane = trust::SignJournal::Plane;

std::uint8_t numberOf(Plane plane)
{
    return static_cast<std::uint8_t>(plane);
}

} // namespace

void Histories::note(const Key &key, const Hash &record)
{
    m_signed[key].insert(record);
}

bool Histories::noteChange(const history::UnverifiedChange &change)
{
    const identity::Configuration &now = m_epochs->newest();
    const identity::Device *device = now.device(change.header.device);
    if (device == nullptr
        || !m_scheme.verify(device->key, domains::kChange, now.workspace, change.hash,
                            change.signature))
        return false;
    note({change.header.device, numberOf(Plane::Edit), Epoch(), 0, change.header.seq.value},
         change.hash);
    return true;
}

void Histories::noteVote(const consensus::Vote &vote)
{
    const identity::Configuration *then = m_epochs->at(vote.epoch);
    const auto device = m_epochs->deviceOf(vote.epoch, vote.seat);
    if (device && consensus::isSigned(m_scheme, *then, vote))
        note({*device, numberOf(consensus::planeOf(vote.phase)), vote.epoch, vote.round.value, 0},
             vote.hash());
}

void Histories::noteAck(ByteView bytes)
{
    const auto ack = trust::Ack::decode(bytes);
    const identity::Configuration *then = ack ? m_epochs->at(ack->epoch) : nullptr;
    const auto device = ack ? m_epochs->deviceOf(ack->epoch, ack->seat) : std::nullopt;
    if (device && trust::isSigned(m_scheme, *then, *ack))
        note({*device, numberOf(Plane::Ack), ack->epoch, 0, ack->no}, ack->hash());
}

void Histories::noteClose(ByteView bytes)
{
    const auto close = consensus::Close::decode(bytes);
    const identity::Configuration *then = close ? m_epochs->at(close->epoch) : nullptr;
    const auto device = close ? m_epochs->deviceOf(close->epoch, close->seat) : std::nullopt;
    if (device && consensus::verify(*close, *then, m_scheme))
        note({*device, numberOf(Plane::Close), close->epoch, 0, 0}, close->hash());
}

/// Rows, and what was put away in packs once a checkpoint was stable: the past is looked at like
/// the present (core/history/CHECKPOINT.md).
void Histories::readChanges(const History &history)
{
    for (const store::PackRow &row : history.stored.packs) {
        const auto changes = history::decodePack(
            row.record, history.newest, [this](KeyEpoch epoch) { return m_epochs->key(epoch); });
        if (!changes) {
            fault(history, QStringLiteral("a pack on its disk cannot be opened"));
            continue;
        }
        for (const history::PackedChange &change : *changes)
            readChange(history, change);
        m_counts.packed += changes->size();
    }
    for (const store::ChangeRow &row : history.stored.changes)
        readChange(history, {row.hash, row.record, row.isSignatureChecked});
}

void Histories::readChange(const History &history, const history::PackedChange &stored)
{
    if (history::isDecidedForm(stored.record)) { // the decision vouches for it, nobody's signature
        const auto decided = history::decodeDecided(stored.record);
        if (!decided || decided->hash != stored.hash)
            fault(history, QStringLiteral("a change on its disk is none"));
        return;
    }
    const auto change = history::decodeFull(stored.record);
    if (!change || change->hash != stored.hash) {
        fault(history, QStringLiteral("a change on its disk is none"));
        return;
    }
    // What is held on the strength of a later signature may bear another's bytes for one.
    if (!noteChange(*change) && stored.isSignatureChecked)
        fault(history, QStringLiteral("says that it tried a signature which is none"));
    m_changes.try_emplace(change->hash, *change);
}

void Histories::readJournal(History &history)
{
    for (const store::JournalRow &row : history.stored.journal) {
        Reader in(row.bytes);
        switch (static_cast<Plane>(row.plane)) {
        case Plane::Edit:
            if (const auto change = history::decodeFull(row.bytes)) {
                noteChange(*change);
                m_changes.try_emplace(change->hash, *change); // its text row may be lost
                history.own.push_back(*change);
            }
            break;
        case Plane::Ack:
            noteAck(in.blob(limits::kFrameBytesMax));
            break;
        case Plane::Close:
            noteClose(row.bytes);
            break;
        case Plane::Propose:
        case Plane::Prevote:
        case Plane::Precommit:
            if (const auto vote = consensus::Vote::decode(in.blob(limits::kFrameBytesMax)))
                noteVote(*vote);
            break;
        }
    }
}

void Histories::readAcks(const History &history)
{
    for (const store::AckRow &row : history.stored.acks)
        noteAck(row.ack);
}

void Histories::readControl(const History &history)
{
    for (const store::ControlRow &row : history.stored.control) {
        const auto kind = static_cast<gossip::ControlKind>(row.kind);
        if (kind == gossip::ControlKind::Close)
            noteClose(row.record);
        if (kind != gossip::ControlKind::Vote)
            continue;
        if (const auto vote = consensus::Vote::decode(row.record))
            noteVote(*vote);
    }
}

void Histories::readProofs(History &history)
{
    for (const QByteArray &file : history.said.proofs()) {
        const auto checked = consensus::checkEvidenceFile(
            bytesOf(std::string_view(file.constData(), static_cast<std::size_t>(file.size()))),
            m_scheme);
        if (!checked) {
            fault(history, QString::fromStdString(checked.error().sentence));
            continue;
        }
        ++m_counts.proofs;
        if (checked->checked.result == trust::CheckedEvidence::Result::DoesNotHold)
            fault(history, QStringLiteral("keeps a proof that does not hold"));
        if (!checked->checked.accused || isHonest(*checked->checked.accused))
            fault(history,
                  QStringLiteral("holds a proof against the honest: ")
                      + QString::fromStdString(checked->checked.sentence));
        else
            history.accused.insert(*checked->checked.accused);
    }
}

void Histories::checkContradictions()
{
    std::set<DeviceIndex> contradictory;
    for (const auto &[key, records] : m_signed) {
        if (records.size() < 2)
            continue;
        if (isHonest(key.device))
            m_faults << QStringLiteral("device %1 is honest and signed twice: plane %2, epoch %3, "
                                       "round %4, number %5")
                            .arg(key.device.value)
                            .arg(key.plane)
                            .arg(key.epoch.value)
                            .arg(key.round)
                            .arg(key.phase);
        else
            contradictory.insert(key.device);
    }
    m_counts.contradictions = contradictory.size();
    for (const History &history : m_histories)
        for (const DeviceIndex device : contradictory)
            if (history.stays() && !history.accused.contains(device))
                fault(history,
                      QStringLiteral("has no proof against device %1, which contradicted itself")
                          .arg(device.value));
}

} // namespace nlbd::mesh
