// The half of the view that others than the keyboard change: links, objects, choices of menus.

#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"

#include <QScopedValueRollback>
#include <QScopeGuard>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr std::size_t kBlocksMax = 5000; ///< that are changed in one step

} // namespace

bool DocumentView::change(const PageChange &change)
{
    const bool isTooLong = change.text && change.text->size() > kPasteBytesMax / 3;
    if (isReadOnly() || !isOpen() || isComposing() || m_isApplying || isTooLong)
        return false;
    const qsizetype from = std::clamp<qsizetype>(change.from, 0, m_text.units());
    const qsizetype to = std::clamp<qsizetype>(change.to, from, m_text.units());
    const qsizetype end = change.text ? from + change.text->size() : to;
    const BlockStyle before = blockStyleOf(m_looks.blockAt(endOfBlock(from)));
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests && !change.text);
    const auto style = [&](Stylings &stylings) {
        put(from + change.plainHead, end - change.plainTail, change.letters, stylings);
        const bool isBroken = change.text && change.text->contains(u'\n');
        const auto keep = [](bool isWanted, const BlockStyle &usual) {
            return isWanted ? std::optional(usual) : std::nullopt;
        };
        auto wanted = change.first ? change.first : keep(isBroken, before);
        for (qsizetype at = from; at <= end && stylings.size() < kBlocksMax;) {
            const qsizetype ending = endOfBlock(at);
            if (wanted)
                putBlock(ending, *wanted, stylings);
            at = ending + 1;
            wanted = change.rest ? change.rest : keep(isBroken, {});
        }
    };
    endGroup();
    Stylings rest;
    if (change.text) {
        // What comes and how it looks are one edit: said when the text has changed.
        bool isSaid = false;
        const auto said = connect(this, &DocumentView::pasted, this,
                                  [&](qsizetype, const QString &, Stylings &stylings) {
                                      style(stylings);
                                      isSaid = true;
                                  });
        const auto forget = qScopeGuard([&] { disconnect(said); });
        QTextCursor cursor(document());
        cursor.setPosition(static_cast<int>(from));
        cursor.setPosition(static_cast<int>(to), QTextCursor::KeepAnchor);
        m_cause = api::EditText::Cause::Paste;
        cursor.insertText(shownAs(*change.text));
        m_cause = api::EditText::Cause::Typing;
        setTextCursor(cursor);
        ensureCursorVisible();
        if (!isSaid)
            style(rest);
    } else {
        style(rest);
    }
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(rest));
    m_cause = api::EditText::Cause::Typing;
    return true;
}

} // namespace nlbd::ui
