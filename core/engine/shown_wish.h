#pragma once

#include "core/api/decisions.h"
#include "core/consensus/proposal.h"

namespace nlbd::engine {

[[nodiscard]] api::Limits limitsOf(const identity::Policy &policy);

/// What a proposal asks for, as people are shown it. Rows are those of `configuration`.
[[nodiscard]] api::Wish shown(const consensus::Proposal &proposal,
                              const identity::Configuration &configuration);

} // namespace nlbd::engine
