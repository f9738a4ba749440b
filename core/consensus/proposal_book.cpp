#include "core/consensus/proposal_book.h"

#include "core/base/mutant.h"
#include "core/consensus/epoch_change.h"
#include "core/trust/evidence.h"

namespace nlbd::consensus {

namespace {

bool lastsLonger(const Approval &a, const Approval &b)
{
    return a.untilEpoch != b.untilEpoch ? a.untilEpoch > b.untilEpoch : supersedes(a, b);
}

/// Two fences of one device, or two keys that one device told of.
bool isSameSubject(const Wish &a, const Wish &b)
{
    const auto isOne = [&]<typename Kind>(const Kind *first, const Kind *second) {
        return first != nullptr && second != nullptr && first->device == second->device;
    };
    return isOne(std::get_if<Fence>(&a), std::get_if<Fence>(&b))
        || isOne(std::get_if<TurnKey>(&a), std::get_if<TurnKey>(&b));
}

bool hasSeat(const identity::Configuration &configuration, DeviceIndex index)
{
    const identity::Device *device = configuration.device(index);
    return device != nullptr && device->hasSeat;
}

} // namespace

ProposalBook::ProposalBook(const identity::Configuration &configuration,
                           const identity::SignatureScheme &scheme)
    : m_now(configuration)
    , m_scheme(scheme)
{
}

std::expected<ProposalBook::Taken, Code> ProposalBook::add(Proposal proposal, Reason reason)
{
    const Hash hash = proposal.hash();
    if (const auto held = m_entries.find(hash); held != m_entries.end()) {
        if (reason == Reason::Named)
            held->second.reason = reason;
        return Taken::Known;
    }
    if (isOver(hash, proposal))
        return Taken::Over;
    if (proposal.lastEpoch.value - m_now.epoch.value > kLifeEpochsMax)
        return std::unexpected(Code::E_RATE);
    if (const auto verified = verify(proposal, m_now, m_scheme); !verified)
        return std::unexpected(verified.error());
    const auto *admit = std::get_if<Admit>(&proposal.wish);
    if (admit != nullptr && !m_now.memberWith(admit->identity) && isNameTaken(admit->name, m_now)
        && reason == Reason::Offered)
        return std::unexpected(Code::E_NAME_CONFUSABLE);
    if (reason == Reason::Offered && isOut(proposal) && !isAnswered(hash))
        return std::unexpected(Code::E_NOT_MEMBER);
    const bool isNowMoot = isMoot(proposal, m_now);
    if (const auto *fence = std::get_if<Fence>(&proposal.wish)) {
        if (const auto checked = checkFence(*fence); !checked)
            return std::unexpected(checked.error());
        if (reason == Reason::Offered && !makeRoom(hash, proposal))
            return Taken::Over;
    } else if (std::holds_alternative<TurnKey>(proposal.wish) && reason == Reason::Offered
               && !isNowMoot && !makeRoom(hash, proposal)) {
        return Taken::Over;
    } else if (!hasRoom(proposal, reason, isNowMoot)) {
        return std::unexpected(Code::E_RATE);
    }
    m_entries.emplace(hash, Entry{std::move(proposal), reason, isNowMoot});
    return Taken::New;
}

void ProposalBook::named(const Hash &proposal)
{
    if (const auto held = m_entries.find(proposal); held != m_entries.end())
        held->second.reason = Reason::Named;
}

std::expected<void, Code> ProposalBook::checkFence(const Fence &fence) const
{
    const auto evidence = trust::Evidence::decode(fence.evidence);
    if (!evidence)
        return std::unexpected(evidence.error());
    // A double ack makes a seat's word worthless, not its pen (PROTOCOL B 10).
    if (evidence->code() != Code::EV_FORK && evidence->code() != Code::EV_INVALID)
        return std::unexpected(Code::E_STRUCT);
    const trust::CheckedEvidence checked = trust::check(*evidence, m_now, m_scheme);
    if (NLBD_MUTANT("fence-unproven"))
        return {};
    if (checked.result == trust::CheckedEvidence::Result::NeedsHistory
        && !NLBD_MUTANT("fence-hasty"))
        return std::unexpected(Code::BUFFERED);
    const bool isOfHer = checked.accused == fence.device || NLBD_MUTANT("fence-anybody");
    if (checked.result != trust::CheckedEvidence::Result::Holds || !isOfHer)
        return std::unexpected(Code::E_STRUCT);
    return {};
}

bool ProposalBook::isOver(const Hash &hash, const Proposal &proposal) const
{
    return proposal.lastEpoch < m_now.epoch || isSpent(hash);
}

bool ProposalBook::isSpent(const Hash &hash) const
{
    return std::ranges::binary_search(m_now.spent, hash, {}, &identity::SpentProposal::proposal);
}

bool ProposalBook::isLasting(const Word &word) const
{
    return word.newest.untilEpoch >= m_now.epoch
        || (word.yes && word.yes->untilEpoch >= m_now.epoch);
}

/// Its signer was removed: a stolen device, or somebody who went. It asks nothing any more.
bool ProposalBook::isOut(const Proposal &proposal) const
{
    const identity::Device *device = proposal.device ? m_now.device(*proposal.device) : nullptr;
    return device != nullptr
        ? !device->mayRead
        : m_now.members[proposal.author.value].standing == identity::Standing::Gone;
}

/// Whoever answered took it up while its author could ask: it belongs to them (PROTOCOL C15).
bool ProposalBook::isAnswered(const Hash &proposal) const
{
    const auto words = m_words.find(proposal);
    return words != m_words.end() && !words->second.empty();
}

bool ProposalBook::hasRoom(const Proposal &proposal, Reason reason, bool isNowMoot) const
{
    // What is moot now waits at the expense of what others name, not of what its author may ask; so
    // does what a device of his asked that may not any more.
    const bool isSpare = reason == Reason::Named || isNowMoot || isOut(proposal);
    std::size_t used = 0;
    for (const auto &[hash, entry] : m_entries) {
        if (entry.proposal.author != proposal.author)
            continue;
        const bool isSpareToo =
            entry.reason == Reason::Named || entry.isMoot || isOut(entry.proposal);
        // Who asks for three things can still leave, or move the seat: that needs nobody's answer.
        const bool isLike = entry.proposal.origin() == proposal.origin()
            && (entry.proposal.need(m_now) == Need::Author)
                == (proposal.need(m_now) == Need::Author);
        used += isSpare ? isSpareToo : (!isSpareToo && isLike);
    }
    if (isSpare)
        return used < kNamedPerMemberMax;
    return used < (proposal.origin() == Origin::Person ? kOpenPerMemberMax : kNoticedPerMemberMax);
}

/// Every computer that sees a fork asks for the same fence, and a device may tell of many keys. One
/// is enough, and all keep the same.
bool ProposalBook::makeRoom(const Hash &hash, const Proposal &proposal)
{
    for (auto &[other, entry] : m_entries) {
        // A key that changes nothing now waits at the expense of what others name (hasRoom).
        const bool isSpareKey =
            entry.isMoot && std::holds_alternative<TurnKey>(entry.proposal.wish);
        if (!isSameSubject(entry.proposal.wish, proposal.wish) || entry.reason == Reason::Named
            || isSpareKey)
            continue;
        if (other < hash)
            return false;
        // Seats may have voted for a value that names it: if all forgot it, nobody could take up
        // what they decided.
        const auto isKept = [&author = entry.proposal.author](const auto &held) {
            return held.second.reason == Reason::Named && held.second.proposal.author == author;
        };
        if (std::ranges::count_if(m_entries, isKept) < std::ptrdiff_t{kNamedPerMemberMax})
            entry.reason = Reason::Named;
        else
            m_entries.erase(other);
        return true;
    }
    return true;
}

std::expected<ProposalBook::Taken, Code> ProposalBook::add(const Approval &approval)
{
    // An expired answer is taken all the same: it still supersedes those before it.
    if (isSpent(approval.proposal))
        return Taken::Over;
    if (!hasSeat(m_now, approval.device))
        return std::unexpected(Code::E_NOT_MEMBER);
    if (isHeld(approval))
        return Taken::Known;
    if (const auto verified = verify(approval, m_now, m_scheme); !verified)
        return std::unexpected(verified.error());

    auto words = m_words.find(approval.proposal);
    if (words == m_words.end() || !words->second.contains(approval.device)) {
        const auto used = std::ranges::count_if(
            m_words, [&](const auto &of) { return of.second.contains(approval.device); });
        if (static_cast<std::size_t>(used) >= kAnswersPerDeviceMax)
            return std::unexpected(Code::E_RATE);
        words = m_words.try_emplace(approval.proposal).first;
        words->second.emplace(approval.device, Word{approval, std::nullopt, approval.hash(), {}});
    }
    Word &word = words->second.at(approval.device);
    bool isNew = word.newest == approval;
    if (supersedes(approval, word.newest)) {
        word.newest = approval;
        word.newestHash = approval.hash();
        isNew = true;
    }
    if (approval.answer == Answer::Yes && (!word.yes || lastsLonger(approval, *word.yes))) {
        word.yes = approval;
        word.yesHash = approval.hash();
        isNew = true;
    }
    return isNew ? Taken::New : Taken::Over;
}

bool ProposalBook::isHeld(const Approval &approval) const
{
    const auto words = m_words.find(approval.proposal);
    if (words == m_words.end())
        return false;
    const auto word = words->second.find(approval.device);
    return word != words->second.end()
        && (word->second.newest == approval || word->second.yes == approval);
}

const Proposal *ProposalBook::find(const Hash &proposal) const
{
    const auto entry = m_entries.find(proposal);
    return entry == m_entries.end() ? nullptr : &entry->second.proposal;
}

std::vector<const Proposal *> ProposalBook::open() const
{
    std::vector<const Proposal *> result;
    for (const auto &[hash, entry] : m_entries)
        if (!entry.isMoot)
            result.push_back(&entry.proposal);
    return result;
}

std::vector<std::pair<Hash, const Proposal *>> ProposalBook::openByHash() const
{
    std::vector<std::pair<Hash, const Proposal *>> result;
    for (const auto &[hash, entry] : m_entries)
        if (!entry.isMoot)
            result.emplace_back(hash, &entry.proposal);
    return result;
}

bool ProposalBook::isOpen(const Wish &wish) const
{
    return std::ranges::any_of(m_entries, [&wish](const auto &held) {
        return !held.second.isMoot && held.second.proposal.wish == wish;
    });
}

ProposalBook::Eligibility ProposalBook::eligibility(const Hash &proposal, Answers answers) const
{
    if (isSpent(proposal))
        return Eligibility::Never;
    const auto entry = m_entries.find(proposal);
    if (entry == m_entries.end())
        return Eligibility::NotHeld;
    if (entry->second.isMoot)
        return Eligibility::Never;
    if (entry->second.proposal.need(m_now) != Need::Approvals)
        return Eligibility::Eligible;
    const Tally counted = tally(proposal, answers);
    return counted.yes >= counted.needed ? Eligibility::Eligible : Eligibility::Waiting;
}

std::vector<const Proposal *> ProposalBook::eligible(Answers answers) const
{
    std::vector<const Proposal *> result;
    for (const auto &[hash, entry] : m_entries)
        if (eligibility(hash, answers) == Eligibility::Eligible)
            result.push_back(&entry.proposal);
    return result;
}

bool ProposalBook::isCounting(const Approval &approval) const
{
    return approval.untilEpoch >= m_now.epoch && m_now.seatOf(approval.device).has_value();
}

/// Whoever is to go counts in n and has no say in it (PROTOCOL C7).
bool ProposalBook::isAbout(const Proposal &proposal, DeviceIndex seat) const
{
    if (const auto *removal = std::get_if<RemoveMember>(&proposal.wish))
        return m_now.device(seat)->member == removal->member;
    const auto *removal = std::get_if<RemoveDevice>(&proposal.wish);
    return removal != nullptr && removal->device == seat;
}

ProposalBook::Tally ProposalBook::tally(const Hash &proposal, Answers answers) const
{
    Tally result{.needed = identity::quorumOf(m_now.seats.size())};
    for (const auto &[device, answer] : counted(proposal, answers))
        ++(answer == Answer::Yes ? result.yes : result.no);
    return result;
}

std::vector<std::pair<DeviceIndex, Answer>> ProposalBook::counted(const Hash &proposal,
                                                                  Answers answers) const
{
    std::vector<std::pair<DeviceIndex, Answer>> result;
    const auto words = m_words.find(proposal);
    if (words == m_words.end())
        return result;
    const Proposal *held = find(proposal);
    for (const auto &[device, word] : words->second) {
        if (held != nullptr && isAbout(*held, device))
            continue;
        const Approval *counted = &word.newest;
        if (answers == Answers::EverGiven && word.yes)
            counted = &*word.yes;
        if (isCounting(*counted))
            result.emplace_back(device, counted->answer);
    }
    return result;
}

std::vector<ProposalBook::Given> ProposalBook::answers(const Hash &proposal) const
{
    std::vector<Given> result;
    const auto words = m_words.find(proposal);
    if (words == m_words.end())
        return result;
    result.reserve(words->second.size());
    for (const auto &[device, word] : words->second) {
        result.push_back({word.newest, word.newestHash});
        // Its hash holds all but the signature, and was reckoned when it came.
        if (word.yes
            && !(word.yesHash == word.newestHash && word.yes->signature == word.newest.signature))
            result.push_back({*word.yes, word.yesHash});
    }
    return result;
}

void ProposalBook::enter(const identity::Configuration &next)
{
    m_now = next;
    std::erase_if(m_entries,
                  [&](const auto &entry) { return isOver(entry.first, entry.second.proposal); });
    for (auto &[hash, entry] : m_entries)
        entry.isMoot = isMoot(entry.proposal, m_now);
    for (auto &[proposal, words] : m_words)
        std::erase_if(words, [&](const auto &word) { return !hasSeat(m_now, word.first); });
    std::erase_if(m_words, [&](const auto &words) {
        const auto isLastingWord = [&](const auto &word) { return isLasting(word.second); };
        const bool isOfUse =
            m_entries.contains(words.first) || std::ranges::any_of(words.second, isLastingWord);
        return words.second.empty() || !isOfUse || isSpent(words.first);
    });
}

} // namespace nlbd::consensus
