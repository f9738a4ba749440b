#pragma once

#include "core/consensus/epoch_change.h"
#include "core/consensus/ground.h"
#include "core/consensus/value.h"

namespace nlbd::consensus {

/// Whether a value is "valid for me" (PROTOCOL C8).
struct Judgement {
    enum class Verdict : std::uint8_t {
        Valid,
        Unknown, ///< something is missing; ask again when it came. Never becomes a "no" by waiting
        Invalid, ///< for ever, whatever may come
    } verdict = Verdict::Valid;
    Code code = Code::BUFFERED; ///< why not
    std::string_view why;       ///< in a sentence for logs and for people

    std::vector<Hash> missingProposals; ///< not held: ask whoever proposes the value
    std::vector<Hash> waitingProposals; ///< held, answers are missing
    std::vector<Hash> missingCloses;
    std::optional<Hash> missingOffer;
};

/// Pure: depends on the value and on what the view shows. Within an epoch a valid value stays valid
/// for whoever asks with Answers::EverGiven, which is right once a polka for it is held.
[[nodiscard]] Judgement judge(const Value &value, const EpochView &view,
                              ProposalBook::Answers answers);

} // namespace nlbd::consensus
