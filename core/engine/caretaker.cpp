#include "core/engine/caretaker.h"

#include "core/base/codec.h"
#include "core/engine/care_keys.h"
#include "core/engine/council.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr std::string_view kRow = "silence";
constexpr std::size_t kRowEntriesMax = 512;
// Parts of a day.
constexpr int kLooksPerDay = 24 * 60; // and at most so much passes between two of them
constexpr int kPresencePart = 96;     // connected for a quarter of an hour, it was a day
constexpr Millis kWakePause{10'000};

} // namespace

void Caretaker::load(const store::StoredWorkspace &stored)
{
    const auto row = std::ranges::find(stored.meta, kRow, &store::MetaRow::key);
    if (row == stored.meta.end())
        return;
    Reader in(row->value);
    const WallTime began{Millis(in.i64())};
    const KeyEpoch keyEpoch(in.u16());
    const std::uint16_t keyDays = in.u16();
    std::map<DeviceIndex, std::uint16_t> days;
    for (std::uint64_t left = in.varint(kRowEntriesMax); left > 0 && in.ok(); --left) {
        const DeviceIndex device(in.u16());
        days[device] = in.u16();
    }
    std::set<Hash> given;
    for (std::uint64_t left = in.varint(kRowEntriesMax); left > 0 && in.ok(); --left)
        given.insert(in.fixedBytes<Hash>());
    if (!in.done())
        return; // begins anew: it only waits longer
    m_dayBegan = began;
    m_keyEpoch = keyEpoch;
    m_keyDays = keyDays;
    m_silentDays = std::move(days);
    m_given = std::move(given);
}

void Caretaker::save()
{
    Writer out;
    out.i64(m_dayBegan.value_or(WallTime()).time_since_epoch().count());
    out.u16(m_keyEpoch.value);
    out.u16(m_keyDays);
    out.varint(m_silentDays.size());
    for (const auto &[device, days] : m_silentDays) {
        out.u16(device.value);
        out.u16(days);
    }
    out.varint(m_given.size());
    for (const Hash &hash : m_given)
        out.fixedBytes(hash);
    m_state.out.persist({store::MetaRow{std::string(kRow), std::move(out).take()}},
                        store::Sync::Lazy);
}

// ---- days ---------------------------------------------------------------------------------------

void Caretaker::heard(DeviceIndex device)
{
    if (m_state.isLoading || device == m_state.me)
        return;
    m_heard.insert(device);
    const auto silent = m_silentDays.find(device);
    if (silent == m_silentDays.end() || silent->second == 0)
        return;
    m_silentDays.erase(silent);
    m_turns.erase(device);
    m_mustAnswer = m_mustSave = true; // what was said while it was silent holds no more
}

void Caretaker::countTime()
{
    const Millis look = m_state.config.dayLength / kLooksPerDay;
    const auto passed = std::chrono::duration_cast<Millis>(m_state.now.mono - m_lastLook);
    if (passed < look)
        return;
    m_lastLook = m_state.now.mono;
    if (!m_state.exchange->sessions().empty())
        m_connected += std::min(passed, 2 * look);
    const WallTime now = m_state.now.wall;
    if (!m_dayBegan || now < *m_dayBegan) { // the first, or the clock was set back
        m_dayBegan = now;
        m_mustSave = true;
        return;
    }
    if (now - *m_dayBegan >= m_state.config.dayLength
        && m_connected >= m_state.config.dayLength / kPresencePart)
        countDay();
}

