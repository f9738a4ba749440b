#include "tests/support/signed_trace.h"

#include "core/base/check.h"

namespace nlbd::test {

namespace {

constexpr std::uint64_t kSeedsMax = 16;
constexpr std::int64_t kStartMs = 1'795'000'000'000;

std::int64_t timeFor(std::size_t edits, Random &random)
{
    std::int64_t ms = random.below(8) == 0 ? static_cast<std::int64_t>(random.below(60'000)) : 0;
    for (std::size_t edit = 0; edit < edits; ++edit)
        ms += 80 + static_cast<std::int64_t>(random.below(240));
    return ms;
}

} // namespace

std::unique_ptr<SignedTrace> SignedTrace::make(const Trace &trace, std::size_t editsMax,
                                               const identity::SignatureScheme &scheme)
{
    const bench::Plan plan = bench::planFor(trace, editsMax);
    for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
        auto signedTrace = std::make_unique<SignedTrace>(plan, scheme, seed);
        if (signedTrace->text() == trace.endContent)
            return signedTrace;
    }
    return nullptr;
}

SignedTrace::SignedTrace(const bench::Plan &plan, const identity::SignatureScheme &scheme,
                         std::uint64_t seed)
    : m_group(plan.trace.agentCount, scheme, seed)
{
    for (std::size_t lane = 0; lane < plan.trace.agentCount; ++lane)
        m_lanes.push_back(std::make_unique<Replica>(m_group, lane));
    SeededRandom random(seed);
    std::int64_t ms = kStartMs;
    for (std::size_t i = 0; i < plan.trace.transactions.size(); ++i) {
        const Trace::Transaction &transaction = plan.trace.transactions[i];
        deliver(*m_lanes[transaction.agent], plan.deliveries[i]);
        ms += timeFor(transaction.patches.size(), random);
        write(*m_lanes[transaction.agent], transaction.patches, WallTime(Millis(ms)));
    }
    deliver(*m_lanes.front(), plan.missing.front());
}

void SignedTrace::write(Replica &writer, const TextPatches &patches, WallTime wall)
{
    crdt::Document &text = writer.document(document());
    crdt::Draft draft{writer.graph.nextHandle(), {}, 0};
    for (const TextPatch &patch : patches) {
        if (patch.removed > 0)
            text.erase(patch.at, patch.removed, draft);
        if (!patch.inserted.empty())
            text.insert(patch.at, patch.inserted, draft);
    }
    const history::Change change = writer.validator.author(
        m_group.people[writer.me().value].device, writer.me(), history::ChangeKind::Edit,
        document(), draft.ops, writer.head, writer.heads(), wall);
    writer.graph.add(change);
    writer.head = change.handle();
    m_changes.push_back(change.raw());
}

/// Who delivers is honest: what is tried here is the past, not the signatures.
void SignedTrace::deliver(Replica &reader, const std::vector<std::size_t> &changes)
{
    for (const std::size_t change : changes) {
        auto valid = reader.validator.validate(m_changes[change], history::SignatureNeed::Covered);
        CHECK(valid.has_value());
        reader.graph.add(*valid);
        reader.document(document()).integrate(valid->handle(), valid->ops());
    }
}

} // namespace nlbd::test
