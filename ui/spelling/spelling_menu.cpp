#include "ui/spelling/spelling_menu.h"

#include "ui/editor/document_view.h"
#include "ui/parts.h"
#include "ui/settings.h"

#include <QActionGroup>
#include <QCryptographicHash>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui {

namespace {

const QString kKeyOfAll = QStringLiteral("spelling/language");
const QString kNone = QStringLiteral("none");

/// "English (United States)" for en_US; what is not known stays as it is.
QString nameOf(const QString &language)
{
    const QLocale locale(language);
    if (locale.language() == QLocale::C)
        return language;
    const QString name = QLocale::languageToString(locale.language());
    return language.contains(u'_')
        ? QStringLiteral("%1 (%2)").arg(name, QLocale::territoryToString(locale.territory()))
        : name;
}

} // namespace

SpellingMenu::SpellingMenu(Spelling &spelling, DocumentView &page, const QString &workspace,
                           QWidget *parent)
    : QMenu(tr("Spelling"), parent)
    , m_spelling(spelling)
    , m_page(page)
    , m_workspace(workspace)
{
    connect(this, &QMenu::aboutToShow, this, &SpellingMenu::fill);
    connect(&page, &DocumentView::opened, this, &SpellingMenu::useRemembered);
    connect(&spelling, &Spelling::languagesFound, this, [this] {
        if (m_spelling.language().isEmpty())
            useRemembered();
    });
    connect(&spelling, &Spelling::unusable, this, [this](const QString &language) {
        Q_EMIT told(tr("<b>The dictionary %1 cannot be used.</b> It is not there or damaged. Your "
                       "text is not touched.")
                        .arg(language.toHtmlEscaped()));
    });
}

/// Of this document in this workspace; of no use to anybody else.
QString SpellingMenu::keyOfDocument() const
{
    const auto doc = m_page.shownDocument();
    const QByteArray name =
        QCryptographicHash::hash(m_workspace.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    return QStringLiteral("spelling/%1/%2")
        .arg(QString::fromLatin1(name))
        .arg(doc ? doc->value : 0);
}

/// What was chosen for this document, else for all, else the language of the system if there is a
/// dictionary.
void SpellingMenu::useRemembered()
{
    if (!Dictionary::canBeRead())
        return;
    const QString own = QLocale::system().name();
    const auto &found = m_spelling.languages();
    const bool isKnown = std::ranges::find(found, own, &Dictionary::Found::language) != found.end();
    const QString all = settings::value(kKeyOfAll, isKnown ? own : kNone).toString();
    const QString mine = settings::value(keyOfDocument(), all).toString();
    m_spelling.use(mine == kNone ? QString() : mine);
}

void SpellingMenu::fill()
{
    clear();
    if (!Dictionary::canBeRead()) {
        addAction(tr("This program was built without Hunspell"))->setEnabled(false);
        return;
    }
    if (m_spelling.languages().empty()) {
        addAction(tr("No dictionaries found. Install hunspell-en-us or another"))
            ->setEnabled(false);
        return;
    }
    addChoices(*this, kKeyOfAll, true);
    QMenu *mine = addMenu(tr("Only in this document"));
    mine->setEnabled(m_page.isOpen());
    addChoices(*mine, keyOfDocument(), false);
}

void SpellingMenu::addChoices(QMenu &menu, const QString &key, bool isOfAll)
{
    auto *group = new QActionGroup(&menu);
    const QString chosen = settings::value(key).toString();
    const auto add = [&](const QString &text, const QString &value) {
        QAction *action = menu.addAction(onButton(text));
        action->setCheckable(true);
        group->addAction(action);
        const QString now = m_spelling.language();
        action->setChecked(
            value == chosen
            || (chosen.isEmpty() && isOfAll && value == (now.isEmpty() ? kNone : now)));
        connect(action, &QAction::triggered, this, [this, key, value] {
            settings::keep(key, value);
            m_spelling.use(value == kNone ? QString() : value);
        });
    };
    add(tr("Do not look"), kNone);
    for (const Dictionary::Found &each : m_spelling.languages())
        add(nameOf(each.language), each.language);
}

} // namespace nlbd::ui
