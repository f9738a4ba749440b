#pragma once

#include "ui/clipboard/fragment.h"

#include <QMimeData>

namespace nlbd::ui {

/// What was copied or is dragged, in all forms that others may want: words, our own format, HTML
/// and Markdown. The last two are written when somebody asks for them.
class Clip : public QMimeData {
    Q_OBJECT

public:
    explicit Clip(Fragment fragment);
    [[nodiscard]] const Fragment &fragment() const { return m_fragment; }
    /// The same for other programs, where it is not: words in the places of objects.
    void tellOthers(Fragment fragment);

    [[nodiscard]] QStringList formats() const override;

protected:
    [[nodiscard]] QVariant retrieveData(const QString &mime, QMetaType type) const override;

private:
    Fragment m_fragment;
    std::optional<Fragment> m_told; ///< to others
};

/// How a clip is taken: with its looks or as words alone.
enum class PasteAs : std::uint8_t { ItLooks, Words };

/// A picture that no words come with: those are what is meant, if there are any.
[[nodiscard]] bool hasPicture(const QMimeData &source);

/// What somebody may paste of a source, the form that says most first; nothing if it has no words.
[[nodiscard]] bool hasWords(const QMimeData &source);
[[nodiscard]] Fragment fragmentFrom(const QMimeData &source, PasteAs how);

} // namespace nlbd::ui
