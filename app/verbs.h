#pragma once

#include "app/runtime.h"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace nlbd::app {

/// How nlbd-peer ends; documented in --help and README.md.
enum class Exit : int {
    Ok = 0,
    Failed = 1, ///< refused, or a check did not hold
    Usage = 2,
    NotFound = 3,
    InUse = 4,
    Disk = 5,
    Network = 6, ///< no answer, no network, or the time passed
};

/// A verb with its arguments by name: what crosses the control socket as JSON.
struct Request {
    std::string verb;
    std::map<std::string, std::string> arguments;

    [[nodiscard]] std::string get(const std::string &name, std::string otherwise = {}) const;
    [[nodiscard]] bool has(const std::string &name) const { return arguments.contains(name); }
};

/// Lines for the terminal; each is a JSON object whose "say" is its sentence for people.
struct VerbReply {
    Exit exit = Exit::Ok;
    std::vector<std::string> lines; ///< JSON objects
    /// It takes long and is not done: what to ask for next, after a moment. The line tells how far
    /// it is. So nobody who asks for something else has to wait for it.
    std::optional<Request> next = std::nullopt;
};

/// Verbs that work on a runtime, be it this process's own or the one that answers the socket.
[[nodiscard]] bool isRuntimeVerb(std::string_view verb);
/// The verb needs the mesh, and so a program that runs.
[[nodiscard]] bool needsNetwork(const Request &request);
[[nodiscard]] VerbReply perform(Runtime &runtime, const Request &request);
/// Asks on until it is done; `look` sees what is said on the way.
using Performing = std::function<VerbReply(const Request &)>;
[[nodiscard]] VerbReply performWhole(const Performing &ask, const Request &request,
                                     const std::function<void(const VerbReply &)> &look = {});

/// The line that says why a verb failed.
[[nodiscard]] VerbReply failure(Exit exit, const std::string &sentence);

[[nodiscard]] std::string encodeRequest(const Request &request);
[[nodiscard]] std::optional<Request> decodeRequest(std::string_view text);
[[nodiscard]] std::string encodeReply(const VerbReply &reply);
[[nodiscard]] std::optional<VerbReply> decodeReply(std::string_view text);

} // namespace nlbd::app
