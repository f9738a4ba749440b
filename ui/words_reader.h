#pragma once

#include "core/base/attributes.h"
#include "ui/editor/block_style.h"
#include "ui/words.h"

/// The words for what others see at a glance: a screen reader says them.
namespace nlbd::ui::words {

/// "Heading level 2", "List item, level 3", "Task, done". `number`: of a numbered item, if known.
[[nodiscard]] QString block(const BlockStyle &style, int number = 0);

/// "in pencil", "agreed".
[[nodiscard]] QString agreement(api::Agreement state);

/// "Bold, italic, a link to nlbd.dev"; empty for plain letters.
[[nodiscard]] QString formats(const Attributes &marks);

/// Where the caret is: "Heading level 2. Bold. Thea Kallas, 14 Nov 18:02, in pencil: 2 of 4 have
/// it. Sofia and Nikos are in this paragraph". `wrote`: of the letter there, or empty.
struct Place {
    QString block;
    QString formats;
    QString wrote;
    QStringList here; ///< names of those whose carets are in the paragraph
};
[[nodiscard]] QString whereIAm(const Place &place);

/// What others did, since their person asked last.
struct News {
    enum class Where : std::uint8_t { Here, Above, Below, Several };
    struct Share {
        QString name; ///< empty: not known who
        qsizetype words = 0;
        Where where = Where::Here; ///< seen from the caret
        QString text;              ///< if it is short
    };
    std::vector<Share> shares;
    qsizetype removed = 0; ///< words
};
/// "Thea Kallas wrote 12 words in this paragraph. 3 words were taken away".
[[nodiscard]] QString news(const News &news);

} // namespace nlbd::ui::words
