// Workspaces that begin with what another held.

#include "app/found_anew.h"

#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"

namespace nlbd::app {

std::expected<void, ProfileError> Loop::takeOver(const WorkspaceId &anew, const WorkspaceId &past)
{
    if (auto kept = m_profile.keepPast(anew, past); !kept)
        return kept;
    m_pasts[anew] = past;
    takeOverPasts();
    return {};
}

void Loop::takeOverPasts()
{
    std::erase_if(m_pasts, [this](const auto &entry) {
        WorkspaceHost *anew = host(entry.first);
        const WorkspaceHost *past = host(entry.second);
        if (anew == nullptr || past == nullptr || !importTexts(*anew, *past))
            return false;
        m_profile.dropPast(entry.first);
        return true;
    });
}

void Loop::obey(const api::FoundAnew &command)
{
    using Kind = api::LobbyTrouble::Kind;
    const WorkspaceHost *past = host(command.past);
    const std::string name = identity::composedName(command.name);
    std::vector<Contact> others;
    for (const PublicKey &device : command.with)
        if (const auto near = m_nearBy.find(device); near != m_nearBy.end())
            others.push_back(near->second.contact);
    if (past == nullptr || !identity::isValidName(name) || others.size() != command.with.size()) {
        const Kind kind = past == nullptr          ? Kind::NotAMember
            : others.size() != command.with.size() ? Kind::NoAnswer
                                                   : Kind::BadName;
        tell(kind, kind == Kind::BadName ? command.name : std::string());
        return;
    }
    const auto anew = foundAnew(*this, *past, name, others);
    if (anew)
        return;
    if (const auto *disk = std::get_if<ProfileError>(&anew.error()))
        tell(*disk);
    else
        tell(std::get<Code>(anew.error()) == Code::E_NAME_CONFUSABLE ? Kind::NamesAlike
                                                                     : Kind::FoundingFailed,
             name);
}

} // namespace nlbd::app
