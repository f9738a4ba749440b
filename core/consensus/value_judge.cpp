#include "core/consensus/value_judge.h"

#include "core/consensus/configuration_codec.h"

namespace nlbd::consensus {

namespace {

using Verdict = Judgement::Verdict;

/// Goes through the points of PROTOCOL C8, cheap ones first. Each returns true to go on.
class Judge {
public:
    Judge(const Value &value, const EpochView &view, ProposalBook::Answers answers)
        : m_value(value)
        , m_view(view)
        , m_answers(answers)
    {
    }

    Judgement verdict() &&
    {
        const bool isValid = isOfThisEpoch() && hasReports() && hasProposals() && holdsClosure()
            && hasClosingFrontier() && hasChange() && hasKey() && leadsToNext();
        if (isValid)
            m_result.verdict = Verdict::Valid;
        return std::move(m_result);
    }

private:
    bool refuse(Code code, std::string_view why) { return end(Verdict::Invalid, code, why); }
    bool wait(std::string_view why) { return end(Verdict::Unknown, Code::BUFFERED, why); }
    bool end(Verdict verdict, Code code, std::string_view why)
    {
        m_result.verdict = verdict;
        m_result.code = code;
        m_result.why = why;
        return false;
    }

    bool isOfThisEpoch()
    {
        const identity::Configuration &now = m_view.configuration;
        if (m_value.epoch == now.epoch && m_value.previousDecision == now.decision)
            return true;
        return refuse(Code::E_STRUCT, "It does not follow from the last decision.");
    }

    bool hasReports()
    {
        const std::size_t seats = m_view.configuration.seats.size();
        if (m_value.reports.size() < identity::quorumOf(seats))
            return refuse(Code::E_STRUCT, "Fewer seats than a quorum report in it.");
        for (const Value::Report &report : m_value.reports) {
            if (report.seat.value >= seats)
                return refuse(Code::E_STRUCT, "A seat that does not exist reports in it.");
            const Close *close = m_view.closes.find(report.close);
            if (close == nullptr)
                m_result.missingCloses.push_back(report.close);
            else if (close->seat != report.seat)
                return refuse(Code::E_STRUCT, "A report in it is that of another seat.");
            else
                m_reports.push_back(close);
        }
        return m_result.missingCloses.empty() || wait("Reports are missing.");
    }

    bool hasProposals()
    {
        using Eligibility = ProposalBook::Eligibility;
        for (const Hash &hash : m_value.proposals) {
            switch (m_view.proposals.eligibility(hash, m_answers)) {
            case Eligibility::NotHeld:
                m_result.missingProposals.push_back(hash);
                break;
            case Eligibility::Waiting:
                m_result.waitingProposals.push_back(hash);
                break;
            case Eligibility::Never:
                return refuse(Code::E_STRUCT, "A proposal in it cannot be decided.");
            case Eligibility::Eligible:
                m_proposals.push_back(m_view.proposals.find(hash));
            }
        }
        const bool isComplete =
            m_result.missingProposals.empty() && m_result.waitingProposals.empty();
        return isComplete || wait("Proposals or answers to them are missing.");
    }

    bool holdsClosure()
    {
        for (const Close *report : m_reports) {
            switch (m_view.ground.holding(report->frontier)) {
            case Ground::Holding::All:
                break;
            case Ground::Holding::NotYet:
                return wait("Changes below the closing frontier are missing.");
            case Ground::Holding::NotClosed:
                return refuse(Code::E_STRUCT, "A report leaves out what its changes build on.");
            }
        }
        return true;
    }

    bool hasClosingFrontier()
    {
        auto heads = closingFrontier(m_view.configuration, m_reports, m_view.ground.chains());
        if (!heads)
            return wait("Changes at the closing frontier are missing.");
        m_heads = std::move(*heads);
        return hashOfHeads(m_heads) == m_value.closing
            || refuse(Code::E_STRUCT, "Its closing frontier is not that of its reports.");
    }

    bool hasChange()
    {
        m_change = planChange(m_view.configuration, m_proposals, m_heads);
        if (!canDepartTogether(m_change.departing.size(), m_view.configuration.seats.size()))
            return refuse(Code::E_STRUCT, "More leave at once than the new key allows.");
        if (m_change.needsKey != m_value.keyOffer.has_value())
            return refuse(Code::E_KEY_OFFER, "A new key is missing, or nobody asked for one.");
        if (m_change.needsStateRoot != m_value.stateRoot.has_value())
            return refuse(Code::E_STATE_ROOT, "A state root is missing, or nobody asked for one.");
        return true;
    }

    bool hasKey()
    {
        if (!m_value.keyOffer)
            return true;
        const OfferedKey *offer = m_view.ground.offer(*m_value.keyOffer);
        if (offer == nullptr) {
            m_result.missingOffer = m_value.keyOffer;
            return wait("The key offer is missing.");
        }
        // Whoever makes the key knows it.
        const bool isByLeaver =
            std::ranges::find(m_change.departing, offer->seat) != m_change.departing.end();
        if (isByLeaver || offer->epoch != m_value.epoch)
            return refuse(Code::E_KEY_OFFER, "Its key is made by somebody who leaves.");
        m_commitment = offer->commitment;
        const identity::Device *me = m_change.next.device(m_view.me);
        if (me == nullptr || !me->mayRead)
            return true; // those who stay vouch for it
        const auto fault = m_view.ground.keyFault(*offer, m_change.next);
        if (fault == Code::BUFFERED)
            return wait("The secret that its key is sealed to is not here.");
        if (fault)
            return refuse(*fault, "Its key is not sealed to everybody as it should be.");
        return true;
    }

    bool leadsToNext()
    {
        if (m_value.stateRoot) {
            const std::optional<Hash> root = m_view.ground.stateRoot(m_heads);
            if (!root)
                return wait("The state at the closing frontier is not computed yet.");
            if (root != m_value.stateRoot)
                return refuse(Code::E_STATE_ROOT, "Its state root is not that of the documents.");
        }
        const auto next = finished(std::move(m_change), m_commitment, m_value.stateRoot);
        return hashOf(next) == m_value.nextConfiguration
            || refuse(Code::E_STRUCT, "Its next configuration does not follow from it.");
    }

    const Value &m_value;
    const EpochView &m_view;
    ProposalBook::Answers m_answers;
    Judgement m_result;
    std::vector<const Close *> m_reports;
    std::vector<const Proposal *> m_proposals;
    identity::ChainHeads m_heads;
    EpochChange m_change;
    std::optional<Hash> m_commitment;
};

} // namespace

Judgement judge(const Value &value, const EpochView &view, ProposalBook::Answers answers)
{
    return Judge(value, view, answers).verdict();
}

} // namespace nlbd::consensus
