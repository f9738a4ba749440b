#pragma once

#include "core/base/codec.h"
#include "core/consensus/decision.h"
#include "core/identity/genesis.h"

namespace nlbd::consensus {

// What files that strangers check alone have in common: the founding record, signed by all
// founders, and the decisions from the first one on. Whoever reads them computes who was who, as
// every member did. Drawn byte by byte in RECORDS.md.

/// Why a file says nothing: which part is to blame, in a sentence for people.
struct FileFault {
    Code code = Code::E_CANON;
    std::string sentence;
};
using FileFailure = std::unexpected<FileFault>;
[[nodiscard]] FileFailure fileFault(Code code, std::string sentence);

/// The line that a file begins with, such as "nlbd-evidence2\n": the number tells the form.
/// `what` it is, in words for people: "evidence".
[[nodiscard]] std::expected<void, FileFault> readHead(Reader &in, std::string_view head,
                                                      std::string_view what);

/// Reads the founding record; all founders signed it.
[[nodiscard]] std::expected<identity::SignedGenesis, FileFault>
readFounding(Reader &in, const identity::SignatureScheme &scheme);

/// How many decisions follow.
[[nodiscard]] std::uint64_t readDecisionCount(Reader &in);

/// One more decision, and the configuration that it makes of `now`. Everything in it is checked
/// before the next is read.
struct FollowedDecision {
    Decision decision;
    identity::Configuration after;
};
[[nodiscard]] std::expected<FollowedDecision, FileFault>
readDecision(Reader &in, const identity::Configuration &now,
             const identity::SignatureScheme &scheme);

/// As many decisions as a file may hold, and its size: 128 members decide with 15 KB at a time.
inline constexpr std::size_t kFileDecisionsMax = 100'000;
inline constexpr std::size_t kChainFileBytesMax = 64 * 1024 * 1024;

} // namespace nlbd::consensus
