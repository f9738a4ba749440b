#pragma once

#include "core/history/change.h"
#include "core/identity/configuration.h"

namespace nlbd::history {

/// The rules of PROTOCOL C4, step 8, that follow from a change's header and those of its parents
/// alone. Validation and evidence share them, so that nobody is accused of what passes validation.

/// 1 + the highest; nothing if that is beyond any number: no change can follow such parents.
[[nodiscard]] std::optional<Lamport> lamportAfter(Lamport highest) noexcept;

/// What is wrong with the header by itself, in a sentence for people; nothing if it is sound. The
/// device must stand in the configuration, and the header's epoch must not be newer than it.
[[nodiscard]] std::optional<std::string_view>
faultInHeader(const ChangeHeader &header, const identity::Configuration &configuration);

/// Whether the device had the right to write in the epoch that the header names. What it wrote
/// before that right ended and others never saw is judged by void_rule, not here.
[[nodiscard]] std::optional<std::string_view> faultInRole(const ChangeHeader &header,
                                                          const identity::Device &device);

/// What validation and evidence know of a parent.
struct ParentFacts {
    DeviceIndex device;
    Seq seq;
    Epoch epoch;
};

/// Whether `prev` may stand before the change in its device's chain.
[[nodiscard]] std::optional<std::string_view> faultInPrev(const ChangeHeader &header,
                                                          const ParentFacts &prev);

/// Whether the change that bears a dep's hash is the one that the dep names.
[[nodiscard]] std::optional<std::string_view>
faultInDep(const ChangeHeader &header, const DepRef &named, const ParentFacts &dep);

} // namespace nlbd::history
