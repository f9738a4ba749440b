#include "app/loop.h"
#include "core/identity/words.h"

#include <algorithm>

namespace nlbd::app {

namespace {

api::Neighbour neighbourOf(const Contact &contact, bool hasSameVersion)
{
    api::Neighbour result;
    result.device = contact.person.device;
    result.name = contact.person.name;
    result.words = identity::fourWords(contact.person.identity);
    if (!contact.endpoints.empty())
        result.address = contact.endpoints.front().text();
    result.hasSameVersion = hasSameVersion;
    return result;
}

} // namespace

void Loop::tellProfile()
{
    api::ProfileChanged event;
    if (const Self *self = m_profile.self(); self != nullptr) {
        event.name = self->name;
        event.isCompanion = !self->identity;
        event.words = identity::fourWords(self->person());
    }
    event.isVisible = m_profile.isVisible();
    event.port = m_port;
    for (const net::Endpoint &endpoint : addresses())
        event.addresses.push_back(endpoint.text());
    tell(std::move(event));
}

std::vector<api::Neighbour> Loop::neighbours() const
{
    std::vector<api::Neighbour> result;
    for (const auto &[device, near] : m_nearBy)
        result.push_back(neighbourOf(near.contact, near.hasSameVersion));
    return result;
}

void Loop::tellNeighbours()
{
    tell(api::NeighboursChanged{neighbours()});
}

void Loop::tellWorkspaces()
{
    api::WorkspacesChanged event;
    for (const auto &[id, workspace] : m_hosts) {
        const identity::Configuration &configuration = workspace->engine().configuration();
        api::WorkspaceInfo info;
        info.id = id;
        info.name = configuration.name;
        for (const identity::Member &member : configuration.members)
            info.members.push_back(member.name);
        info.lastUsed = workspace->lastUsed;
        event.workspaces.push_back(std::move(info));
    }
    std::ranges::stable_sort(event.workspaces, std::greater{}, &api::WorkspaceInfo::lastUsed);
    tell(std::move(event));
}

void Loop::tellEverything(std::uint64_t ticket)
{
    m_slot->begin(ticket);
    tellProfile();
    tellWorkspaces();
    tellNeighbours();
    for (api::FoundingInfo &info : foundings())
        tell(api::FoundingChanged{std::move(info)});
    tell(api::JoinRequestsChanged{requests()});
    for (api::JoinInfo &join : joins())
        tell(api::JoinChanged{std::move(join)});
    for (api::LobbyTrouble &trouble : std::exchange(m_untold, {}))
        tell(api::LobbyEvent(std::move(trouble)));
}

} // namespace nlbd::app
