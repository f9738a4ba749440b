#include "core/consensus/decision_log.h"

#include "core/base/check.h"
#include "core/consensus/configuration_codec.h"

#include <utility>

namespace nlbd::consensus {

namespace {

/// For what this log verified before.
class Trusting final : public identity::SignatureScheme {
public:
    [[nodiscard]] Signature sign(const identity::SecretKey &, const Domain &, const WorkspaceId &,
                                 const Hash &) const override
    {
        CHECK(false);
        return {};
    }
    [[nodiscard]] bool verify(const PublicKey &, const Domain &, const WorkspaceId &, const Hash &,
                              const Signature &) const override
    {
        return true;
    }
};

/// A workspace is named by its genesis record; later configurations by the value that made them.
bool isWhole(const DecisionLog::Beginning &beginning)
{
    const identity::Configuration &configuration = beginning.configuration;
    if (configuration.epoch == Epoch(0))
        return configuration.decision.value == configuration.workspace.value;
    return beginning.madeBy && beginning.madeBy->hash() == configuration.decision
        && beginning.madeBy->nextConfiguration == hashOf(configuration);
}

} // namespace

DecisionLog::DecisionLog(identity::Configuration start, const identity::SignatureScheme &scheme,
                         CertificateCheck isCertified)
    : m_start(std::move(start))
    , m_now(m_start)
    , m_scheme(scheme)
    , m_isCertified(std::move(isCertified))
{
}

std::expected<DecisionLog, Code> DecisionLog::anchored(Beginning beginning,
                                                       const std::vector<Decision> &decisions,
                                                       const Hash &anchor,
                                                       const identity::SignatureScheme &scheme,
                                                       CertificateCheck isCertified)
{
    if (!isWhole(beginning))
        return std::unexpected(Code::E_STRUCT);
    DecisionLog log(std::move(beginning.configuration), scheme, std::move(isCertified));
    for (const Decision &decision : decisions)
        if (const auto added = log.append(decision); !added)
            return std::unexpected(added.error());
    if (!log.contains(anchor))
        return std::unexpected(Code::E_STRUCT);
    return log;
}

std::expected<DecisionLog::Added, Code> DecisionLog::append(const Decision &decision)
{
    if (decision.value.epoch < m_start.epoch)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (decision.value.epoch < m_now.epoch)
        return compare(decision);
    if (decision.value.epoch > m_now.epoch)
        return std::unexpected(Code::BUFFERED);
    if (m_conflict)
        return std::unexpected(Code::EV_CONFLICT_DECISION);
    auto next = follow(m_now, decision, m_scheme, m_isCertified);
    if (!next)
        return std::unexpected(next.error());
    m_decisions.push_back(decision.encode());
    m_hashes.push_back(next->decision);
    m_seats.push_back(m_now.seats);
    m_before = std::exchange(m_now, std::move(*next));
    return Added::New;
}

/// A decision for an epoch that is decided here: the same one, a forgery, or the proof that too
/// many seats are hostile.
std::expected<DecisionLog::Added, Code> DecisionLog::compare(const Decision &other)
{
    const std::size_t place = other.value.epoch.value - m_start.epoch.value;
    if (other.value.hash() == m_hashes[place])
        return Added::Known;
    const auto then = at(other.value.epoch);
    CHECK(then.has_value());
    if (!m_isCertified(*then, other.value.hash(), other.certificate))
        return std::unexpected(Code::E_SIG);
    const auto held = Decision::decode(m_decisions[place]);
    CHECK(held.has_value());
    if (!m_conflict)
        m_conflict = conflictOf(*held, other);
    return std::unexpected(Code::EV_CONFLICT_DECISION);
}

void DecisionLog::note(const DecisionConflict &conflict)
{
    if (!m_conflict)
        m_conflict = conflict;
}

std::optional<ByteView> DecisionLog::decision(Epoch closed) const
{
    if (closed < m_start.epoch || closed >= m_now.epoch)
        return std::nullopt;
    return m_decisions[closed.value - m_start.epoch.value];
}

std::optional<identity::Configuration> DecisionLog::at(Epoch epoch) const
{
    if (epoch < m_start.epoch || epoch > m_now.epoch)
        return std::nullopt;
    if (epoch == m_now.epoch)
        return m_now;
    if (m_before && epoch == m_before->epoch)
        return m_before;
    static const Trusting kTrusting;
    const auto wasCertified = [](const auto &, const Hash &, ByteView) { return true; };
    identity::Configuration result = m_start;
    for (std::size_t i = 0; result.epoch < epoch; ++i) {
        const auto decision = Decision::decode(m_decisions[i]);
        CHECK(decision.has_value());
        auto next = follow(result, *decision, kTrusting, wasCertified);
        CHECK(next.has_value());
        result = std::move(*next);
    }
    return result;
}

const std::vector<DeviceIndex> &DecisionLog::seatsOf(Epoch closed) const
{
    CHECK(closed >= m_start.epoch && closed < m_now.epoch);
    return m_seats[closed.value - m_start.epoch.value];
}

bool DecisionLog::contains(const Hash &decision) const
{
    return m_start.decision == decision || std::ranges::find(m_hashes, decision) != m_hashes.end();
}

} // namespace nlbd::consensus
