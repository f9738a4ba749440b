#pragma once

#include "core/base/random.h"
#include "core/engine/boot_mark.h"
#include "core/store/store.h"

namespace nlbd::engine {

/// What is written into a copy of a workspace's folder so that it is known as a copy wherever it is
/// put back (PROTOCOL C13), also on the computer that it was made on and before that was started
/// again, where both places still tell of the same start: the row that says so of the key that
/// signs there, and a boot mark that no second place ever held. `meta` are the named values of the
/// copy, `first` the key of the profile, which signs where no other is named.
[[nodiscard]] std::vector<store::MetaRow> stampOfCopy(const std::vector<store::MetaRow> &meta,
                                                      const PublicKey &first, Random &random);

} // namespace nlbd::engine
