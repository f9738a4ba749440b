#include "core/engine/presence.h"

#include "core/base/utf8.h"
#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/drafts.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/views.h"

namespace nlbd::engine {

namespace {

} // namespace

PresenceBook::PresenceBook(Engine::State &state)
    : m_state(state)
    , m_session(state.config.random.next64())
{
}

void PresenceBook::handlesChanged()
{
    m_own.clear();
    m_mine.reset();
    m_typed.reset();
    m_isDirty = m_isPreviewDirty = true;
}

/// Of somebody who does nothing. His session's end, and leaving the document, end it at once; so in
/// a large group, where a hundred carets that nobody moves would be two and a half thousand words a
/// second, it may stand longer. All know how many there are.
Millis PresenceBook::life() const
{
    const bool isLarge = m_state.seatCount() > limits::kCaretsOftenMax;
    return isLarge ? limits::kCaretLifeOfMany : limits::kCaretLife;
}

/// Of two words about a caret that moves: what PROTOCOL C19 says, and oftener where few hear it.
Millis PresenceBook::interval() const
{
    constexpr Millis kOfMany{500};
    return m_state.seatCount() > limits::kCaretsOftenMax ? kOfMany : limits::kCaretInterval;
}

/// Twice within its life, and a bit.
Millis PresenceBook::repeatTime() const
{
    return life() * 2 / 5;
}

// ---- mine ---------------------------------------------------------------------------------------

void PresenceBook::moved(const api::MoveCaret &command)
{
    if (m_state.configuration.device(m_state.me) == nullptr)
        return; // nobody knows me yet
    const auto caret = m_state.views->caretNow(command, command.caret);
    const auto other = m_state.views->caretNow(command, command.anchor);
    if (!caret || !other)
        return;
    const crdt::Document &document = m_state.document(command.doc).document;
    const Mine now{command.doc, document.anchorAt(*caret), document.anchorAt(*other)};
    m_isDirty = m_isDirty || m_mine != now;
    m_mine = now;
}

void PresenceBook::typed(DocIndex doc, TextOffset caret)
{
    const crdt::Document::Anchor anchor = m_state.document(doc).document.anchorAt(caret);
    m_mine = m_typed = Mine{doc, anchor, anchor};
    m_isDirty = m_isPreviewDirty = true;
}

void PresenceBook::signedOwn(ChangeHandle change, DocIndex doc, PersistToken token)
{
    m_own.push_back({change, doc, token, m_state.now.mono});
}

void PresenceBook::persisted(PersistToken token)
{
    m_durable = std::max(m_durable, token);
}

/// On the link to a small group a durable change runs before every later preview. In a large one it
/// may take the long way.
void PresenceBook::forgetOwn()
{
    const Millis tail = m_state.exchange->isSmall() ? Millis{0} : limits::kPreviewTail;
    while (!m_own.empty() && m_own.front().token <= m_durable
           && m_own.front().when + tail <= m_state.now.mono)
        m_own.pop_front();
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

/// What touches my last key of the text that others may not hold, as runs in order.
std::vector<crdt::Document::Run> PresenceBook::stretchTyped() const
{
    const crdt::Document &document = m_state.document(m_mine->doc).document;
    std::vector<crdt::Document::Run> runs;
    const auto add = [&](ChangeHandle change) {
        const auto more = document.visibleRunsOf(change);
        runs.insert(runs.end(), more.begin(), more.end());
    };
    for (const Own &own : m_own)
        if (own.doc == m_mine->doc)
            add(own.change);
    if (m_state.author->hasOpen(m_mine->doc))
        add(m_state.graph.nextHandle());
    const bool isTypedHere = m_typed && m_typed->doc == m_mine->doc;
    const auto last = isTypedHere ? document.resolve(m_typed->caret) : std::nullopt;
    if (runs.empty() || !last)
        return {};
    std::ranges::sort(runs, {}, &crdt::Document::Run::from);
    std::vector<crdt::Document::Run> stretch;
    for (const crdt::Document::Run &run : runs) {
        const bool continues =
            !stretch.empty() && stretch.back().from + stretch.back().length == run.from;
        if (!continues && run.from > *last)
            break;
        if (!continues)
            stretch.clear();
        stretch.push_back(run);
    }
    if (stretch.empty())
        return {};
    const bool isReached = stretch.back().from + stretch.back().length >= *last;
    return isReached ? stretch : std::vector<crdt::Document::Run>{};
}

std::vector<gossip::Presence::Preview> PresenceBook::myPreview() const
{
    std::vector<gossip::Presence::Preview> preview;
    if (!m_mine)
        return preview;
    const crdt::Document &document = m_state.document(m_mine->doc).document;
    std::size_t bytes = 0;
    for (const crdt::Document::Run &run : stretchTyped()) {
        const std::string text = document.text(run.from, run.length);
        const std::string_view plain = utf8::plainStart(text);
        bytes += plain.size();
        if (bytes > limits::kPreviewBytesMax)
            return {}; // a paste, which is signed already
        const Seq seq = named({run.first, crdt::Side::Right}).seq;
        if (!plain.empty() && !preview.empty() && preview.back().seq == seq)
            preview.back().text += plain;
        else if (!plain.empty())
            preview.push_back({seq, named(document.anchorAt(run.from)), std::string(plain)});
        if (plain.size() != text.size())
            break;
    }
    preview.resize(std::min(preview.size(), limits::kPreviewPartsMax));
    return preview;
}

gossip::Presence PresenceBook::current()
{
    gossip::Presence presence;
    presence.device = m_state.me;
    presence.session = m_session;
    presence.isPresent = m_mine.has_value();
    if (m_mine) {
        presence.doc = m_mine->doc;
        presence.caret = named(m_mine->caret);
        presence.other = named(m_mine->other);
        presence.preview = myPreview();
    }
    return presence;
}

void PresenceBook::send(const std::vector<PeerId> &peers, gossip::Presence presence)
{
    if (peers.empty())
        return;
    presence.counter = ++m_counter;
    presence.signature =
        m_state.config.scheme.sign(m_state.config.device, domains::kPresence,
                                   m_state.configuration.workspace, presence.hash());
    const Bytes body = gossip::encode(presence);
    for (const PeerId peer : peers)
        m_state.out.sendEncoded(peer, gossip::Kind::Presence, body, {}, false);
}

/// Carets go to everybody. What is typed goes to everybody in a small group, as the change that
/// brings it does: whoever opened the document a moment ago is not known to read it. In a large one
/// it goes to those who are known to, for hundreds of copies a second would be for nobody.
void PresenceBook::sendIfDue()
{
    expire();
    forgetOwn();
    const MonoTime now = m_state.now.mono;
    const bool isPreviewDue = m_isPreviewDirty && now >= m_lastPreview + limits::kPreviewInterval;
    const bool isCaretDue = m_isDirty ? now >= m_lastSent + interval()
                                      : m_mine.has_value() && now >= m_lastSent + repeatTime();
    if (!isPreviewDue && !isCaretDue)
        return;
    gossip::Presence presence = current();
    std::vector<PeerId> watchers = m_state.exchange->sessions();
    std::vector<PeerId> others;
    if (!m_state.exchange->isSmall()) {
        const auto rest = std::ranges::stable_partition(watchers, [this](PeerId peer) {
            const auto device = m_state.exchange->deviceOf(peer);
            return device && m_mine && writingIn(*device) == m_mine->doc;
        });
        const auto kept =
            std::min<std::ptrdiff_t>(std::ssize(watchers) - std::ssize(rest),
                                     static_cast<std::ptrdiff_t>(limits::kPreviewPeersMax));
        others.assign(watchers.begin() + kept, watchers.end());
        watchers.resize(static_cast<std::size_t>(kept));
    }
    m_isPreviewDirty = false;
    m_lastPreview = now;
    send(watchers, presence);
    if (!isCaretDue && !others.empty())
        return; // they are told with the next caret
    m_isDirty = false;
    m_lastSent = now;
    presence.preview.clear();
    send(others, std::move(presence));
}

std::optional<MonoTime> PresenceBook::nextDeadline() const
{
    std::optional<MonoTime> next;
    const auto consider = [&next](MonoTime when) { next = next ? std::min(*next, when) : when; };
    if (m_isPreviewDirty)
        consider(m_lastPreview + limits::kPreviewInterval);
    if (m_isDirty)
        consider(m_lastSent + interval());
    else if (m_mine)
        consider(m_lastSent + repeatTime());
    if (const auto expiry = firstExpiry())
        consider(*expiry);
    return next;
}

std::optional<MonoTime> PresenceBook::firstExpiry() const
{
    if (std::exchange(m_isExpiryKnown, true))
        return m_firstExpiry;
    m_firstExpiry.reset();
    for (const auto &[device, other] : m_others) {
        const MonoTime when = other.heard + life();
        if (other.presence.isPresent)
            m_firstExpiry = m_firstExpiry ? std::min(*m_firstExpiry, when) : when;
    }
    return m_firstExpiry;
}

void PresenceBook::peerUp(DeviceIndex device)
{
    disconnected(device);
    m_isDirty = m_isDirty || m_mine.has_value();
}

// ---- others' ------------------------------------------------------------------------------------

std::optional<Code> PresenceBook::receive(const gossip::Presence &message, PeerId from)
{
    const auto bringer = m_state.exchange->deviceOf(from);
    const identity::Device *device = m_state.known().device(message.device);
    const auto refuse = [&](Code code, std::string rule, std::optional<DeviceIndex> claimed) {
        m_state.evidence->refuse({code, std::move(rule), bringer, claimed, Seq(), {}});
        return std::optional(code);
    };
    if (bringer) {
        auto &budget =
            m_budgets.try_emplace(*bringer, limits::kPresencePerSecond, limits::kPresenceBurst)
                .first->second;
        if (!budget.take(1, m_state.now.mono)) {
            static_cast<void>(
                refuse(Code::E_RATE, "Its caret moves faster than carets do.", std::nullopt));
            return std::nullopt; // the next one tells as much
        }
    }
    if (device == nullptr)
        return refuse(Code::E_NOT_MEMBER, "The caret names a device that was never decided.",
                      std::nullopt);
    // Carets travel from their owner straight to whoever sees them. Another who brings one plays an
    // old one again: counters tell that within a session only. A folder that goes on with a new key
    // (self_guard.h) still speaks over its computer's session.
    const identity::Device *theirs = bringer ? m_state.known().device(*bringer) : nullptr;
    const bool isOwners = theirs != nullptr && theirs->member == device->member;
    if (message.device == m_state.me || !isOwners || !device->mayRead)
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
    // Whoever was heard longest ago was heard now: another is the first.
    const bool wasFirst = other.presence.isPresent && other.heard + life() == m_firstExpiry;
    m_isExpiryKnown = m_isExpiryKnown && !wasFirst && (m_firstExpiry || !message.isPresent);
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

std::optional<api::CaretMoved::Preview>
PresenceBook::previewOf(const gossip::Presence &presence) const
{
    if (m_state.isDisputed(presence.device))
        return std::nullopt;
    std::optional<api::CaretMoved::Preview> shown;
    for (const gossip::Presence::Preview &part : presence.preview) {
        const bool isHeld = !m_state.graph.at(presence.device, part.seq).empty();
        if (isHeld && shown)
            break; // what follows stands behind text
        if (isHeld)
            continue;
        const auto at = shown ? std::optional(shown->at) : resolved(presence.doc, part.before);
        if (!at)
            return std::nullopt;
        if (!shown)
            shown = {*at, {}};
        shown->text += part.text;
    }
    return shown;
}

void PresenceBook::show(DeviceIndex device, Other &other)
{
    const auto views = m_state.views->viewsOf(other.presence.doc);
    if (views.empty())
        return;
    auto preview = previewOf(other.presence);
    auto caret = resolved(other.presence.doc, other.presence.caret);
    auto anchor = resolved(other.presence.doc, other.presence.other);
    if (preview) { // the caret may stand in what is typed
        caret = caret.value_or(preview->at);
        anchor = anchor.value_or(*caret);
    }
    if (!caret || !anchor) { // not drawn until it resolves
        if (other.hasPreview)
            hide(device, other);
        return;
    }
    caret = m_state.drafts->shown(other.presence.doc, *caret);
    anchor = m_state.drafts->shown(other.presence.doc, *anchor);
    if (preview)
        preview->at = m_state.drafts->shown(other.presence.doc, preview->at);
    other.isShown = true;
    other.hasPreview = preview.has_value();
    for (const Views::Basis &view : views)
        m_state.out.notify(api::CaretMoved{other.presence.doc, view.view, view.patch,
                                           view.includesSerial, device,
                                           api::CaretMoved::Place{*caret, *anchor}, preview});
}

void PresenceBook::hide(DeviceIndex device, Other &other)
{
    other.isShown = other.hasPreview = false;
    for (const Views::Basis &view : m_state.views->viewsOf(other.presence.doc))
        m_state.out.notify(api::CaretMoved{other.presence.doc, view.view, view.patch,
                                           view.includesSerial, device, std::nullopt});
}

void PresenceBook::epochBegins()
{
    for (auto other = m_others.begin(); other != m_others.end();) {
        const identity::Device *device = m_state.configuration.device(other->first);
        if (device != nullptr && device->mayRead) {
            ++other;
            continue;
        }
        if (other->second.isShown)
            hide(other->first, other->second);
        other = m_others.erase(other);
    }
    m_isExpiryKnown = false;
}

void PresenceBook::disconnected(DeviceIndex device)
{
    const auto found = m_others.find(device);
    if (found == m_others.end() || found->second.presence.preview.empty())
        return;
    found->second.presence.preview.clear();
    if (found->second.presence.isPresent)
        show(device, found->second);
}

void PresenceBook::deviceDisputed(DeviceIndex device)
{
    const auto found = m_others.find(device);
    if (found != m_others.end() && found->second.hasPreview)
        show(device, found->second);
}

void PresenceBook::expire()
{
    const auto first = firstExpiry();
    if (!first || m_state.now.mono < *first)
        return;
    m_isExpiryKnown = false;
    for (auto &[device, other] : m_others) {
        if (!other.presence.isPresent || m_state.now.mono < other.heard + life())
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
    if (m_state.isLoading)
        return; // views are opened anew when all is there, and show everybody then
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
