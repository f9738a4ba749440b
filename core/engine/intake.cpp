#include "core/engine/intake.h"

#include "core/base/check.h"
#include "core/engine/author.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"
#include "core/history/change_codec.h"
#include "core/history/void_rule.h"

namespace nlbd::engine {

using history::Refused;

namespace {

/// What a cover takes: a change with what covers it, in the cover of the one before it.
struct CoverSize {
    std::size_t links = 0;
    std::size_t bytes = 0; ///< at most

    void add(const history::ChangeHeader &header)
    {
        constexpr std::size_t kLinkBytes = 256;
        constexpr std::size_t kDepBytes = 48;
        ++links;
        bytes += kLinkBytes + kDepBytes * header.deps.size();
    }
    void add(const history::UnverifiedChange &change)
    {
        add(change.header);
        for (const history::SignedHeader &link : change.cover)
            add(link.header);
    }
    [[nodiscard]] bool fits() const noexcept
    {
        return links <= limits::kRangeChangesMax && bytes <= limits::kCoverBytesMax;
    }
};

} // namespace

std::expected<void, Code> Intake::receive(std::vector<history::UnverifiedChange> changes,
                                          const Source &source)
{
    std::vector<Item> items;
    for (history::UnverifiedChange &change : changes)
        items.push_back({std::move(change), source});
    markCovered(items);
    return process({std::make_move_iterator(items.begin()), std::make_move_iterator(items.end())});
}

void Intake::markCovered(std::vector<Item> &items) const
{
    // A good signature on the last of a run authenticates all before it, because each is named by
    // hash in the next (PROTOCOL C3). Runs are found backwards, per device.
    struct Run {
        Hash prev;
        CoverSize size; ///< what a cover of the one before would take
    };
    std::map<DeviceIndex, Run> runs;
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        const auto &header = item->change.header;
        const auto found = runs.find(header.device);
        const bool isCovered = found != runs.end() && found->second.prev == item->change.hash
            && found->second.size.fits();
        if (!isCovered
            && (m_state.configuration.device(header.device) == nullptr
                || !m_state.validator.isSigned(item->change))) {
            runs.erase(header.device);
            continue; // judged on its own, with its own answer
        }
        item->source.need =
            isCovered ? history::SignatureNeed::Covered : history::SignatureNeed::Tried;
        CoverSize size = isCovered ? found->second.size : CoverSize();
        size.add(item->change);
        runs[header.device] = {header.prev, size};
    }
}

bool Intake::receiveRebuilt(history::UnverifiedChange change, const Source &source)
{
    if (!m_state.validator.isSigned(change))
        return false;
    std::deque<Item> items;
    items.push_back(
        {std::move(change), {source.peer, source.device, history::SignatureNeed::Tried}});
    // The only offences left are its author's.
    return process(std::move(items)).has_value();
}

std::expected<void, Code> Intake::process(std::deque<Item> items)
{
    m_state.author->flush();
    const auto judged = judgeAll(items);
    if (!m_onCredit.empty())
        for (Item &left : items)
            m_left.emplace(left.change.header.prev, std::move(left.change));
    settleCredit();
    return judged;
}

std::expected<void, Code> Intake::judgeAll(std::deque<Item> &items)
{
    const PeerId sender = items.empty() ? PeerId() : items.front().source.peer;
    while (!items.empty()) {
        Item item = std::move(items.front());
        items.pop_front();
        const PeerId bringer = item.source.peer;
        history::UnverifiedChange link;
        if (!m_onCredit.empty()) // all but its content, which no cover needs
            link = {
                item.change.header, item.change.signature, {}, item.change.hash, item.change.cover};
        const bool vouches = !m_onCredit.empty();
        const auto offence = judge(std::move(item), items);
        if (vouches && m_state.graph.find(link.hash) == ChangeHandle())
            m_left.emplace(link.header.prev, std::move(link));
        acceptOwn(items);
        // An orphan's fault is its bringer's, not his who brought the parent.
        if (offence && bringer == sender)
            return std::unexpected(*offence);
        if (offence)
            m_state.exchange->cut(bringer, *offence);
    }
    return {};
}

