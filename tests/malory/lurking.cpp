#include "tests/malory/lurking.h"

#include "core/base/check.h"
#include "core/consensus/approval.h"
#include "core/consensus/proposal.h"
#include "tests/malory/campaign.h"

namespace nlbd::malory {

namespace {

using gossip::ControlKind;

/// More than anybody takes of one session in a minute: 20 MiB.
constexpr std::size_t kFloodChanges = 640;
constexpr std::size_t kFloodTextBytes = 32 * 1024;
constexpr Millis kFloodPause{10};
constexpr Millis kAnswerPatience{5'000};

std::optional<consensus::Proposal> removalIn(ByteView body)
{
    const auto message =
        gossip::decode(static_cast<std::uint8_t>(gossip::Kind::ControlRecords), body);
    const auto *control = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
    if (control == nullptr)
        return std::nullopt;
    for (const auto &record : control->records) {
        if (record.kind != ControlKind::Proposal)
            continue;
        auto proposal = consensus::Proposal::decode(record.bytes);
        if (proposal && std::holds_alternative<consensus::RemoveMember>(proposal->wish))
            return *proposal;
    }
    return std::nullopt;
}

} // namespace

const std::vector<hostile::Attack> &lurking()
{
    static const std::vector<hostile::Attack> kAll{
        {"last-flood", 17, Code::E_RATE,
         "As soon as somebody asks to remove me, more words than anybody takes."},
        {"remove-back", 40, std::nullopt,
         "As soon as somebody asks to remove me, I ask to remove him."},
        {"compare-nonces", 34, std::nullopt,
         "All payloads of everybody, compared for one nonce that was used twice."},
        {"epoch-backwards", 16, Code::E_STRUCT,
         "Once something was decided, a change dated before it that follows one dated after it.",
         true}};
    return kAll;
}

void Campaign::takeWishes(ByteView body)
{
    const auto proposal = removalIn(body);
    const identity::Configuration &configuration = m_pen.member().configuration;
    const MemberIndex me = configuration.devices[m_pen.member().me.value].member;
    if (proposal && proposal->author != me
        && std::get<consensus::RemoveMember>(proposal->wish).member == me)
        m_asksToRemoveMe = proposal->author;
}

bool Campaign::isUnderThreat(Lock &lock, Millis patience)
{
    return waitFor(lock, patience, [this] { return m_asksToRemoveMe.has_value(); });
}

std::vector<Outcome> Campaign::lurk(const hostile::Attack &attack, WallTime wall, Millis patience)
{
    Lock lock(m_mutex);
    if (attack.verb == "compare-nonces")
        return compareNonces(lock, attack);
    if (attack.verb == "epoch-backwards")
        return goBack(lock, attack, wall);
    if (!isUnderThreat(lock, patience))
        return outcomes(attack, false);
    if (attack.verb == "remove-back")
        return removeBack(lock, attack);
    CHECK(attack.verb == "last-flood");
    return flood(lock, attack, wall);
}

std::vector<Outcome> Campaign::outcomes(const hostile::Attack &attack, bool wasSent) const
{
    std::vector<Outcome> result;
    for (std::size_t i = 0; i < m_victims.size(); ++i)
        result.push_back({&attack, i, wasSent, m_victims[i].cuts > 0});
    return result;
}

/// Until they have all heard enough, or I am out.
std::vector<Outcome> Campaign::flood(Lock &lock, const hostile::Attack &attack, WallTime wall)
{
    const std::string words(kFloodTextBytes, 'm');
    for (std::size_t i = 0; i < kFloodChanges && std::ranges::any_of(m_victims, isUp); ++i) {
        const hostile::Frame frame = hostile::changesFrame({m_pen.append(words, wall)});
        for (const Victim &victim : m_victims)
            send(victim, frame);
        static_cast<void>(waitFor(lock, kFloodPause, [] { return false; })); // what is asked of me
    }
    return outcomes(attack, true);
}

std::vector<Outcome> Campaign::goBack(Lock &lock, const hostile::Attack &attack, WallTime wall)
{
    const Epoch now = m_pen.member().configuration.epoch;
    if (now == Epoch(0))
        return outcomes(attack, false); // nothing was decided yet
    const hostile::Record mine = m_pen.append("now ", wall);
    hostile::Record late = m_pen.draft(m_pen.typing("then "), wall);
    late.header.epoch = Epoch(now.value - 1);
    late = m_pen.resealed(late, m_pen.contentOf(m_pen.draft(m_pen.typing("then "), wall)));
    for (const Victim &victim : m_victims)
        send(victim, hostile::changesFrame({mine, late}));
    return heardBy(lock, attack);
}

std::vector<Outcome> Campaign::removeBack(Lock &lock, const hostile::Attack &attack)
{
    const hostile::Member &me = m_pen.member();
    consensus::Proposal proposal;
    m_random.fill(proposal.nonce);
    proposal.lastEpoch = Epoch(me.configuration.epoch.value + 8);
    proposal.author = me.configuration.devices[me.me.value].member;
    proposal.device = me.me;
    proposal.wish = consensus::RemoveMember{*m_asksToRemoveMe};
    proposal = consensus::signProposal(me.scheme, me.device, me.configuration.workspace,
                                       std::move(proposal));
    const consensus::Approval approval =
        consensus::signApproval(me.scheme, me.device, me.configuration.workspace,
                                {.proposal = proposal.hash(),
                                 .device = me.me,
                                 .counter = 1,
                                 .answer = consensus::Answer::Yes,
                                 .untilEpoch = proposal.lastEpoch,
                                 .signature = {}});
    const gossip::ControlRecords::Record wish{ControlKind::Proposal, proposal.encode()};
    const gossip::ControlRecords::Record yes{ControlKind::Approval, approval.encode()};
    m_pen.hold(proposal.hash(), wish);
    m_pen.hold(approval.hash(), yes);
    for (const Victim &victim : m_victims)
        send(victim, hostile::frameOf(gossip::ControlRecords{{wish, yes}}));
    // Said, and heard: a digest that differs is answered after what came before it.
    return heardBy(lock, attack);
}

std::vector<Outcome> Campaign::heardBy(Lock &lock, const hostile::Attack &attack)
{
    std::vector<std::uint64_t> before;
    for (const Victim &victim : m_victims) {
        before.push_back(victim.answers);
        send(victim, hostile::frameOf(gossip::Digest{}));
    }
    std::vector<Outcome> result = outcomes(attack, true);
    for (std::size_t i = 0; i < m_victims.size(); ++i) {
        static_cast<void>(waitFor(lock, kAnswerPatience, [&] {
            return m_victims[i].answers > before[i] || !isUp(m_victims[i]);
        }));
        result[i].wasCut = !isUp(m_victims[i]);
    }
    return result;
}

/// Everything that everybody holds, page by page.
std::vector<Outcome> Campaign::compareNonces(Lock &lock, const hostile::Attack &attack)
{
    std::vector<Outcome> result = outcomes(attack, true);
    const auto devices = m_pen.member().configuration.devices.size();
    for (std::size_t i = 0; i < m_victims.size(); ++i) {
        for (std::uint16_t device = 0; device < devices; ++device) {
            Seq first(1);
            do {
                const Seq last(first.value + limits::kRangeChangesMax - 1);
                m_page = {++m_lastRequest, std::nullopt};
                send(m_victims[i],
                     hostile::frameOf(gossip::PullRanges{m_page.request,
                                                         {{DeviceIndex(device), first, last, 0}}}));
                result[i].wasSent =
                    waitFor(lock, kAnswerPatience, [this] { return m_page.count.has_value(); })
                    && result[i].wasSent;
                first = Seq(first.value + m_page.count.value_or(0));
            } while (m_page.count.value_or(0) > 0);
        }
    }
    for (Outcome &outcome : result)
        outcome.found = Outcome::Found{m_nonces.reused(), m_nonces.rivals()};
    return result;
}

} // namespace nlbd::malory
