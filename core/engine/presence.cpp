#include "core/engine/presence.h"

#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/views.h"

namespace nlbd::engine {

namespace {

constexpr Millis kRepeat{4000}; // twice within the life of a caret, and a bit

} // namespace

PresenceBook::PresenceBook(Engine::State &state)
    : m_state(state)
    , m_session(state.config.random.next64())
{
}

// ---- mine ---------------------------------------------------------------------------------------

void PresenceBook::moved(const api::MoveCaret &command)
{
    const auto caret = m_state.views->caretNow(command, command.caret);
    const auto other = m_state.views->caretNow(command, command.anchor);
    if (!caret || !other)
        return;
    const crdt::Document &document = m_state.document(command.doc).document;
    m_mine = Mine{command.doc, document.anchorAt(*caret), document.anchorAt(*other)};
    m_isDirty = true;
}

void PresenceBook::left(DocIndex doc)
{
    if (!m_mine || m_mine->doc != doc)
        return;
    m_mine.reset();
    m_isDirty = true;
}

gossip::Presence::Anchor PresenceBook::named(const crdt::Document::Anchor &anchor) const
{
    if (anchor.id == crdt::kRoot)
        return {};
    gossip::Presence::Anchor name;
    name.isRoot = false;
    name.index = anchor.id.index;
    name.isRight = anchor.side == crdt::Side::Right;
    if (anchor.id.change == m_state.graph.nextHandle()) {
        const ChangeHandle last = m_state.author->lastOwn();
        name.device = m_state.me;
        name.seq = last == ChangeHandle() ? Seq(1) : m_state.graph.entry(last).seq.next();
    } else {
        const auto &entry = m_state.graph.entry(anchor.id.change);
        name.device = entry.device;
        name.seq = entry.seq;
    }
    return name;
}

gossip::Presence PresenceBook::current()
{
    gossip::Presence presence;
    presence.device = m_state.me;
    presence.session = m_session;
    presence.counter = ++m_counter;
    presence.isPresent = m_mine.has_value();
    if (m_mine) {
        presence.doc = m_mine->doc;
        presence.caret = named(m_mine->caret);
        presence.other = named(m_mine->other);
    }
    presence.signature =
        m_state.config.scheme.sign(m_state.config.device, domains::kPresence,
                                   m_state.configuration.workspace, presence.hash());
    return presence;
}

void PresenceBook::sendIfDue()
{
    expire();
    const MonoTime now = m_state.now.mono;
    const bool isDue = m_isDirty ? now >= m_lastSent + limits::kCaretInterval
                                 : m_mine.has_value() && now >= m_lastSent + kRepeat;
    const std::vector<PeerId> sessions = m_state.exchange->sessions();
    if (!isDue)
        return;
    m_isDirty = false;
    m_lastSent = now;
    if (sessions.empty())
        return;
    const Bytes body = gossip::encode(current());
    for (const PeerId peer : sessions)
        m_state.out.sendEncoded(peer, gossip::Kind::Presence, body, {}, false);
}

std::optional<MonoTime> PresenceBook::nextDeadline() const
{
    std::optional<MonoTime> next;
    const auto consider = [&next](MonoTime when) { next = next ? std::min(*next, when) : when; };
    if (m_isDirty)
        consider(m_lastSent + limits::kCaretInterval);
    else if (m_mine)
        consider(m_lastSent + kRepeat);
    for (const auto &[device, other] : m_others)
        if (other.presence.isPresent)
            consider(other.heard + limits::kCaretLife);
    return next;
}

void PresenceBook::peerUp(PeerId)
{
    m_isDirty = m_isDirty || m_mine.has_value();
}

// ---- others' ------------------------------------------------------------------------------------

std::optional<Code> PresenceBook::receive(const gossip::Presence &message, PeerId from)
{
    const auto bringer = m_state.exchange->deviceOf(from);
    const identity::Device *device = m_state.configuration.device(message.device);
    const auto refuse = [&](Code code, std::string rule, std::optional<DeviceIndex> claimed) {
        m_state.evidence->refuse({code, std::move(rule), bringer, claimed, Seq(), {}});
        return std::optional(code);
    };
    if (device == nullptr)
        return refuse(Code::E_NOT_MEMBER, "The caret names a device that was never decided.",
                      std::nullopt);
    if (message.device == m_state.me)
        return std::nullopt;
    const auto known = m_others.find(message.device);
    if (known != m_others.end() && known->second.presence.session == message.session
        && known->second.presence.counter >= message.counter)
        return std::nullopt;
    if (!m_state.config.scheme.verify(device->key, domains::kPresence,
                                      m_state.configuration.workspace, message.hash(),
                                      message.signature))
        return refuse(Code::E_SIG, "The caret is not signed with the key of its owner.",
                      message.device);
    Other &other = m_others[message.device];
    if (other.isShown && other.presence.doc != message.doc)
        hide(message.device, other);
    other.presence = message;
    other.heard = m_state.now.mono;
    if (message.isPresent)
        show(message.device, other);
    else
        hide(message.device, other);
    m_state.board->peopleChanged();
    return std::nullopt;
}

std::optional<TextOffset> PresenceBook::resolved(DocIndex doc,
                                                 const gossip::Presence::Anchor &anchor) const
{
    const auto found = m_state.documents.find(doc);
    if (found == m_state.documents.end())
        return std::nullopt;
    if (anchor.isRoot)
        return 0;
    const auto held = m_state.graph.at(anchor.device, anchor.seq);
    if (held.size() != 1 || m_state.graph.entry(held.front()).doc != doc)
        return std::nullopt;
    const crdt::Side side = anchor.isRight ? crdt::Side::Right : crdt::Side::Left;
    return found->second.document.resolve({{held.front(), anchor.index}, side});
}

void PresenceBook::show(DeviceIndex device, Other &other)
{
    const auto caret = resolved(other.presence.doc, other.presence.caret);
    const auto anchor = resolved(other.presence.doc, other.presence.other);
    if (!caret || !anchor)
        return; // not drawn until it resolves
    other.isShown = true;
    for (const Views::Basis &view : m_state.views->viewsOf(other.presence.doc))
        m_state.out.notify(api::CaretMoved{other.presence.doc, view.view, view.patch,
                                           view.includesSerial, device,
                                           api::CaretMoved::Place{*caret, *anchor}});
}

void PresenceBook::hide(DeviceIndex device, Other &other)
{
    other.isShown = false;
    for (const Views::Basis &view : m_state.views->viewsOf(other.presence.doc))
        m_state.out.notify(api::CaretMoved{other.presence.doc, view.view, view.patch,
                                           view.includesSerial, device, std::nullopt});
}

void PresenceBook::expire()
{
    for (auto &[device, other] : m_others) {
        if (!other.presence.isPresent || m_state.now.mono < other.heard + limits::kCaretLife)
            continue;
        other.presence.isPresent = false;
        hide(device, other);
        m_state.board->peopleChanged();
    }
}

void PresenceBook::viewOpened(DocIndex doc)
{
    for (auto &[device, other] : m_others)
        if (other.presence.isPresent && other.presence.doc == doc)
            show(device, other);
}

void PresenceBook::changeTaken(DeviceIndex device)
{
    const auto found = m_others.find(device);
    if (found != m_others.end() && found->second.presence.isPresent)
        show(device, found->second);
}

std::optional<DocIndex> PresenceBook::writingIn(DeviceIndex device) const
{
    const auto found = m_others.find(device);
    if (device == m_state.me)
        return m_mine ? std::optional(m_mine->doc) : std::nullopt;
    return found != m_others.end() && found->second.presence.isPresent
        ? std::optional(found->second.presence.doc)
        : std::nullopt;
}

} // namespace nlbd::engine
