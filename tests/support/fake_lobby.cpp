#include "tests/support/fake_lobby.h"

namespace nlbd::testing {

FakeLobby::FakeLobby() = default;
FakeLobby::~FakeLobby() = default;

void FakeLobby::submit(api::LobbyCommand command)
{
    commands.push_back(command);
    if (const auto *name = std::get_if<api::SetName>(&command)) {
        profile.name = name->name;
        profile.words = "lamp river stone nine";
        tell(profile);
    } else if (const auto *visible = std::get_if<api::SetVisible>(&command)) {
        profile.isVisible = visible->isVisible;
        tell(profile);
    } else if (const auto *open = std::get_if<api::OpenWorkspace>(&command)) {
        tell(api::WorkspaceOpened{open->id, workspace});
    }
}

void FakeLobby::subscribe(Sink sink)
{
    m_sink = std::move(sink);
    if (m_sink)
        m_sink({profile, workspaces, neighbours});
}

} // namespace nlbd::testing