void Caretaker::countDay()
{
    const auto &seats = m_state.configuration.seats;
    const auto isHere = [this](DeviceIndex seat) {
        return seat == m_state.me || m_heard.contains(seat);
    };
    const auto present = static_cast<std::size_t>(std::ranges::count_if(seats, isHere));
    if (present < identity::quorumOf(seats.size()))
        return; // it is I who is away
    std::map<DeviceIndex, std::uint16_t> days;
    for (const DeviceIndex seat : seats)
        if (!isHere(seat))
            days[seat] =
                static_cast<std::uint16_t>(std::min<int>(m_silentDays[seat] + 1, UINT16_MAX));
    m_silentDays = std::move(days);
    m_heard.clear();
    m_connected = Millis(0);
    m_dayBegan = m_state.now.wall;
    m_keyDays = static_cast<std::uint16_t>(std::min<int>(m_keyDays + 1, UINT16_MAX));
    m_mustAnswer = m_mustSave = true;
}

std::optional<DeviceIndex> Caretaker::seatDeviceOf(MemberIndex member) const
{
    for (const DeviceIndex seat : m_state.configuration.seats)
        if (m_state.configuration.devices[seat.value].member == member)
            return seat;
    return std::nullopt;
}

bool Caretaker::isSilent(MemberIndex member) const
{
    const auto seat = seatDeviceOf(member);
    const std::uint16_t limit = m_state.configuration.policy.dormantDays;
    if (!seat || limit == 0 || m_state.seatCount() < kSeatsToAsk)
        return false;
    const auto days = m_silentDays.find(*seat);
    return days != m_silentDays.end() && days->second >= limit;
}

bool Caretaker::isKeyOld() const
{
    const std::uint16_t limit = m_state.configuration.policy.rekeyDays;
    return limit != 0 && m_keyEpoch == m_state.configuration.keyEpoch && m_keyDays >= limit;
}

// ---- answers ------------------------------------------------------------------------------------

void Caretaker::answer(const consensus::Proposal &proposal)
{
    const Hash hash = proposal.hash();
    const auto mine = m_state.council->myAnswer(hash);
    if (const auto *dormant = std::get_if<consensus::MakeDormant>(&proposal.wish)) {
        const bool isWanted = m_state.seatCount() >= kSeatsMin && isSilent(dormant->member);
        const bool isTakenBack = !isWanted && m_given.contains(hash);
        if (isWanted && !mine && m_state.council->answer(hash, consensus::Answer::Yes).has_value())
            m_mustSave = m_given.insert(hash).second || m_mustSave;
        else if (isTakenBack && m_state.council->answer(hash, consensus::Answer::No).has_value())
            m_mustSave = m_given.erase(hash) > 0 || m_mustSave;
        return;
    }
    if (mine)
        return; // people were quicker
    const auto *admit = std::get_if<consensus::Admit>(&proposal.wish);
    const identity::Member &author = m_state.configuration.members[proposal.author.value];
    // A second computer of a member, in the member's own name: it gives nobody a vote.
    const bool isCompanion = admit != nullptr && !proposal.device
        && admit->identity == author.identity && author.standing != identity::Standing::Gone
        && !m_state.council->waits(proposal); // one after the other for ever: people see to it
    if (isCompanion || (std::holds_alternative<consensus::Rekey>(proposal.wish) && isKeyOld()))
        static_cast<void>(m_state.council->answer(hash, consensus::Answer::Yes));
}

void Caretaker::answerAll()
{
    // Answering changes what is open.
    std::vector<consensus::Proposal> open;
    std::set<Hash> hashes;
    for (const consensus::Proposal *proposal : m_state.council->open()) {
        hashes.insert(proposal->hash());
        const bool isFence = std::holds_alternative<consensus::Fence>(proposal->wish);
        if (!isFence) // needs no answers, and is large
            open.push_back(*proposal);
    }
    m_mustSave =
        std::erase_if(m_given, [&](const Hash &hash) { return !hashes.contains(hash); }) > 0
        || m_mustSave;
    for (const consensus::Proposal &proposal : open)
        answer(proposal);
}

// ---- wishes -------------------------------------------------------------------------------------

