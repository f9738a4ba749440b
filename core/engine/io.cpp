#include "core/engine/io.h"

namespace nlbd::engine {

Event::Event(Event &&other) noexcept = default;
Event &Event::operator=(Event &&other) noexcept = default;
Event::~Event() = default;

Action::Action(const Action &other) = default;
Action::Action(Action &&other) noexcept = default;
Action &Action::operator=(const Action &other) = default;
Action &Action::operator=(Action &&other) noexcept = default;
Action::~Action() = default;

} // namespace nlbd::engine
