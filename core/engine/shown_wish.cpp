#include "core/engine/shown_wish.h"

namespace nlbd::engine {

api::Limits limitsOf(const identity::Policy &policy)
{
    return {policy.dormantDays, policy.rekeyDays, policy.checkpointChanges, policy.checkpointBytes,
            policy.newcomersReadPast};
}

api::Wish shown(const consensus::Proposal &proposal, const identity::Configuration &configuration)
{
    using Kind = api::Wish::Kind;
    const consensus::Wish &wish = proposal.wish;
    api::Wish result;
    result.member = proposal.author; // of what people ask for themselves
    result.kind = std::holds_alternative<consensus::TurnKey>(wish)
        ? Kind::TurnKey
        : static_cast<Kind>(wish.index() + 1);
    struct Fill {
        api::Wish &out;
        void operator()(const consensus::Admit &w) const
        {
            out.identity = w.identity;
            out.name = w.name;
            out.key = w.device;
            out.certificate = w.certificate;
            out.isReader = w.role == identity::Role::Reader;
        }
        void operator()(const consensus::ChangeRole &w) const
        {
            out.member = w.member;
            out.isReader = w.role == identity::Role::Reader;
        }
        void operator()(const consensus::SetPolicy &w) const
        {
            out.text = w.policy.text;
            out.limits = limitsOf(w.policy);
        }
        void operator()(const consensus::MoveSeat &w) const
        {
            out.key = w.device;
            out.certificate = w.certificate;
        }
        void operator()(const consensus::MakeDormant &w) const { out.member = w.member; }
        void operator()(const consensus::Wake &) const {}
        void operator()(const consensus::Leave &) const {}
        void operator()(const consensus::RemoveMember &w) const
        {
            out.member = w.member;
            out.text = w.reason;
        }
        void operator()(const consensus::RemoveDevice &w) const { out.device = w.device; }
        void operator()(const consensus::Fence &w) const { out.device = w.device; }
        void operator()(const consensus::TakeCheckpoint &) const {}
        void operator()(const consensus::Rekey &) const {}
        void operator()(const consensus::TurnKey &w) const { out.device = w.device; }
    };
    std::visit(Fill{result}, wish);
    if (const identity::Member *owner = configuration.memberOf(result.device); owner != nullptr
        && (result.kind == Kind::RemoveDevice || result.kind == Kind::Fence
            || result.kind == Kind::TurnKey))
        result.member = configuration.devices[result.device.value].member;
    return result;
}

} // namespace nlbd::engine
