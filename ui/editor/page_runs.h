#pragma once

#include "core/api/agreement.h"
#include "ui/editor/block_style.h"
#include "ui/editor/page_authors.h"

#include <QString>

#include <optional>

namespace nlbd::ui {

class DocumentView;

/// What holds for the letters around one place of a page, besides which letters they are: what its
/// block is, their formats, who wrote them and whether that is agreed.
struct PageRun {
    qsizetype from = 0;
    qsizetype to = 0; ///< [from, to) in units of the text; all of it in one block
    BlockStyle block;
    Attributes marks;
    std::optional<PageAuthors::Span> writer; ///< as far as the page knows it
    std::optional<api::Agreement> state;     ///< nothing: there is nobody else to agree

    /// No run is longer, however far the same holds: asking about one place never costs more than
    /// looking at so many units.
    static constexpr qsizetype kUnitsMax = 2048;
};

/// The run at a place. At the end of the text an empty one.
/// @complexity logarithmic in the text, linear in the formats within kUnitsMax
[[nodiscard]] PageRun runAt(const DocumentView &page, qsizetype place);

/// The run as text attributes of IAccessible2 ("name:value;name:value"). Names and values hold no
/// sign that divides them, and no value is empty: Qt 6.4 takes both for granted of its own.
[[nodiscard]] QString textAttributes(const PageRun &run, const QString &writer);

} // namespace nlbd::ui
