#pragma once

#include "core/api/lobby.h"
#include "tests/support/fake_workspace.h"

namespace nlbd::testing {

/// A lobby without network: remembers what it was asked and tells what a test lets it tell.
class FakeLobby : public api::Lobby {
public:
    std::vector<api::LobbyCommand> commands;
    api::ProfileChanged profile;
    api::WorkspacesChanged workspaces;
    api::NeighboursChanged neighbours;
    std::shared_ptr<FakeWorkspace> workspace = std::make_shared<FakeWorkspace>();

    FakeLobby();
    ~FakeLobby() override;
    FakeLobby(const FakeLobby &) = delete;
    FakeLobby &operator=(const FakeLobby &) = delete;

    void submit(api::LobbyCommand command) override;
    void subscribe(Sink sink) override;

    void tell(api::LobbyEvent event)
    {
        if (m_sink)
            m_sink({std::move(event)});
    }

    template <typename Wanted>
    [[nodiscard]] std::vector<Wanted> all() const
    {
        std::vector<Wanted> result;
        for (const api::LobbyCommand &command : commands) {
            if (const auto *value = std::get_if<Wanted>(&command))
                result.push_back(*value);
        }
        return result;
    }

private:
    Sink m_sink;
};

} // namespace nlbd::testing
