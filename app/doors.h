#pragma once

#include "app/loop.h"

namespace nlbd::app {

/// A view's door to one workspace: commands go to the loop, events come from its slot.
class WorkspaceDoor final : public api::Workspace {
public:
    WorkspaceDoor(WorkspaceId id, std::shared_ptr<LoopMailbox> mailbox,
                  std::shared_ptr<WorkspaceSlot> slot)
        : m_id(id)
        , m_mailbox(std::move(mailbox))
        , m_slot(std::move(slot))
    {
    }
    void submit(api::Command command) override
    {
        m_mailbox->post(WorkspaceCommand{m_id, std::move(command)});
    }
    void subscribe(Sink sink) override
    {
        const bool isEnd = !sink;
        const auto ticket = m_slot->set(std::move(sink));
        if (!isEnd)
            m_mailbox->post(WorkspaceSubscribed{m_id, ticket});
    }

private:
    WorkspaceId m_id;
    std::shared_ptr<LoopMailbox> m_mailbox;
    std::shared_ptr<WorkspaceSlot> m_slot;
};

/// The door to everything that is not inside one workspace.
class LobbyDoor final : public api::Lobby {
public:
    LobbyDoor(std::shared_ptr<LoopMailbox> mailbox, std::shared_ptr<LobbySlot> slot)
        : m_mailbox(std::move(mailbox))
        , m_slot(std::move(slot))
    {
    }
    void submit(api::LobbyCommand command) override { m_mailbox->post(std::move(command)); }
    void subscribe(Sink sink) override
    {
        const bool isEnd = !sink;
        const auto ticket = m_slot->set(std::move(sink));
        if (!isEnd)
            m_mailbox->post(LobbySubscribed{ticket});
    }

private:
    std::shared_ptr<LoopMailbox> m_mailbox;
    std::shared_ptr<LobbySlot> m_slot;
};

} // namespace nlbd::app
