#include "ui/spelling/spelling.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/unit_edit.h"
#include "ui/parts.h"
#include "ui/settings.h"
#include "ui/spelling/word_list.h"

#include <QCoreApplication>
#include <QMenu>
#include <QPainterPath>
#include <QScrollBar>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kTypingMillis = 300;
constexpr int kScrollMillis = 60;
constexpr qsizetype kKnownMax = 50'000; // answers that are kept
constexpr qsizetype kAskedMax = 5'000;  // words in one question
constexpr qsizetype kUnitsMax = 60'000; // of the screen; a block may be far longer than it
constexpr qreal kWave = 2;

QString ownFile()
{
    return settings::fileBeside(QStringLiteral("words.txt"));
}

/// To the GUI's loop, if whoever asked is still there.
template <typename Use>
void answer(const QPointer<Spelling> &to, Use use)
{
    QMetaObject::invokeMethod(
        qApp,
        [to, use = std::move(use)] {
            if (to)
                use(*to);
        },
        Qt::QueuedConnection);
}

void paintWave(QPainter &painter, qreal left, qreal right, qreal y)
{
    QPainterPath path(QPointF(left, y));
    bool isUp = true;
    for (qreal x = left + kWave; x <= right; x += kWave, isUp = !isUp)
        path.lineTo(x, isUp ? y - kWave : y);
    painter.drawPath(path);
}

} // namespace

Spelling::Spelling(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
{
    m_thread.setMaxThreadCount(1);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Spelling::look);
    connect(page.document(), &QTextDocument::contentsChange, this, &Spelling::textChanged);
    connect(page.verticalScrollBar(), &QScrollBar::valueChanged, this,
            [this] { lookSoon(kScrollMillis); });
    connect(&page, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        if (!m_marks.empty())
            m_page.viewport()->update(); // the word that the caret has left
    });
    connect(&page, &DocumentView::opened, this, [this] {
        m_ignored.clear();
        m_search.reset();
        lookSoon(0);
    });
    connect(&page, &DocumentView::looksTouched, this, [this] { lookSoon(kTypingMillis); });
    connect(&page, &DocumentView::menuAsked, this, &Spelling::fillMenu);
    page.addLayer(*this);
    m_thread.start([self = QPointer(this)] {
        answer(self, [found = Dictionary::in(Dictionary::folders())](Spelling &spelling) {
            spelling.m_languages = found;
            Q_EMIT spelling.languagesFound();
        });
    });
}

Spelling::~Spelling()
{
    m_thread.clear();
    m_thread.waitForDone();
}

void Spelling::use(const QString &language)
{
    if (language == m_language)
        return;
    m_language = language;
    ++m_number;
    m_known.clear();
    m_asked.clear();
    m_marks.clear();
    m_lookedAt = {};
    m_search.reset();
    m_worker = std::make_shared<Worker>();
    m_page.viewport()->update();
    Q_EMIT changed();
    if (language.isEmpty())
        return;
    const auto open = [self = QPointer(this), number = m_number, worker = m_worker, language,
                       own = ownFile()] {
        const auto found = Dictionary::in(Dictionary::folders());
        const auto wanted = std::ranges::find(found, language, &Dictionary::Found::language);
        if (wanted != found.end())
            worker->dictionary = Dictionary::open(wanted->path);
        const bool isOpen = worker->dictionary != nullptr;
        answer(self, [number, isOpen, language, words = WordList::read(own)](Spelling &spelling) {
            if (spelling.m_number != number)
                return;
            spelling.m_own.unite(words);
            if (isOpen)
                spelling.lookSoon(0);
            else
                Q_EMIT spelling.unusable(language);
        });
    };
    m_thread.start(open);
}

// ---- What is on the screen -------------------------------------------------------------------

void Spelling::lookSoon(int millis)
{
    if (m_language.isEmpty() || (m_timer.isActive() && m_timer.remainingTime() <= millis))
        return;
    m_timer.start(millis);
}

/// Marks move with the text; those that an edit touches go until the word is looked at again.
void Spelling::textChanged(int at, int removed, int added)
{
    if (m_language.isEmpty())
        return;
    const qsizetype end = at + removed;
    std::erase_if(m_marks, [&](const Mark &mark) { return mark.from <= end && mark.to >= at; });
    for (Mark &mark : m_marks) {
        if (mark.from < end)
            continue;
        mark.from += added - removed;
        mark.to += added - removed;
    }
    if (m_search) {
        m_search->at = placeAfter(m_search->at, at, removed, added, Stick::Left);
        m_search->caret = placeAfter(m_search->caret, at, removed, added, Stick::Left);
    }
    lookSoon(kTypingMillis); // also where somebody types all the time
}

void Spelling::look()
{
    if (m_language.isEmpty())
        return;
    m_lookedAt = m_seen;
    m_marks.clear();
    QSet<QString> asked;
    lookAt(m_seen.first, std::min(m_seen.second, m_seen.first + kUnitsMax), m_marks, asked);
    ask(asked);
    m_page.viewport()->update();
    Q_EMIT changed();
}

void Spelling::lookAt(qsizetype from, qsizetype to, std::vector<Mark> &marks,
                      QSet<QString> &asked) const
{
    const auto *layout = qobject_cast<PageLayout *>(m_page.document()->documentLayout());
    QTextBlock block = m_page.document()->findBlock(static_cast<int>(from));
    for (; block.isValid() && block.position() < to; block = block.next()) {
        if (layout->styleOf(block).kind == BlockStyle::Kind::Code)
            continue;
        const qsizetype start = block.position();
        const QString line =
            m_page.textBetween(start, std::min<qsizetype>(start + block.length() - 1, to));
        for (const auto &[first, end] : wordsOf(line)) {
            const QString word = line.mid(first, end - first);
            if (m_own.contains(word) || m_ignored.contains(word)
                || isLeftOut(start + first, start + end))
                continue;
            const auto known = m_known.constFind(word);
            if (known == m_known.constEnd())
                asked.insert(word);
            else if (!*known)
                marks.push_back({start + first, start + end, word});
        }
    }
}

