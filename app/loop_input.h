#pragma once

#include "app/mailbox.h"
#include "app/network.h"
#include "app/workspace_host.h"
#include "core/api/lobby.h"

namespace nlbd::app {

class Loop;

/// What reaches the engine loop.
struct WorkspaceCommand {
    WorkspaceId workspace;
    api::Command command;
};
struct WorkspaceSubscribed {
    WorkspaceId workspace;
    WorkspaceSlot::Ticket ticket = 0;
};
struct LobbySubscribed {
    std::uint64_t ticket = 0;
};
using LoopInput =
    std::variant<WorkspaceCommand, WorkspaceSubscribed, api::LobbyCommand, LobbySubscribed,
                 std::vector<net::MeshEvent>, StoreThread::Outcome, std::function<void(Loop &)>>;
using LoopMailbox = Mailbox<LoopInput>;
using LobbySlot = SinkSlot<api::LobbyEvent>;

} // namespace nlbd::app