void Caretaker::askInTurn(DeviceIndex subject, consensus::Wish wish)
{
    if (m_state.council->isAsked(wish))
        return;
    // One after the other, so that one wish is enough; who is first differs from day to day.
    const std::size_t seats = m_state.seatCount();
    const std::size_t place = (m_state.mySeat->value + m_keyDays) % seats;
    const Millis turn = m_state.config.dayLength / kLooksPerDay * static_cast<int>(place);
    const auto due = m_turns.try_emplace(subject, m_state.now.mono + turn).first->second;
    if (due > m_state.now.mono)
        return;
    m_turns.erase(subject);
    const auto made = m_state.council->makeProposal(std::move(wish));
    m_mustAnswer = m_mustAnswer || made.has_value();
}

void Caretaker::askIfDue()
{
    const std::uint16_t limit = m_state.configuration.policy.dormantDays;
    const auto silent =
        limit == 0 || m_silentDays.empty() ? decltype(m_silentDays)() : m_silentDays;
    for (const auto &[seat, days] : silent) {
        const identity::Device *device = m_state.configuration.device(seat);
        if (days >= limit && device != nullptr && isSilent(device->member))
            askInTurn(seat, consensus::MakeDormant{device->member});
    }
    if (isKeyOld())
        askInTurn(Engine::State::kNobody, consensus::Rekey{});
}

void Caretaker::wakeMyself()
{
    const identity::Device *mine = m_state.configuration.device(m_state.me);
    if (mine == nullptr || !mine->hasSeat || m_state.now.mono < m_nextWake
        || m_state.configuration.members[mine->member.value].standing != identity::Standing::Dormant
        || m_state.exchange->sessions().empty())
        return;
    m_nextWake = m_state.now.mono + kWakePause;
    const auto isMine = [mine](const consensus::Proposal *proposal) {
        return std::holds_alternative<consensus::Wake>(proposal->wish)
            && proposal->author == mine->member;
    };
    if (std::ranges::none_of(m_state.council->open(), isMine))
        static_cast<void>(m_state.council->makeProposal(consensus::Wake{}));
}

void Caretaker::decided(const consensus::Decision &decision)
{
    if (m_state.careKeys->row() == nullptr)
        return; // it was before my time
    for (const consensus::Proposal &proposal : decision.proposals)
        if (std::holds_alternative<consensus::Rekey>(proposal.wish))
            m_missedNewKey = true;
    for (const consensus::Proposal &proposal : decision.proposals)
        if (const auto *turn = std::get_if<consensus::TurnKey>(&proposal.wish))
            m_missedNewKey = m_missedNewKey && turn->device != m_state.me;
}

/// Once while a key is in force: whoever asks for a new one again and again has nobody draw more.
void Caretaker::turnKeyIfDue()
{
    const identity::Device *mine = m_state.configuration.device(m_state.me);
    if (mine == nullptr || !mine->mayRead)
        return;
    const bool isFresh = m_state.careKeys->turnedIn() == m_state.configuration.keyEpoch;
    const bool isAskedFor = !isFresh && m_state.council->isAsked(consensus::Rekey{});
    const bool isDue = isAskedFor || m_missedNewKey || m_state.careKeys->isLost();
    if (isDue && !m_state.careKeys->isTold())
        static_cast<void>(m_state.careKeys->turn());
}

void Caretaker::tick()
{
    if (m_state.me == Engine::State::kNobody || !m_state.guard->maySign()
        || !m_state.council->isOpen())
        return;
    if (m_keyEpoch != m_state.configuration.keyEpoch) {
        m_keyEpoch = m_state.configuration.keyEpoch;
        m_keyDays = 0;
        m_mustSave = true;
    }
    turnKeyIfDue();
    if (!m_state.mySeat) {
        wakeMyself();
        return;
    }
    countTime();
    if (std::exchange(m_mustAnswer, false))
        answerAll();
    askIfDue();
    if (std::exchange(m_mustAnswer, false))
        answerAll();
    if (std::exchange(m_mustSave, false))
        save();
}

} // namespace nlbd::engine
