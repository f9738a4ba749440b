#pragma once

#include "core/api/command.h"
#include "core/api/event.h"

#include <functional>

namespace nlbd::api {

/// The only door between a view and a workspace. Values in, values out, nothing blocks.
class Workspace {
public:
    /// Gets batches of events, in order, on a thread of the implementation's choice. Must return at
    /// once: a GUI posts the batch to its own loop.
    using Sink = std::function<void(std::vector<Event>)>;

    virtual ~Workspace() = default;

    /// Queues a command. Commands take effect in the order of submission.
    virtual void submit(Command command) = 0;

    /// Sets the one receiver of events and sends it the present state: documents, people, status,
    /// refusals, evidence. An empty sink ends the subscription; after that call no event arrives.
    virtual void subscribe(Sink sink) = 0;
};

} // namespace nlbd::api
