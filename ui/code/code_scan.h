#pragma once

#include "ui/code/code_language.h"

#include <QStringView>

#include <vector>

namespace nlbd::ui {

/// What a line of code leaves open for the next: 0 is nothing, else a frame of its language and how
/// deep it is nested, or a tag.
using CodeState = std::uint16_t;

struct CodeToken {
    qsizetype from = 0;
    qsizetype to = 0;
    CodeKind kind = CodeKind::Plain;
    friend bool operator==(const CodeToken &, const CodeToken &) = default;
};

inline constexpr qsizetype kCodeUnitsMax = 10'000; ///< of a line; what is behind has no colours

/// Reads one line: what its letters are, in order and apart, plain ones left out, and what it
/// leaves open. Each line can be read alone if one knows what the line before it leaves open, so
/// that an edit costs its own line and those below it for which that differs. @complexity linear,
/// and of kCodeUnitsMax units at most.
CodeState scanCode(const CodeLanguage &language, QStringView line, CodeState before,
                   std::vector<CodeToken> *tokens = nullptr);

} // namespace nlbd::ui
