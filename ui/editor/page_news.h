#pragma once

#include "core/api/authors.h"
#include "core/api/event.h"
#include "ui/words_reader.h"

#include <QObject>

namespace nlbd::ui {

class DocumentView;
class WorkspaceBridge;

/// What others wrote on a page and took away since its person asked last. Where they wrote is
/// noted as it comes and moves with every edit; who it was, the engine is asked when its person
/// asks.
class PageNews : public QObject {
    Q_OBJECT

public:
    static constexpr std::size_t kPiecesMax = 256; ///< kept apart; beyond, near ones become one
    static constexpr int kQuestionsMax = 8;        ///< to the engine about one telling

    /// Both outlive it.
    PageNews(DocumentView &page, WorkspaceBridge &bridge, QObject *parent = nullptr);

    void setPeople(const words::People &people) { m_people = people; }
    [[nodiscard]] bool hasSome() const { return !m_pieces.empty() || m_removed > 0; }
    /// Answered by told(), and begins anew. While the answer is under way nothing more is asked.
    void tell();

Q_SIGNALS:
    void came(); ///< there is something to tell, or more of it
    void told(const QString &sentence);

private:
    struct Piece {
        qsizetype from = 0;
        qsizetype to = 0;
    };
    using Pieces = std::vector<Piece>; ///< in order and apart

    void patched(qsizetype at, const QString &removed, const QString &inserted,
                 api::PatchCause cause);
    void add(Piece piece);
    static void shift(Pieces &pieces, qsizetype at, qsizetype removed, qsizetype inserted);
    void forget();
    void ask();
    void taken(const api::AuthorsTold &event);
    void count(const Piece &part, std::optional<DeviceIndex> writer);
    void finish();

    /// What one person wrote, while it is counted.
    struct Count {
        std::optional<DeviceIndex> writer;
        qsizetype words = 0;
        qsizetype end = -1;  ///< of the last part
        bool isHere = false; ///< some of it in the paragraph of the caret
        bool isAbove = false;
        bool isBelow = false;
        QString text;
    };

    DocumentView &m_page;
    WorkspaceBridge &m_bridge;
    words::People m_people;
    Pieces m_pieces;         ///< since the last telling
    qsizetype m_removed = 0; ///< words
    Pieces m_asked;          ///< of the telling that is under way
    qsizetype m_askedRemoved = 0;
    std::vector<Count> m_counts;
    std::uint64_t m_request = 0; ///< 0: none is under way
    int m_questions = 0;
};

} // namespace nlbd::ui
