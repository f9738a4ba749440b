#pragma once

#include <QString>

/// The words for where a link leads. What others wrote into it comes as shownTarget() has it.
namespace nlbd::ui::words {

/// "Leads to https://...", and what the words pretend if it is another address. `said`: what is
/// linked.
[[nodiscard]] QString leadsTo(const QString &target, const QString &said);

/// The same with how to open it, for a tool tip and the status line.
[[nodiscard]] QString leadsToAndHow(const QString &target, const QString &said);

/// Why it is not opened.
[[nodiscard]] QString isNotOpened(const QString &target);

/// Why what was typed is no address.
[[nodiscard]] QString isNoAddress();

} // namespace nlbd::ui::words
