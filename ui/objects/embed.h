#pragma once

#include "core/base/attributes.h"
#include "core/base/ids.h"

#include <QSize>
#include <QString>

#include <optional>

class QTextCharFormat;
class QTextFormat;

namespace nlbd::ui {

/// What a letter that stands for an object (U+FFFC) stands for, as its attribute "embed" says:
/// "member:7" is the eighth in the decided list of members, "image:<hash>:640x480" a picture that
/// is attached to the document, with its size in pixels. Anybody may have written anything there:
/// what is unknown is told to be so.
struct Embed {
    enum class Kind : std::uint8_t { Member, Picture, Unknown } kind = Kind::Unknown;
    std::uint16_t member = 0;
    Hash blob = {};  ///< of a picture: names the attachment
    QSize size = {}; ///< of a picture, as its author says: 1 to kSideMax

    static constexpr int kSideMax = 30'000;
    friend bool operator==(const Embed &, const Embed &) = default;
};

inline constexpr const char *kEmbed = "embed";
inline constexpr char16_t kObjectLetter = u'\uFFFC';

/// Nothing if it stands for none.
[[nodiscard]] std::optional<Embed> embedOf(const Attributes &attributes);
[[nodiscard]] std::string valueOf(const Embed &embed);

/// How an object goes into the format of its letter, for the layout, and out of it again.
void putEmbed(QTextCharFormat &format, const Embed &embed);
[[nodiscard]] Embed embedOf(const QTextFormat &format);
/// The type of these formats, for QAbstractTextDocumentLayout::registerHandler().
[[nodiscard]] int objectType();

/// A name that others chose, in one short line: no controls, nothing that turns text around.
[[nodiscard]] QString quietName(const QString &name);

} // namespace nlbd::ui
