#pragma once

#include "core/base/codec.h"
#include "core/identity/configuration.h"

namespace nlbd::consensus {

void writePolicy(Writer &out, const identity::Policy &policy);
/// Fails the reader for a text beyond kPolicyTextBytesMax or a flag that is neither 0 nor 1.
[[nodiscard]] identity::Policy readPolicy(Reader &in);

/// A flag is 0 or 1, anything else fails.
[[nodiscard]] bool readFlag(Reader &in);
/// Fails for a number that is no role.
[[nodiscard]] identity::Role readRole(Reader &in);

void writeHeads(Writer &out, const identity::ChainHeads &heads);
/// Ascending and distinct, from seq 1, or the reader fails.
[[nodiscard]] identity::ChainHeads readHeads(Reader &in);

} // namespace nlbd::consensus
