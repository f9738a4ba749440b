#include "core/engine/self_guard.h"

#include "core/base/codec.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/council.h"
#include "core/engine/drafts.h"
#include "core/engine/exchange.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr Millis kAskPatience{10'000};     // PROTOCOL C13
constexpr Millis kAskPause{1'000};         // a question or its answer may be lost
constexpr std::size_t kQuestionsMax = 5;   // C13
constexpr std::size_t kWaitingMax = 1'000; // commands; edits wait as drafts

const Bytes *valueOf(const store::StoredWorkspace &stored, std::string_view key)
{
    const auto row = std::ranges::find(stored.meta, key, &store::MetaRow::key);
    return row == stored.meta.end() ? nullptr : &row->value;
}

/// What does not sign is carried out at once, except for the edits, which drafts keep.
struct Signs {
    bool operator()(const api::CreateDocument &) const { return true; }
    bool operator()(const api::RenameDocument &) const { return true; }
    bool operator()(const api::Undo &) const { return true; }
    bool operator()(const api::Redo &) const { return true; }
    bool operator()(const api::RestorePast &) const { return true; }
    bool operator()(const api::Propose &) const { return true; }
    bool operator()(const api::Vote &) const { return true; }
    bool operator()(const auto &) const { return false; }
};

} // namespace

// ---- start --------------------------------------------------------------------------------------

void SelfGuard::load(const store::StoredWorkspace &stored)
{
    if (m_state.config.guard == BootGuard::Off)
        return;
    m_phase = Phase::Waiting;
    m_first = m_state.config.device.clone();
    m_hasSigned = !stored.journal.empty();
    if (const Bytes *seed = valueOf(stored, "device"); seed != nullptr && seed->size() == 32)
        m_next = identity::SecretKey::fromSeed(ByteView(*seed).first<32>());
    if (const Bytes *row = valueOf(stored, "boot")) {
        m_row = BootRow::decode(*row);
        if (m_row && m_row->now.device != signer())
            m_row.reset();
    }
    if (const Bytes *row = valueOf(stored, "copy")) {
        Reader in(*row);
        const auto device = in.fixedBytes<PublicKey>();
        m_reason = static_cast<Reason>(in.u8());
        m_isMarked = in.done() && device == signer();
    }
}

PublicKey SelfGuard::signer() const
{
    return m_next ? m_next->publicKey() : m_state.config.device.publicKey();
}

bool SelfGuard::isPending() const
{
    return m_next && m_next->publicKey() != m_state.config.device.publicKey();
}

void SelfGuard::settleDevice()
{
    if (!isPending())
        return;
    const auto index = m_state.configuration.indexOf(m_next->publicKey());
    if (!index)
        return;
    m_state.config.device = m_next->clone();
    m_state.me = *index;
    m_lane = std::uint32_t{index->value} + 1; // 0 is the lane of the key that the folder began with
    // By a decision that came while it runs; but another copy of this folder may use that key too.
    m_mustClear = m_phase == Phase::Copy && !m_isMarked;
}

void SelfGuard::counterRead(const KeychainCounter &event)
{
    if (m_phase != Phase::Waiting)
        return;
    m_canAsk = event.canAsk;
    if (m_isMarked) {
        m_phase = Phase::Copy;
        sendAll();
    } else if (!event.isReadable) {
        countersCompared();
    } else if (!doAgree(m_row, event.mark)) {
        becomeCopy(event.mark ? Reason::Behind : Reason::Unknown);
    } else {
        m_doCountersAgree = true;
        m_phase = Phase::Keeping;
        keepMark(event.mark);
    }
}

void SelfGuard::keepMark(const std::optional<BootMark> &second)
{
    BootRow next;
    next.now.device = signer();
    next.now.counter = (m_row ? m_row->now.counter : 0) + 1;
    m_state.config.random.fill(next.now.mark);
    if (second)
        next.previous = second->mark;
    m_row = next;
    store::Rows rows{store::MetaRow{"boot", next.encode()}};
    if (isPending()) {
        rows.emplace_back(store::MetaRow{"device", copyOf(m_next->seed().view())});
        rows.emplace_back(store::MetaRow{"device.0", copyOf(m_first->seed().view())});
    }
    const PersistToken token = m_state.out.persist(std::move(rows), store::Sync::Full);
    m_state.out.keepCounter(next.now, token);
}

