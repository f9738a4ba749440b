#pragma once

#include "core/api/decisions.h"
#include "core/identity/configuration.h"

#include <expected>

namespace nlbd::app {

[[nodiscard]] std::string nameOf(const identity::Configuration &configuration, MemberIndex member);

/// "Ann, Ben and Cleo"; nothing: nobody.
[[nodiscard]] std::string namesOf(const std::vector<MemberIndex> &members,
                                  const identity::Configuration &configuration);

/// What is asked for, in words that follow "to". Of a rule all that it changes, beside `before`:
/// whoever votes sees each number that would be another one.
[[nodiscard]] std::string wordsOf(const api::Wish &wish,
                                  const identity::Configuration &configuration,
                                  const identity::Policy &before);

/// How a device came to be none of the members' any more, by the newest of these decisions (the
/// newest first) that says so: "left" by its person's own word, "revoked" alone, or "removed".
[[nodiscard]] std::string_view wayOutOf(const std::vector<api::DecisionInfo> &made,
                                        MemberIndex member, DeviceIndex device);
/// Of these three words, a sentence to that person.
[[nodiscard]] std::string_view sentenceOfWayOut(std::string_view way);

/// What may be done about a proof against somebody of that name (PROTOCOL B 12, C21).
[[nodiscard]] std::string adviceOn(Code proof, const std::string &accused);

/// The rule in force, in a sentence.
[[nodiscard]] std::string sentenceOfRule(const identity::Policy &policy);

/// Why nobody new can be let in, and what can be done, where the rule in force says so.
[[nodiscard]] std::string whyNobodyNew();

/// The limits in force with "silent-days=7,key-days=0" put in; or what is wrong with that text.
[[nodiscard]] std::expected<api::Limits, std::string> readLimits(std::string_view text,
                                                                 const identity::Policy &now);

} // namespace nlbd::app
