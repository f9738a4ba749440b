#pragma once

#include <QString>

#include <optional>

class QUrl;

namespace nlbd::ui {

/// Where links lead. Others may have written anything into one: whatever is shown of it is shown as
/// shownTarget() has it, and only what mayOpen() lets through is given to the system.

inline constexpr qsizetype kTargetBytesMax = 2048; ///< of what is linked here

/// What somebody means by an address: "example.org" is a web page, "a@example.org" somebody's mail.
/// Nothing if it is none: blank, with blanks or controls inside, or longer than kTargetBytesMax.
[[nodiscard]] std::optional<QString> targetTyped(const QString &text);

/// An address in a line, as it was typed.
struct AddressFound {
    qsizetype from = 0;
    qsizetype to = 0;
    QString target;
};
/// The one that ends at `end`, but for the signs that end a sentence. Only what is meant as one:
/// with http://, https://, mailto:, nlbd: or www. in front, or somebody's mail.
[[nodiscard]] std::optional<AddressFound> addressBefore(QStringView line, qsizetype end);

/// In one line, with letters that are not seen or that turn text around as their numbers, as
/// addresses have it (RFC 3986, 2.1), and the middle left out where it is long. @complexity of what
/// is shown.
[[nodiscard]] QString shownTarget(const QString &target);

/// The host as the network knows it, where that differs from how it is written (RFC 3492); empty
/// otherwise.
[[nodiscard]] QString plainHost(const QString &target);

/// The address that these words look like, if that is another one than where they lead.
[[nodiscard]] std::optional<QString> pretended(const QString &words, const QString &target);

/// A page of the web, somebody's mail or one of this program's own links; nothing else is opened.
[[nodiscard]] std::optional<QUrl> mayOpen(const QString &target);

} // namespace nlbd::ui
