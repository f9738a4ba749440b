#include "app/runtime.h"

#include "app/doors.h"

#include <thread>

namespace nlbd::app {

namespace {

// Batches from the mesh wait beyond this many inputs, so that a flood fills sockets and not memory.
constexpr std::size_t kInputsMax = 1024;

} // namespace

struct Runtime::Parts {
    std::shared_ptr<LoopMailbox> mailbox = std::make_shared<LoopMailbox>(kInputsMax);
    std::shared_ptr<LobbySlot> slot = std::make_shared<LobbySlot>();
    LobbyDoor lobby{mailbox, slot};
    std::unique_ptr<Loop> loop;
    std::thread thread;
};

Runtime::Runtime(Profile profile, RuntimeOptions options, std::unique_ptr<Network> network)
    : m_parts(std::make_unique<Parts>())
{
    m_parts->loop = std::make_unique<Loop>(std::move(profile), std::move(options),
                                           std::move(network), m_parts->mailbox, m_parts->slot);
    m_parts->thread = std::thread([loop = m_parts->loop.get()] { loop->run(); });
}

Runtime::~Runtime()
{
    (void)m_parts->slot->set({});
    post([](Loop &loop) { loop.stop(); });
    m_parts->thread.join();
}

api::Lobby &Runtime::lobby()
{
    return m_parts->lobby;
}

void Runtime::post(std::function<void(Loop &)> work)
{
    m_parts->mailbox->post(std::move(work));
}

} // namespace nlbd::app
