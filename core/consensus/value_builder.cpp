#include "core/consensus/value_builder.h"

#include "core/consensus/configuration_codec.h"

#include <map>

namespace nlbd::consensus {

namespace {

using identity::Configuration;

std::vector<const Close *> reportsToStandFor(const EpochView &view)
{
    std::vector<const Close *> reports = view.closes.undisputed();
    std::erase_if(reports, [&](const Close *report) {
        return view.ground.holding(report->frontier) != Ground::Holding::All;
    });
    return reports;
}

/// Leaves out what would make too many leave at once, or needs a key while there is none. One after
/// the other, because proposals act on each other.
std::vector<const Proposal *> fitting(const EpochView &view, const identity::ChainHeads &closing,
                                      NewKeys newKeys, EpochChange &change)
{
    const Configuration &now = view.configuration;
    std::vector<const Proposal *> chosen = view.proposals.eligible();
    // What only rides along must not crowd out what the epoch ends for.
    std::ranges::stable_partition(chosen, &Proposal::isReasonToClose);
    if (chosen.size() > kProposalsPerValueMax)
        chosen.resize(kProposalsPerValueMax);
    const auto fits = [&](const std::vector<const Proposal *> &proposals) {
        change = planChange(now, proposals, closing);
        return canDepartTogether(change.departing.size(), now.seats.size())
            && (newKeys == NewKeys::Await || !change.needsKey);
    };
    if (fits(chosen))
        return chosen;
    std::vector<const Proposal *> result;
    for (const Proposal *proposal : chosen) {
        result.push_back(proposal);
        if (!fits(result))
            result.pop_back();
    }
    change = planChange(now, result, closing);
    return result;
}

/// Of the good offers the one with the smallest hash: seats that hold the same ones choose alike.
const OfferedKey *offerFor(const EpochView &view, const EpochChange &change)
{
    const identity::Device *me = change.next.device(view.me);
    const bool canCheck = me != nullptr && me->mayRead;
    const std::size_t readers = change.next.readers().size();
    std::map<Hash, const OfferedKey *> byHash;
    for (const OfferedKey *offer : view.ground.offers()) {
        const bool isByLeaver =
            std::ranges::find(change.departing, offer->seat) != change.departing.end();
        if (!isByLeaver && offer->epoch == view.configuration.epoch
            && offer->boxes.boxes.size() == readers)
            byHash.emplace(offer->hash(), offer);
    }
    // Opening one is dear: those after the first good one are not tried.
    for (const auto &[hash, offer] : byHash)
        if (!canCheck || !view.ground.keyFault(*offer, change.next))
            return offer;
    return nullptr;
}

} // namespace

BuiltValue buildValue(const EpochView &view, NewKeys newKeys)
{
    BuiltValue built;
    const Configuration &now = view.configuration;
    const std::vector<const Close *> reports = reportsToStandFor(view);
    const auto closing = closingFrontier(now, reports, view.ground.chains());
    if (reports.size() < identity::quorumOf(now.seats.size()) || !closing) {
        built.lack = BuiltValue::Lack::Reports;
        return built;
    }
    built.closing = *closing;
    const std::vector<const Proposal *> proposals = fitting(view, *closing, newKeys, built.change);

    Value value{.epoch = now.epoch,
                .previousDecision = now.decision,
                .proposals = {},
                .reports = {},
                .keyOffer = {},
                .closing = hashOfHeads(*closing),
                .nextConfiguration = {},
                .stateRoot = {}};
    std::optional<Hash> commitment;
    if (built.change.needsKey) {
        const OfferedKey *offer = offerFor(view, built.change);
        if (offer == nullptr) {
            built.lack = BuiltValue::Lack::KeyOffer;
            return built;
        }
        value.keyOffer = offer->hash();
        commitment = offer->commitment;
    }
    if (built.change.needsStateRoot) {
        value.stateRoot = view.ground.stateRoot(*closing);
        if (!value.stateRoot) {
            built.lack = BuiltValue::Lack::StateRoot;
            return built;
        }
    }
    for (const Proposal *proposal : proposals)
        value.proposals.push_back(proposal->hash());
    std::ranges::sort(value.proposals);
    for (const Close *report : reports)
        value.reports.push_back({report->seat, report->hash()});
    value.nextConfiguration = hashOf(finished(built.change, commitment, value.stateRoot));
    built.value = std::move(value);
    return built;
}

} // namespace nlbd::consensus
