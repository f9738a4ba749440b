#pragma once

#include "ui/clipboard/fragment.h"

namespace nlbd::ui {

/// What of HTML a page can hold: words, formats, links, headings, lists, tasks, quotes, code,
/// lines; a row of a table is a line with tabs. Nothing is loaded, nothing is run, what is not
/// known is passed over, tags that lack or nest wrongly do no harm. Blanks are folded as browsers
/// do, no-break ones stay.
///
/// A tokenizer of a few states over the subset of the HTML standard (section 13.2.5) that
/// clipboards hold, and a stack of at most kDepthMax elements: what is nested deeper looks like
/// what it is nested in. @complexity linear in time; memory by the size of the result.
inline constexpr std::size_t kHtmlDepthMax = 100;
[[nodiscard]] Fragment fromHtml(QStringView html);

} // namespace nlbd::ui
