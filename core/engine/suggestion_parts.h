#pragma once

#include "core/api/suggestions.h"

#include <string_view>

/// What a suggestion is told to consist of, put in order.
namespace nlbd::engine {

/// In order; what touches or overlaps is one, for each kind and format. At most kPartsMax.
void joinParts(std::vector<api::Suggestion::Part> &parts);

/// More words of a suggestion, cut after kWordsBytesMax.
void appendWords(std::string &words, std::string_view more);

/// The place of a format among those of a suggestion; nothing if there are too many.
[[nodiscard]] std::optional<std::uint16_t>
formatPlace(api::Suggestion::Format format, std::vector<api::Suggestion::Format> &formats);

/// Values as views need them: cut after kWordsBytesMax.
void cutFormats(std::vector<api::Suggestion::Format> &formats);

} // namespace nlbd::engine
