#pragma once

#include "wire_child.h"

#include <random>

namespace nlbd::bench {

/// How somebody types: the same gaps for every system of a run.
struct Pace {
    std::string trace;                 ///< its name in the figures
    std::vector<std::uint32_t> gapsUs; ///< before each key
    [[nodiscard]] std::int64_t durationMs() const;
};

/// A person: 40 ms that no finger beats, and an exponential rest, 200 ms in the middle.
[[nodiscard]] Pace humanPace(std::size_t keys, std::mt19937 &random);
/// A key every 80 ms, without a pause: a fast typist in full swing.
[[nodiscard]] Pace briskPace(std::size_t keys);

/// One system with a document that all its readers show. The members stay up for the whole run.
struct Table {
    std::string peer;       ///< its name in the figures: "nlbd", "y-websocket", ...
    std::string name;       ///< of the figures without their ending: "wire_key_to_visible"
    std::string mergedName; ///< of those of the second moment; empty if there is none
    std::vector<Child> servers;
    std::vector<Child> readers;
    std::vector<Child> typist; ///< one; ended before the readers and the servers
    std::size_t typed = 0;
    /// nlbd's members, the typist first: where each listens, and the hex of its device.
    struct Contact {
        std::uint16_t port = 0;
        std::string device;
    };
    std::vector<Contact> contacts;
};

/// From each key to the moment at which it had come to the last of the readers, in milliseconds.
using Latencies = std::vector<double>;
struct Series {
    Latencies visible; ///< a reader's view can show it
    Latencies merged;  ///< it is in a reader's text; empty if the table tells no such moment
};

/// Types at the pace. An error is a sentence: somebody is gone, too slow, or showed something else
/// than each key once and in order.
[[nodiscard]] std::expected<Series, std::string> runSeries(Table &table, const Pace &pace);

/// Nearest rank; `share` from 0 to 1. @pre !values.empty()
[[nodiscard]] double percentile(std::vector<double> values, double share);

} // namespace nlbd::bench
