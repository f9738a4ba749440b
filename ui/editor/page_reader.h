#pragma once

namespace nlbd::ui {

/// From now on screen readers are answered by a reader of our own where they ask about a page.
///
/// Qt's own copies the whole text for a word of it and knows no formats, since the document of a
/// page holds plain text. This one looks at one block at a time and tells by text attributes what a
/// block is, how letters look, who wrote them and whether that is agreed (page_runs.h). What of
/// that Qt hands on depends on the platform: its AT-SPI bridge (6.4) knows font, weight, style and
/// underline, and drops what it does not know, which is why the same is said by keys as well
/// (ui/reader).
void usePageReader();

} // namespace nlbd::ui
