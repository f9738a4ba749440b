#pragma once

#include "ui/clipboard/fragment.h"

namespace nlbd::ui {

/// What of Markdown (CommonMark with GitHub's tables, tasks and strikethrough, read by md4c) a page
/// can hold. Elements of HTML in it stay words. Nothing if md4c gives up. @complexity linear.
[[nodiscard]] std::optional<Fragment> fromMarkdown(const QString &markdown);

} // namespace nlbd::ui