bool Spelling::isLeftOut(qsizetype from, qsizetype to) const
{
    return std::ranges::any_of(m_page.looks().runs(from, to), [](const PageLooks::Run &run) {
        return run.attributes->contains(kCode) || run.attributes->contains(kLink)
            || run.attributes->contains("embed") || run.attributes->contains("mention");
    });
}

void Spelling::ask(const QSet<QString> &words)
{
    QStringList fresh;
    for (const QString &word : words)
        if (!m_asked.contains(word) && fresh.size() < kAskedMax)
            fresh.append(word);
    if (fresh.isEmpty())
        return;
    for (const QString &word : std::as_const(fresh))
        m_asked.insert(word);
    m_thread.start([self = QPointer(this), number = m_number, worker = m_worker, fresh] {
        QHash<QString, bool> answers;
        for (const QString &word : fresh)
            if (worker->dictionary)
                answers.insert(word, worker->dictionary->knows(word));
        answer(self, [number, answers](Spelling &spelling) { spelling.take(number, answers); });
    });
}

void Spelling::take(std::uint64_t number, const QHash<QString, bool> &answers)
{
    if (number != m_number)
        return;
    if (m_known.size() > kKnownMax)
        m_known.clear();
    for (auto it = answers.begin(); it != answers.end(); ++it) {
        m_known.insert(it.key(), it.value());
        m_asked.remove(it.key());
    }
    if (!m_timer.isActive()) // else the marks are of a text that has changed
        look();
    searchOn();
}

void Spelling::paintOver(QPainter &painter, const PagePainter &page) const
{
    m_seen = page.shownRange();
    if (m_language.isEmpty())
        return;
    if (m_seen != m_lookedAt) // it was scrolled, or lines came and went
        QMetaObject::invokeMethod(
            const_cast<Spelling *>(this),
            [self = const_cast<Spelling *>(this)] { self->lookSoon(kTypingMillis); },
            Qt::QueuedConnection);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().refused, 1.2));
    painter.setBrush(Qt::NoBrush);
    const qsizetype caret = m_page.hasFocus() ? m_page.textCursor().position() : -1;
    for (const Mark &mark : m_marks) {
        if (mark.from <= caret && caret <= mark.to)
            continue;
        page.eachPart(mark.from, mark.to, [&painter](const PagePainter::Part &part) {
            paintWave(painter, part.rect.left(), part.rect.right(), part.baseline + 4.5);
        });
    }
    painter.restore();
}

// ---- What is done about it -------------------------------------------------------------------

void Spelling::addToDictionary(const QString &word)
{
    if (m_own.size() >= WordList::kWordsMax)
        return;
    m_own.insert(word);
    look();
    m_thread.start([word, path = ownFile()] {
        QSet<QString> words = WordList::read(path); // what another window has added stays
        words.insert(word);
        WordList::write(path, words);
    });
}

void Spelling::ignore(const QString &word)
{
    m_ignored.insert(word);
    look();
}

void Spelling::fillMenu(QMenu &menu, qsizetype place)
{
    const auto found = std::ranges::find_if(
        m_marks, [place](const Mark &mark) { return mark.from <= place && place <= mark.to; });
    if (found == m_marks.end())
        return;
    const Mark mark = *found;
    QAction *waiting = menu.addAction(tr("Looking for words\u2026"));
    waiting->setObjectName(QStringLiteral("suggestions"));
    waiting->setEnabled(false);
    connect(menu.addAction(tr("Add \u201C%1\u201D to my words").arg(onButton(mark.word))),
            &QAction::triggered, this, [this, mark] { addToDictionary(mark.word); });
    connect(menu.addAction(tr("Ignore it here")), &QAction::triggered, this,
            [this, mark] { ignore(mark.word); });
    m_thread.start([self = QPointer(this), number = m_number, worker = m_worker, mark,
                    shown = QPointer(&menu)] {
        const QStringList words =
            worker->dictionary ? worker->dictionary->suggestions(mark.word) : QStringList();
        answer(self, [number, mark, words, shown](Spelling &spelling) {
            if (spelling.m_number == number)
                spelling.showSuggestions(shown, mark, words);
        });
    });
}

void Spelling::showSuggestions(const QPointer<QMenu> &menu, const Mark &mark,
                               const QStringList &words)
{
    auto *waiting = menu ? menu->findChild<QAction *>(QStringLiteral("suggestions")) : nullptr;
    if (waiting == nullptr)
        return;
    if (words.isEmpty()) {
        waiting->setText(tr("No word comes near"));
        return;
    }
    for (const QString &word : words) {
        auto *action = new QAction(onButton(word), menu);
        connect(action, &QAction::triggered, this, [this, mark, word] { replace(mark, word); });
        menu->insertAction(waiting, action);
    }
    menu->removeAction(waiting);
    delete waiting;
}

/// Others may have written meanwhile: only what still stands there is replaced.
void Spelling::replace(const Mark &mark, const QString &word)
{
    const auto now = std::ranges::find_if(m_marks, [&mark](const Mark &other) {
        return other.word == mark.word && std::abs(other.from - mark.from) < 1000;
    });
    const qsizetype from = now == m_marks.end() ? mark.from : now->from;
    if (m_page.textBetween(from, from + mark.word.size()) == mark.word)
        m_page.replaceAll({{from, mark.word.size(), word}});
}

} // namespace nlbd::ui
