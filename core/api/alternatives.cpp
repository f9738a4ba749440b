// What copying and destroying the large variants takes, for all who have some.

#include "core/api/lobby.h"
#include "core/api/workspace.h"

namespace nlbd::api {

Command::Command(const Command &other) = default;
Command::Command(Command &&other) noexcept = default;
Command &Command::operator=(const Command &other) = default;
Command &Command::operator=(Command &&other) noexcept = default;
Command::~Command() = default;

Event::Event(const Event &other) = default;
Event::Event(Event &&other) noexcept = default;
Event &Event::operator=(const Event &other) = default;
Event &Event::operator=(Event &&other) noexcept = default;
Event::~Event() = default;

LobbyCommand::LobbyCommand(const LobbyCommand &other) = default;
LobbyCommand::LobbyCommand(LobbyCommand &&other) noexcept = default;
LobbyCommand &LobbyCommand::operator=(const LobbyCommand &other) = default;
LobbyCommand &LobbyCommand::operator=(LobbyCommand &&other) noexcept = default;
LobbyCommand::~LobbyCommand() = default;

LobbyEvent::LobbyEvent(const LobbyEvent &other) = default;
LobbyEvent::LobbyEvent(LobbyEvent &&other) noexcept = default;
LobbyEvent &LobbyEvent::operator=(const LobbyEvent &other) = default;
LobbyEvent &LobbyEvent::operator=(LobbyEvent &&other) noexcept = default;
LobbyEvent::~LobbyEvent() = default;

} // namespace nlbd::api