bool Intake::isStopped(const Item &item) const
{
    // After a proof only what honest work stands on is still taken (PROTOCOL C6, 2), and what
    // others had taken before they knew; after the decision that follows, ghosts alone (C15).
    const DeviceIndex author = item.change.header.device;
    if (m_state.isClosedDevice(author))
        return !isWanted(item.change.hash);
    return m_state.isDisputed(author) && !isWanted(item.change.hash) && author != m_state.me
        && !m_state.exchange->vouches(item.source.device, author);
}

bool Intake::counts(const history::UnverifiedChange &change) const
{
    const auto &header = change.header;
    return m_state.configuration.device(header.device) != nullptr
        && !m_state.isDisputed(header.device)
        && history::footingOf(m_state.configuration, m_state.graph, header.device, header.seq,
                              change.hash)
        == history::Footing::Inside;
}

bool Intake::isWanted(const Hash &hash) const
{
    // Upwards through what waits, from parent to child: does work that counts stand on it?
    std::vector<Hash> open{hash};
    std::set<Hash> visited;
    while (!open.empty()) {
        const Hash next = open.back();
        open.pop_back();
        if (m_claimed.contains(next))
            return true;
        if (!visited.insert(next).second)
            continue;
        for (const history::UnverifiedChange *waiter : m_orphans.waitersFor(next)) {
            if (counts(*waiter))
                return true;
            open.push_back(waiter->hash);
        }
    }
    return false;
}

bool Intake::isOneBranchTooMany(const history::Change &change) const
{
    const auto chains = m_state.graph.chainsOf(change.header().device);
    const bool extends = change.prev() != ChangeHandle()
        && m_state.graph.headOf(m_state.graph.entry(change.prev()).chain) == change.prev();
    return !extends && chains.size() >= limits::kBranchesMax;
}

std::optional<Code> Intake::judge(Item item, std::deque<Item> &ready)
{
    noticeFork(item);
    const DeviceIndex author = item.change.header.device;
    const bool isNewOfMine =
        author == m_state.me && m_state.graph.find(item.change.hash) == ChangeHandle();
    if (isNewOfMine && isSigned(item))
        m_state.guard->heard(item.change);
    const bool isBranchWanted = isWanted(item.change.hash)
        || (m_state.isDisputed(author) && m_state.exchange->vouches(item.source.device, author));
    auto verdict = isBranchWanted ? m_state.validator.validateWanted(item.change, item.source.need)
                                  : m_state.validator.validate(item.change, item.source.need);
    if (!verdict)
        return refused(item, verdict.error());
    if (isStopped(item) || isOneBranchTooMany(*verdict))
        return std::nullopt;
    accept(*verdict, item.source, ready);
    return std::nullopt;
}

void Intake::accept(const history::Change &change, const Source &source, std::deque<Item> &ready)
{
    const PersistToken token = m_state.take(change, false);
    if (!change.isSignatureChecked())
        m_onCredit.push_back(change.handle());
    m_state.exchange->changeTaken(change, source.peer, token);
    if (change.header().wallMs
        > (m_state.now.wall + limits::kClockSlack).time_since_epoch().count())
        m_state.evidence->refuse({Code::CLOCK_CLAMPED,
                                  "Its clock is ahead; the time shown is held to when it came.",
                                  source.device,
                                  change.header().device,
                                  change.header().seq,
                                  {}});
    for (history::OrphanBuffer::Waiting &waiting : m_orphans.takeWaitingFor(change.hash())) {
        const auto device = m_state.exchange->deviceOf(waiting.from);
        std::vector<history::SignedHeader> cover;
        if (waiting.need == history::SignatureNeed::Covered
            && !findCover(waiting.change.header.device, waiting.change.hash, cover))
            continue; // what vouched for it was evicted: it comes again
        ready.push_front({std::move(waiting.change), {waiting.from, device, waiting.need}});
    }
}

// ---- what vouches for an altered signature ------------------------------------------------------

