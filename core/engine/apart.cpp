#include "core/engine/apart.h"

#include "core/base/codec.h"
#include "core/engine/apart_places.h"
#include "core/engine/author.h"
#include "core/engine/drafts.h"
#include "core/engine/epochs.h"
#include "core/engine/views.h"

#include <algorithm>
#include <charconv>

namespace nlbd::engine {

namespace {

constexpr std::string_view kPrefix = "apart.";
constexpr Millis kSettled{1'000}; // told when so long nothing more has come

} // namespace

// ---- who meets whom -----------------------------------------------------------------------------

void Apart::peerUp(PeerId peer, const PublicKey &device)
{
    const identity::Configuration &known = m_state.known();
    const auto index = known.indexOf(device);
    if (!index || m_peers.contains(peer))
        return;
    const MemberIndex member = known.device(*index)->member;
    Contact &contact = m_contacts[member];
    meet(contact);
    m_peers.emplace(peer, member);
    ++contact.sessions;
}

void Apart::peerDown(PeerId peer)
{
    const auto found = m_peers.find(peer);
    if (found == m_peers.end())
        return;
    Contact &contact = m_contacts[found->second];
    --contact.sessions;
    contact.last = m_state.now.mono;
    m_peers.erase(found);
}

void Apart::meet(Contact &contact)
{
    const MonoTime now = m_state.now.mono;
    const bool wasAway = contact.sessions == 0 && (!contact.last || now - *contact.last > kAway);
    contact.last = now;
    if (!wasAway)
        return;
    contact.meetingUntil = now + kMeeting;
    contact.before = m_state.graph.nextHandle();
    contact.ownBefore.clear();
    contact.meeting = ++m_meetings;
}

void Apart::changeTaken(ChangeHandle change)
{
    const auto &entry = m_state.graph.entry(change);
    const identity::Device *device = m_state.known().device(entry.device);
    const identity::Device *mine = m_state.known().device(m_state.me);
    if (m_state.isLoading || device == nullptr || mine == nullptr || device->member == mine->member
        || m_state.epochs->isVoid(change))
        return;
    Contact &contact = m_contacts[device->member];
    meet(contact);
    if (m_state.now.mono >= contact.meetingUntil)
        return;
    const ChangeHandle own = ownBefore(contact, entry.doc);
    if (own == ChangeHandle() || m_state.graph.isInPast(own, change))
        return;
    contact.meetingUntil = std::max(contact.meetingUntil, m_state.now.mono + kMeeting / 3);
    add(change, contact.meeting);
}

/// The last change of a document that was made here before the meeting. Nothing is put before a
/// meeting any more, so that a week of one's own changes is walked once for each document, not once
/// for each change that comes.
ChangeHandle Apart::ownBefore(Contact &contact, DocIndex doc) const
{
    const auto [known, isNew] = contact.ownBefore.try_emplace(doc);
    if (!isNew)
        return known->second;
    for (ChangeHandle own = m_state.author->lastOwn(); own != ChangeHandle();) {
        const auto &entry = m_state.graph.entry(own);
        if (entry.doc == doc && own < contact.before) {
            known->second = own;
            break;
        }
        own = entry.prev;
    }
    return known->second;
}

void Apart::add(ChangeHandle change, std::uint64_t meeting)
{
    const auto &entry = m_state.graph.entry(change);
    std::vector<Stretch> &stretches = m_stretches[entry.doc];
    const auto before = std::ranges::find_if(stretches, [&](const Stretch &it) {
        const ChangeHandle last = m_state.graph.find(it.last);
        return it.meeting == meeting && last != ChangeHandle()
            && m_state.graph.entry(last).chain == entry.chain;
    });
    if (before != stretches.end())
        before->last = entry.hash;
    else if (stretches.size() < kStretchesMax)
        stretches.push_back({entry.hash, entry.seq, meeting});
    m_touched.insert(entry.doc);
    m_unstored.insert(entry.doc);
    m_due = m_state.now.mono + kSettled;
}

// ---- what it is ---------------------------------------------------------------------------------

std::set<ChangeHandle> Apart::changesOf(DocIndex doc) const
{
    std::set<ChangeHandle> changes;
    const auto found = m_stretches.find(doc);
    if (found == m_stretches.end())
        return changes;
    for (const Stretch &stretch : found->second)
        for (ChangeHandle change = m_state.graph.find(stretch.last); change != ChangeHandle();) {
            const auto &entry = m_state.graph.entry(change);
            if (entry.seq < stretch.first)
                break;
            if (entry.doc == doc && !m_state.epochs->isVoid(change))
                changes.insert(change);
            change = entry.prev;
        }
    return changes;
}

void Apart::count(DocIndex doc)
{
    const auto document = m_state.documents.find(doc);
    const std::set<ChangeHandle> changes = changesOf(doc);
    if (document == m_state.documents.end() || changes.empty())
        return; // it may be void, and come back
    const ApartPlaces found = apartPlaces(m_state, document->second.document, changes);
    if (found.count == 0) { // all of it was written over already
        m_stretches.erase(doc);
        m_told.erase(doc);
        m_unstored.insert(doc);
        return;
    }
    api::ApartInfo info{doc, {}, changes.size(), found.count, m_state.now.wall};
    for (const ChangeHandle change : changes) {
        const auto &entry = m_state.graph.entry(change);
        if (const identity::Device *device = m_state.known().device(entry.device))
            info.members.push_back(device->member);
        info.since = std::min(info.since, WallTime(Millis(entry.wallMs)));
    }
    std::ranges::sort(info.members);
    const auto same = std::ranges::unique(info.members);
    info.members.erase(same.begin(), same.end());
    m_told.insert_or_assign(doc, std::move(info));
}

void Apart::refresh()
{
    for (const DocIndex doc : std::exchange(m_touched, {}))
        count(doc);
    for (const DocIndex doc : std::exchange(m_unstored, {}))
        keep(doc);
    send();
}

void Apart::sendIfDue()
{
    if (!m_due || m_state.now.mono < *m_due)
        return;
    m_state.author->flush();
    m_due.reset();
    if (m_state.author->isOpen())
        m_due = m_state.now.mono + kSettled;
    else
        refresh();
}

std::optional<MonoTime> Apart::nextDeadline() const
{
    return m_due;
}

void Apart::sendAll()
{
    if (!m_told.empty())
        send();
}

void Apart::send()
{
    api::ApartChanged news;
    for (const auto &[doc, info] : m_told)
        news.apart.push_back(info);
    m_state.out.notify(std::move(news));
}

// ---- where it is --------------------------------------------------------------------------------

void Apart::tell(const api::AskApart &question)
{
    const DocIndex doc = question.passage.doc;
    m_state.author->flush();
    const auto asked = m_state.views->asked(question.passage);
    if (!asked || m_state.author->isOpen())
        return;
    api::ApartTold told{question.request,
                        doc,
                        question.passage.view,
                        asked->patch,
                        asked->includesSerial,
                        {},
                        false};
    const std::set<ChangeHandle> changes = changesOf(doc);
    if (!changes.empty()) {
        ApartPlaces found = apartPlaces(m_state, m_state.documents.at(doc).document, changes);
        told.places = std::move(found.places);
        told.isCut = found.count > told.places.size();
        for (api::ApartPlace &place : told.places) {
            place.from = m_state.drafts->shown(doc, place.from);
            place.to = m_state.drafts->shown(doc, place.to);
        }
    }
    m_state.out.notify(std::move(told));
}

void Apart::end(DocIndex doc)
{
    if (m_stretches.erase(doc) == 0)
        return;
    m_touched.erase(doc);
    m_told.erase(doc);
    keep(doc);
    send();
}

// ---- on the disk --------------------------------------------------------------------------------

void Apart::keep(DocIndex doc)
{
    Writer out;
    const auto found = m_stretches.find(doc);
    if (found != m_stretches.end())
        for (const Stretch &stretch : found->second) {
            out.fixedBytes(stretch.last);
            out.varint(stretch.first.value);
        }
    m_state.out.persist({store::MetaRow{std::string(kPrefix).append(std::to_string(doc.value)),
                                        Bytes(out.bytes().begin(), out.bytes().end())}},
                        store::Sync::Lazy);
}

void Apart::load(const std::vector<store::MetaRow> &meta)
{
    for (const store::MetaRow &row : meta) {
        if (!row.key.starts_with(kPrefix) || row.value.empty())
            continue;
        std::uint32_t number = 0;
        const char *first = row.key.data() + kPrefix.size();
        const char *last = row.key.data() + row.key.size();
        if (std::from_chars(first, last, number).ptr != last)
            continue;
        Reader in(row.value);
        std::vector<Stretch> stretches;
        while (in.left() > 0 && stretches.size() < kStretchesMax) {
            Stretch stretch;
            stretch.last = in.fixedBytes<Hash>();
            stretch.first = Seq(in.varint());
            stretches.push_back(stretch);
        }
        if (!in.done())
            continue; // what a bad row takes is a hint, no text
        m_stretches[DocIndex(number)] = std::move(stretches);
        m_touched.insert(DocIndex(number));
        m_due = m_state.now.mono;
    }
}

} // namespace nlbd::engine
