#pragma once

#include "figure.h"
#include "wire_table.h"

/// What bench_mesh measures (README.md). Every function gives its figures, or a sentence that says
/// why there are none.
namespace nlbd::bench {

struct MeshOptions {
    std::filesystem::path folder; ///< for profiles
    std::size_t members = 10;
    std::size_t keys = 100;
    Millis idle{30'000};     ///< how long nobody types
    std::size_t crowd = 100; ///< members in one process
    std::string trace;       ///< a recording (tests/vectors/traces)
    bool isQuick = false;
    std::string peersTrouble; ///< why the others are not here; empty: they are
};
using Figures = std::expected<std::vector<Figure>, std::string>;

/// Ten processes: from a key to the last of them, bytes per edit, memory per session, and what they
/// say when nobody types.
[[nodiscard]] Figures measureTable(const MeshOptions &options);

/// From the moment at which somebody begins to show himself to the moment at which he is seen.
[[nodiscard]] Figures measureFinding(std::size_t repetitions);

/// Many in one process, without disks: all of them, or with a third that says nothing.
enum class Silence : std::uint8_t { Nobody, Third };
[[nodiscard]] Figures measureCrowd(const MeshOptions &options, Silence silence);

/// A document that somebody lacks as a whole: `trace`, or lines if it names none.
[[nodiscard]] Figures measureColdCatchUp(const MeshOptions &options);

/// Cables that are slow, lossy, cut. What this computer has no means for is absent.
[[nodiscard]] Figures measureLinks(const MeshOptions &options);

/// npm's ws, y-websocket and automerge-repo, where they do the same: what has no value says why.
[[nodiscard]] std::vector<Figure> measureOthers(const MeshOptions &options);

/// Two who type, undisturbed and then under each attack of tests/support/offenders.h.
[[nodiscard]] Figures measureHostile(const MeshOptions &options);

/// Resident bytes of a process, now and at most since the peak was last forgotten.
struct Resident {
    std::size_t now = 0;
    std::size_t peak = 0;
};
[[nodiscard]] Resident residentOf(pid_t process);
void forgetPeak(pid_t process);

/// Bytes that the loopback device of this network has carried. All of them are ours only in a
/// network of our own.
[[nodiscard]] std::uint64_t carriedByLoopback();

} // namespace nlbd::bench
