#pragma once

#include "ui/words.h"

/// What is said of suggestions, in plain text.
namespace nlbd::ui::words {

/// "Thea suggests a change"; of words kept: "Thea edited a paragraph you removed".
[[nodiscard]] QString suggestionHead(const api::Suggestion &suggestion, const People &people);
/// "bold, Heading level 2": how its words should look. Empty if it is not about that.
[[nodiscard]] QString suggestedFormats(const api::Suggestion &suggestion);
/// The head with the words and how much is agreed, for the status line and for readers.
[[nodiscard]] QString suggestionSentence(const api::Suggestion &suggestion, const People &people);
/// Words of a suggestion in one line, cut.
[[nodiscard]] QString suggestedWords(const std::string &words);
/// Two decided at once, and not the same.
[[nodiscard]] QString contested(const api::SuggestionContested &event, const People &people);
[[nodiscard]] QString suggesterName(const People &people, MemberIndex member);

} // namespace nlbd::ui::words
