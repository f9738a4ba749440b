#pragma once

#include "ui/editor/page_authors.h"
#include "ui/words.h"

/// The words for who wrote what and who has it.
namespace nlbd::ui::words {

/// "14 Nov 18:02"; of another year with that.
[[nodiscard]] QString moment(WallTime time, const QDateTime &now);

/// How it stands, as the end of a sentence: "agreed by 4 of 4", "in pencil: 2 of 4 have it". Empty
/// for one alone, with whom there is nobody to agree.
[[nodiscard]] QString standing(api::Agreement state, std::uint16_t signedBy, std::uint16_t seats);

/// "Thea Kallas, 14 Nov 18:02, agreed by 4 of 4". `name`: of the writer.
[[nodiscard]] QString wrote(const PageAuthors::Span &span, const QString &name, std::uint16_t seats,
                            const QDateTime &now);

/// The same for all who wrote a word, one sentence each; up to three of them.
[[nodiscard]] QString wroteAll(const std::vector<PageAuthors::Span> &spans, const People &people,
                               std::uint16_t seats, const QDateTime &now);

/// What was asked about: "these 6 words", "this letter". Words as the status line counts them.
struct Counted {
    qsizetype words = 0;
    qsizetype letters = 0;
};
[[nodiscard]] Counted counted(QStringView text);

struct WhoHas {
    QString have; ///< "Thea Kallas and Nikos Petrou have these 6 words"
    QString lack; ///< "Sofia Orfanou does not have them yet"; empty if all have them
};
[[nodiscard]] WhoHas whoHas(const WhoHasAnswer &answer, const Counted &what, const People &people);

} // namespace nlbd::ui::words