/// The links that follow `link` on its device's chain and are not taken: of this batch, or waiting.
std::vector<const history::UnverifiedChange *> Intake::untakenAfter(DeviceIndex device,
                                                                    const Hash &link) const
{
    std::vector<const history::UnverifiedChange *> after = m_orphans.waitersFor(link);
    const auto [first, last] = m_left.equal_range(link);
    for (auto left = first; left != last; ++left)
        after.push_back(&left->second);
    std::erase_if(after, [&](const history::UnverifiedChange *next) {
        return next->header.device != device || next->header.prev != link;
    });
    return after;
}

/// Adds the links after `link` up to a good signature; leaves `cover` as it is if they do not reach
/// that far. Every link has one before it, so each is looked at once.
bool Intake::findCover(DeviceIndex device, const Hash &link,
                       std::vector<history::SignedHeader> &cover) const
{
    CoverSize size;
    for (const history::SignedHeader &present : cover)
        size.add(present.header);
    for (const history::UnverifiedChange *next : untakenAfter(device, link)) {
        CoverSize with = size;
        with.add(*next);
        if (!with.fits())
            continue; // no record would hold it
        cover.push_back({next->header, next->signature});
        if (m_state.validator.isSigned(*next)) {
            cover.insert(cover.end(), next->cover.begin(), next->cover.end());
            return true;
        }
        if (findCover(device, next->hash, cover))
            return true;
        cover.pop_back();
    }
    return false;
}

/// Whoever stands on a change must be able to convince others of it. If its own signature is bad,
/// and what vouched for it is not taken, its record gets that as a cover.
void Intake::settleCredit()
{
    for (const ChangeHandle change : m_onCredit) {
        const auto &entry = m_state.graph.entry(change);
        const auto above = m_state.graph.at(entry.device, entry.seq.next());
        const bool isFollowed = std::ranges::any_of(
            above, [&](ChangeHandle next) { return m_state.graph.entry(next).prev == change; });
        if (isFollowed || m_state.validator.isSigned(m_state.recordOf(change)))
            continue;
        std::vector<history::SignedHeader> cover;
        if (findCover(entry.device, entry.hash, cover))
            m_state.cover(change, std::move(cover));
    }
    m_onCredit.clear();
    m_left.clear();
}

std::optional<Code> Intake::refused(const Item &item, const Refused &why)
{
    const auto &header = item.change.header;
    const auto list = [&](Code code) {
        const Bytes record = history::encodeFull(item.change);
        m_state.evidence->refuse(
            {code, why.rule, item.source.device, header.device, header.seq, record});
    };
    switch (why.kind) {
    case Refused::Kind::Duplicate:
        list(Code::DUPLICATE);
        return std::nullopt;
    case Refused::Kind::NeedsParents:
        if (const auto offence = wait(item, why)) {
            list(*offence);
            return offence;
        }
        list(Code::BUFFERED);
        return std::nullopt;
    case Refused::Kind::NeedsEpoch:
    case Refused::Kind::Ignore:
        list(why.code);
        return std::nullopt;
    case Refused::Kind::Fork:
        list(Code::EV_FORK);
        return std::nullopt; // the author's fault, not the link's; noticeFork made the proof
    case Refused::Kind::Invalid:
        list(why.code);
        foundInvalid(item, why);
        return why.code;
    case Refused::Kind::Refetch:
    case Refused::Kind::Reject:
        break;
    }
    list(why.code);
    return why.code;
}

bool Intake::isSigned(const Item &item) const
{
    return item.source.need == history::SignatureNeed::Tried
        || m_state.validator.isSigned(item.change);
}

std::optional<Code> Intake::wait(const Item &item, const Refused &why)
{
    // Only what is signed may take room. An earlier link of a run may come with an altered
    // signature of its own, which a later one makes up for.
    const bool isGood = isSigned(item);
    if (!isGood && item.source.need == history::SignatureNeed::Check)
        return Code::E_SIG;
    // A disputed device's change is kept only where honest work stands on it.
    if (isStopped(item))
        return std::nullopt;
    m_orphans.add(item.change, item.source.peer, why.missing,
                  isGood ? history::SignatureNeed::Tried : history::SignatureNeed::Covered);
    m_state.exchange->parentsMissing(why.missing, item.source.peer);
    return std::nullopt;
}

