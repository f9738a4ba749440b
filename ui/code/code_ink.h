#pragma once

#include "ui/code/code_scan.h"

#include <QObject>
#include <QPointer>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextLayout>
#include <QTimer>

#include <optional>

namespace nlbd::ui {

class DocumentView;
class PageLayout;
struct Theme;

/// Colours for the code on a page. What each line leaves open is kept with its block, and found out
/// when somebody looks at a line below it; an edit reads its own lines again and those below for
/// which that differs, some hundred at a time. Where nobody looks, nothing is read.
class CodeInk : public QObject {
    Q_OBJECT

public:
    explicit CodeInk(DocumentView &page, QObject *parent = nullptr);
    ~CodeInk() override;

    /// What the letters of a block are; none if it is no code.
    [[nodiscard]] std::vector<CodeToken> tokensOf(const QTextBlock &block) const;
    /// The colour of a kind, on the field of code.
    [[nodiscard]] static QColor colourOf(CodeKind kind, const Theme &theme);

private:
    [[nodiscard]] const CodeLanguage *languageOf(const QTextBlock &block) const;
    [[nodiscard]] CodeState before(const QTextBlock &block) const;
    [[nodiscard]] CodeState after(const QTextBlock &block) const;
    [[nodiscard]] std::optional<CodeState> known(const QTextBlock &block) const;
    void keep(QTextBlock block, CodeState state) const;
    void changed(int from, int added);
    void restyled(qsizetype from, qsizetype to);
    void readAgain(QTextBlock block, int last, bool carries);
    void waitAlsoFor(const QTextCursor &from, const QTextCursor &to);
    void ink(const QTextBlock &block, QList<QTextLayout::FormatRange> &formats) const;

    DocumentView &m_page;
    PageLayout &m_layout;
    QPointer<QObject> m_alive; ///< the layout goes with its page, which may be before this
    int m_epoch = 0;           ///< what was kept in another is not known any more
    QTextCursor m_rest;        ///< the block from which it is read again, a little later
    QTextCursor m_restTo;      ///< and to where at least
    QTimer m_timer;
    bool m_isReading = false;
};

} // namespace nlbd::ui
