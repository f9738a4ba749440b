#pragma once

#include "ui/editor/page_layer.h"
#include "ui/spelling/dictionary.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <optional>

class QMenu;

namespace nlbd::ui {

class DocumentView;

/// Marks words on the page that the dictionary does not know, with a wavy line under them that is
/// painted and no part of the text. Only what is on the screen is looked at, after a pause, on a
/// thread of its own; each word is asked about once. Not the word at the caret, and nothing in
/// code, links and addresses.
class Spelling : public QObject, private PageLayer {
    Q_OBJECT

public:
    explicit Spelling(DocumentView &page, QObject *parent = nullptr);
    ~Spelling() override;

    /// Empty ends it. Opened on the other thread; `unusable` follows if that fails.
    void use(const QString &language);
    [[nodiscard]] QString language() const { return m_language; }
    /// Those that there are dictionaries for, as far as the other thread has looked.
    [[nodiscard]] const std::vector<Dictionary::Found> &languages() const { return m_languages; }

    struct Mark {
        qsizetype from = 0;
        qsizetype to = 0;
        QString word;
    };
    /// Of what is on the screen, the one at the caret as well.
    [[nodiscard]] const std::vector<Mark> &marks() const { return m_marks; }
    /// Selects the next word from the caret on that is not known, wherever it is, else `told`.
    /// Words that nobody looked at yet are asked about, a few pages at a time.
    void goToNext();

    void addToDictionary(const QString &word);
    void ignore(const QString &word);

Q_SIGNALS:
    void changed();
    void languagesFound();
    void unusable(const QString &language);
    void told(const QString &sentence);

private:
    /// What lives on the other thread, one task after the other.
    struct Worker {
        std::unique_ptr<Dictionary> dictionary;
    };
    void paintOver(QPainter &painter, const PagePainter &page) const override;
    void textChanged(int at, int removed, int added);
    void lookSoon(int millis);
    void look();
    void lookAt(qsizetype from, qsizetype to, std::vector<Mark> &marks, QSet<QString> &asked) const;
    void searchOn();
    void searchBlocks(QSet<QString> &asked);
    void select(const Mark &mark);
    void ask(const QSet<QString> &words);
    void take(std::uint64_t number, const QHash<QString, bool> &answers);
    void fillMenu(QMenu &menu, qsizetype place);
    void showSuggestions(const QPointer<QMenu> &menu, const Mark &mark, const QStringList &words);
    void replace(const Mark &mark, const QString &word);
    [[nodiscard]] bool isLeftOut(qsizetype from, qsizetype to) const;

    DocumentView &m_page;
    QString m_language;
    std::vector<Dictionary::Found> m_languages;
    std::shared_ptr<Worker> m_worker;
    std::uint64_t m_number = 0; ///< of the language in use: answers of another are not taken
    QHash<QString, bool> m_known;
    QSet<QString> m_own;     ///< added by this person
    QSet<QString> m_ignored; ///< in this window
    QSet<QString> m_asked;   ///< under way
    std::vector<Mark> m_marks;
    mutable std::pair<qsizetype, qsizetype> m_seen; ///< on the screen when it was painted last
    std::pair<qsizetype, qsizetype> m_lookedAt;
    /// For the next word, while it is under way.
    struct Search {
        qsizetype caret = 0;
        qsizetype at = 0; ///< where blocks begin that were not looked at
        bool hasWrapped = false;
    };
    std::optional<Search> m_search;
    QTimer m_timer;
    QThreadPool m_thread;
};

} // namespace nlbd::ui