void Intake::noticeFork(const Item &item)
{
    // Two signed headers at one place are proof (PROTOCOL C6, 1), wherever their branches parted
    // and whether or not their parents are here. One proof is enough for a device.
    const auto &header = item.change.header;
    const bool isJudgeable = m_state.configuration.device(header.device) != nullptr
        && header.epoch <= m_state.configuration.epoch;
    if (!isJudgeable || m_state.isDisputed(header.device)
        || m_state.graph.find(item.change.hash) != ChangeHandle())
        return;
    std::vector<history::SignedHeader> rivals;
    for (const ChangeHandle held : m_state.graph.at(header.device, header.seq))
        if (auto rival = m_state.signedHeaderOf(held))
            rivals.push_back(std::move(*rival));
    for (const history::UnverifiedChange *waiting : m_orphans.at(header.device, header.seq))
        if (waiting->hash != item.change.hash)
            rivals.push_back({waiting->header, waiting->signature});
    for (history::SignedHeader &rival : rivals)
        if (m_state.evidence->accuse(
                {trust::forkEvidence(std::move(rival), {header, item.change.signature})},
                "Two different changes were signed for the same place in one history.",
                item.source.peer))
            return;
}

void Intake::foundInvalid(const Item &item, const Refused &why)
{
    std::vector<history::SignedHeader> parents;
    const auto &header = item.change.header;
    const auto addParent = [&](const Hash &hash) {
        const ChangeHandle parent = m_state.graph.find(hash);
        auto signedParent =
            parent == ChangeHandle() ? std::nullopt : m_state.signedHeaderOf(parent);
        if (!signedParent)
            return;
        if (!m_state.validator.isSigned(
                {signedParent->header, signedParent->signature, {}, hash, {}}))
            signedParent->signature = {};
        parents.push_back(std::move(*signedParent));
    };
    if (header.seq > Seq(1))
        addParent(header.prev);
    for (const history::DepRef &dep : header.deps)
        addParent(dep.hash);
    m_state.evidence->accuse({trust::invalidEvidence(why.code, item.change, std::move(parents))},
                             why.rule, item.source.peer);
}

bool Intake::restore(const Bytes &record, bool isSignatureChecked)
{
    if (history::isDecidedForm(record)) {
        const auto decided = history::decodeDecided(record);
        const auto change =
            decided ? m_state.validator.decided(*decided) : std::unexpected(decided.error());
        if (!change)
            return false;
        m_state.take(*change, false);
        m_state.records.back() = record;
        return true;
    }
    auto change = history::decodeFull(record);
    if (!change || m_state.graph.find(change->hash) != ChangeHandle())
        return false;
    const auto verdict =
        m_state.validator.validateWanted(std::move(*change), history::SignatureNeed::Covered);
    if (!verdict)
        return false;
    m_state.take(*verdict, false);
    m_state.isSignatureChecked.back() = isSignatureChecked;
    return true;
}

bool Intake::restoreOwn(const Bytes &record)
{
    if (m_own.empty() && restore(record, true))
        return true;
    const auto change = history::decodeFull(record);
    if (change && m_state.graph.find(change->hash) == ChangeHandle())
        m_own.push_back(record);
    return false;
}

void Intake::acceptOwn(std::deque<Item> &ready)
{
    // Each stands on the one before, so only the first can have become possible.
    while (!m_own.empty()) {
        auto change = history::decodeFull(m_own.front());
        CHECK(change.has_value()); // else it was not kept
        if (m_state.graph.find(change->hash) == ChangeHandle()) {
            const auto verdict =
                m_state.validator.validateWanted(std::move(*change), history::SignatureNeed::Check);
            if (!verdict)
                return;
            accept(*verdict, {}, ready);
        }
        m_own.pop_front();
    }
}

bool Intake::checkSignatures(std::size_t count)
{
    auto &checked = m_state.isSignatureChecked;
    for (; m_signatureCursor < checked.size() && count > 0; ++m_signatureCursor) {
        if (checked[m_signatureCursor])
            continue;
        --count;
        const ChangeHandle handle(static_cast<std::uint32_t>(m_signatureCursor + 1));
        checked[m_signatureCursor] = m_state.validator.isSigned(m_state.recordOf(handle));
    }
    return m_signatureCursor < checked.size();
}

} // namespace nlbd::engine