void SelfGuard::counterKept(const CounterKept &event)
{
    if (!m_row || m_row->now != event.mark)
        return;
    if (event.isKept) {
        // What is signed from now on is behind this row on the disk: a folder that holds any of it
        // is no first start.
        m_row->isKept = true;
        m_state.out.persist({store::MetaRow{"boot", m_row->encode()}}, store::Sync::Full);
    }
    if (m_phase != Phase::Keeping)
        return;
    m_doCountersAgree = event.isKept;
    countersCompared();
}

void SelfGuard::countersCompared()
{
    if (isPending()) {
        m_phase = Phase::Copy; // the old key is not to be used, and the new one not yet
        sendAll();
        return;
    }
    beginAsking();
}

// ---- the own-head question ----------------------------------------------------------------------

bool SelfGuard::isAnyoneElse() const
{
    const auto readers = m_state.configuration.readers();
    return std::ranges::any_of(readers,
                               [this](DeviceIndex device) { return device != m_state.me; });
}

std::size_t SelfGuard::answersNeeded() const
{
    // One of them at least is honest, unless that is more than can be asked.
    return std::min(kQuestionsMax, identity::toleratedFaults(m_state.seatCount()) + 1);
}

void SelfGuard::beginAsking()
{
    m_phase = Phase::Asking;
    m_askedUntil = m_state.now.mono + kAskPatience;
    const bool isFirstStart = m_doCountersAgree && !m_hasSigned;
    const bool isAskable = isAnyoneElse() && (m_canAsk || !m_doCountersAgree);
    if (isFirstStart || !isAskable) {
        clear();
        return;
    }
    askAll();
}

void SelfGuard::askAll()
{
    m_askAgain = m_state.now.mono + kAskPause;
    m_questions.clear();
    for (const PeerId peer : m_state.exchange->sessions())
        ask(peer);
}

void SelfGuard::peerUp(PeerId peer)
{
    if (m_phase == Phase::Asking)
        ask(peer);
}

void SelfGuard::ask(PeerId peer)
{
    if (m_questions.size() >= kQuestionsMax || !m_questions.insert(peer).second)
        return;
    m_state.out.send(peer, gossip::AskOwn{m_state.me});
}

void SelfGuard::asked(PeerId from, const gossip::AskOwn &question)
{
    gossip::Own answer{.device = question.device, .epoch = m_state.configuration.epoch};
    ChangeHandle highest;
    for (const history::ChainId chain : m_state.graph.chainsOf(question.device)) {
        const ChangeHandle head = m_state.graph.headOf(chain);
        const bool isHigher = head != ChangeHandle()
            && (highest == ChangeHandle()
                || m_state.graph.entry(head).seq > m_state.graph.entry(highest).seq);
        if (isHigher)
            highest = head;
    }
    if (highest != ChangeHandle() && !m_state.isDecidedForm(highest))
        answer.change = m_state.records[highest.value - 1];
    const auto seat = m_state.configuration.seatOf(question.device);
    if (const Attestor::Held *held = seat ? m_state.attestor->of(*seat) : nullptr)
        answer.ack = held->ack.encode();
    auto [close, vote] = m_state.council->lastWordsOf(question.device);
    answer.close = std::move(close);
    answer.vote = std::move(vote);
    static_cast<void>(m_state.exchange->answer(from, answer, m_state.out.lastToken()));
}

void SelfGuard::answered(PeerId from, const gossip::Own &answer)
{
    if (m_phase == Phase::Off || answer.device != m_state.me)
        return;
    // Only my own signatures tell me something: nobody can talk me into having signed more.
    const auto change = history::decodeFull(answer.change);
    if (change && change->header.device == m_state.me && m_state.validator.isSigned(*change))
        heard(*change);
    const auto ack = trust::Ack::decode(answer.ack);
    if (ack
        && m_state.config.scheme.verify(m_state.config.device.publicKey(), domains::kAck,
                                        m_state.configuration.workspace, ack->hash(),
                                        ack->signature))
        heard(*ack);
    m_state.council->heardOwn(answer.close, answer.vote);
    const auto device = m_state.exchange->deviceOf(from);
    // Who is further tells only of later words: first this folder must be where they are, so that
    // it signs nothing more in an epoch of which nobody remembers what it said.
    const bool isFurther = answer.epoch > m_state.configuration.epoch;
    if (m_phase != Phase::Asking || !device || !m_questions.contains(from) || isFurther)
        return;
    // A newcomer of a decision that this folder has not taken up yet has no say in this epoch.
    if (const identity::Device *theirs = m_state.configuration.device(*device)) {
        m_answers.insert(theirs->member);
        goOnIfAnswered();
    }
}

void SelfGuard::goOnIfAnswered()
{
    const bool isOver = m_doCountersAgree && m_state.now.mono >= m_askedUntil;
    if (m_phase == Phase::Asking && (isOver || m_answers.size() >= answersNeeded()))
        clear();
}

void SelfGuard::clear()
{
    m_phase = Phase::Clear;
    m_state.board->peopleChanged();
    m_state.drafts->release();
    m_state.council->awake();
}

// ---- what is heard of my own device -------------------------------------------------------------

bool SelfGuard::isUnknown(const history::UnverifiedChange &change) const
{
    // The signature covers the digest of the payload: one that somebody altered is no word of mine.
    if (digest(domains::kPayload, change.payload) != change.header.payloadHash)
        return false;
    const trust::SignJournal::Key key{trust::SignJournal::Plane::Edit, Epoch(), m_lane,
                                      change.header.seq.value};
    return !m_state.journal.holds({key, history::encodeFull(change)});
}

bool SelfGuard::isUnknown(const trust::Ack &ack) const
{
    return ack.no > m_state.journal.lastPhase(trust::SignJournal::Plane::Ack, ack.epoch);
}

void SelfGuard::heard(const history::UnverifiedChange &change)
{
    if (m_phase != Phase::Off && !isCopy() && isUnknown(change))
        becomeCopy(Reason::OwnWord);
}

void SelfGuard::heard(const trust::Ack &ack)
{
    if (m_phase != Phase::Off && !isCopy() && isUnknown(ack))
        becomeCopy(Reason::OwnWord);
}

void SelfGuard::heard(const trust::SignJournal::Key &vote)
{
    if (m_phase != Phase::Off && !isCopy() && !m_state.journal.has(vote))
        becomeCopy(Reason::OwnWord);
}

void SelfGuard::becomeCopy(Reason reason)
{
    m_phase = Phase::Copy;
    m_reason = reason;
    m_isMarked = m_mustAbandon = true;
    Writer out;
    out.fixedBytes(signer());
    out.u8(static_cast<std::uint8_t>(reason));
    m_state.out.persist({store::MetaRow{"copy", std::move(out).take()}}, store::Sync::Full);
    m_waiting.clear();
    m_state.board->peopleChanged();
    sendAll();
}

void SelfGuard::heardUnknownKey()
{
    if (m_phase != Phase::Off && !isCopy())
        becomeCopy(Reason::OwnWord);
}

void SelfGuard::continueAs(const ContinueAs &event)
{
    if (!isCopy() && m_state.mayWriteNow(m_state.me))
        return; // nothing is wrong with the key that is here
    if (!m_first)
        m_first = m_state.config.device.clone();
    m_next = event.device.clone();
    m_row.reset();
    m_isMarked = false;
    keepMark(std::nullopt);
    if (!event.proposal.empty())
        m_state.council->offer(event.proposal);
}

// ---- what waits ---------------------------------------------------------------------------------

bool SelfGuard::defer(const Deferred &wish)
{
    const auto *command = std::get_if<api::Command>(&wish);
    const bool signs = command == nullptr || std::visit(Signs{}, *command);
    if (maySign() || !signs)
        return false;
    if (isCopy())
        sendAll();
    else if (m_waiting.size() < kWaitingMax)
        m_waiting.push_back(wish);
    return true;
}

std::vector<SelfGuard::Deferred> SelfGuard::takeDeferred()
{
    return maySign() ? std::exchange(m_waiting, {}) : std::vector<Deferred>();
}

void SelfGuard::sendAll()
{
    if (!isCopy())
        return;
    const auto word = [this]() -> std::string {
        switch (m_reason) {
        case Reason::Behind:
            return "this workspace was used elsewhere since the folder was copied or stored";
        case Reason::Unknown:
            return "this computer has never worked with this folder";
        case Reason::OwnWord:
            break;
        }
        return "others hold words of yours that this folder does not know";
    };
    m_state.out.notify(api::Trouble{api::Trouble::Kind::FolderIsACopy, word(), false});
}

void SelfGuard::tick()
{
    if (std::exchange(m_mustAbandon, false))
        m_state.author->abandon();
    if (std::exchange(m_mustClear, false)) {
        m_state.out.notify(api::Trouble{api::Trouble::Kind::FolderIsACopy, {}, true});
        clear();
    }
    if (m_phase == Phase::Asking && m_state.now.mono >= m_askAgain)
        askAll();
    goOnIfAnswered();
}

std::optional<MonoTime> SelfGuard::nextDeadline() const
{
    if (m_phase != Phase::Asking)
        return std::nullopt;
    return m_doCountersAgree ? std::min(m_askedUntil, m_askAgain) : m_askAgain;
}

} // namespace nlbd::engine
