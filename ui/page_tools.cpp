#include "ui/page_tools.h"

#include "ui/background.h"
#include "ui/editor/document_view.h"
#include "ui/editor/focus_mode.h"
#include "ui/editor/page_suggestions.h"
#include "ui/editor/page_zoom.h"
#include "ui/find/find_bar.h"
#include "ui/motion.h"
#include "ui/objects/page_objects.h"
#include "ui/outline/outline_panel.h"
#include "ui/pictures/picture_gathering.h"
#include "ui/print/page_print.h"
#include "ui/spelling/spelling_menu.h"

#include <QAction>
#include <QBoxLayout>
#include <QFileDialog>
#include <QMenu>
#include <QPrintDialog>
#include <QPrinter>

namespace nlbd::ui {

PageTools::PageTools(Place place)
    : QObject(&place.window)
    , m_place(std::move(place))
    , m_page(m_place.page)
{
    makeFind();
    m_place.menu.addSeparator();
    makeOutline();
    makeFocus();
    makeZoom();
    makeMotion();
    m_place.menu.addSeparator();
    makeSpelling();
    m_place.menu.addSeparator();
    makePrinting();
}

QAction *PageTools::add(const QString &text, const QKeySequence &keys)
{
    auto *action = new QAction(text, &m_place.window);
    action->setShortcut(keys);
    m_place.window.addAction(action);
    m_place.menu.addAction(action);
    return action;
}

void PageTools::makeFind()
{
    m_find = new FindBar(m_page);
    m_place.column.insertWidget(0, m_find);
    connect(add(tr("Find\u2026"), tr("Ctrl+F")), &QAction::triggered, this,
            [this] { m_find->open(FindBar::Part::Find); });
    connect(add(tr("Find and replace\u2026"), tr("Ctrl+H")), &QAction::triggered, this,
            [this] { m_find->open(FindBar::Part::Replace); });
    connect(add(tr("The next place"), tr("F3")), &QAction::triggered, this,
            [this] { m_find->step(1); });
    connect(add(tr("The place before"), tr("Shift+F3")), &QAction::triggered, this,
            [this] { m_find->step(-1); });
}

void PageTools::makeOutline()
{
    m_outline = new OutlinePanel(m_page);
    m_place.row.insertWidget(0, m_outline);
    m_outline->hide();
    QAction *action = add(tr("Show or hide the outline"), tr("Ctrl+Shift+O"));
    connect(action, &QAction::triggered, this, [this] {
        m_outline->setVisible(m_outline->isHidden());
        if (m_outline->isHidden())
            m_page.setFocus();
        else
            m_outline->setFocus();
    });
}

void PageTools::makeFocus()
{
    m_focus = new FocusMode(m_page, this);
    QAction *action = add(tr("Focus on the paragraph"), tr("F11"));
    action->setCheckable(true);
    connect(action, &QAction::toggled, m_focus, &FocusMode::set);
    connect(m_focus, &FocusMode::changed, this, [this, action](bool isOn) {
        action->setChecked(isOn);
        if (isOn)
            m_outline->hide();
        m_place.showAlone(isOn);
        m_page.setFocus();
    });
}

void PageTools::makeZoom()
{
    PageZoom &zoom = PageZoom::instance();
    QAction *larger = add(tr("Larger"), tr("Ctrl++"));
    larger->setShortcuts({QKeySequence(tr("Ctrl++")), QKeySequence(tr("Ctrl+="))});
    QAction *smaller = add(tr("Smaller"), tr("Ctrl+-"));
    QAction *usual = add({}, tr("Ctrl+0"));
    connect(larger, &QAction::triggered, &zoom, [&zoom] { zoom.step(1); });
    connect(smaller, &QAction::triggered, &zoom, [&zoom] { zoom.step(-1); });
    connect(usual, &QAction::triggered, &zoom, [&zoom] { zoom.set(100); });
    const auto show = [larger, smaller, usual](int percent) {
        usual->setText(tr("Usual size (now %1 %)").arg(percent));
        larger->setEnabled(percent < PageZoom::kMost);
        smaller->setEnabled(percent > PageZoom::kLeast);
    };
    connect(&zoom, &PageZoom::changed, usual, show);
    show(zoom.percent());
}

void PageTools::makeMotion()
{
    QAction *still = add(tr("Less motion"), {});
    still->setCheckable(true);
    still->setChecked(Motion::instance().isReducedHere());
    connect(still, &QAction::toggled, &Motion::instance(), &Motion::setReducedHere);
    connect(&Motion::instance(), &Motion::changed, still,
            [still] { still->setChecked(Motion::instance().isReducedHere()); });
}

void PageTools::makeSpelling()
{
    m_spelling = new Spelling(m_page, this);
    auto *menu = new SpellingMenu(*m_spelling, m_page, m_place.workspace, &m_place.menu);
    m_place.menu.addMenu(menu);
    connect(menu, &SpellingMenu::told, this, &PageTools::told);
    connect(m_spelling, &Spelling::told, this, &PageTools::told);
    connect(add(tr("The next word that is not known"), tr("F7")), &QAction::triggered, m_spelling,
            &Spelling::goToNext);
}

void PageTools::makePrinting()
{
    connect(add(tr("Print\u2026"), tr("Ctrl+P")), &QAction::triggered, this, &PageTools::askPrint);
    connect(add(tr("Export as PDF\u2026"), {}), &QAction::triggered, this, &PageTools::askPdf);
}

/// The text as it is now, used when its pictures are read.
void PageTools::makeJob(std::function<void(const PrintJob &)> use)
{
    PrintJob job{m_place.title(), m_page.textPieces(), m_page.looks()};
    if (m_suggestions != nullptr)
        m_suggestions->takeProposalsOut(job.pieces, job.looks);
    auto write = [this, job, use = std::move(use)](paper::Pictures pictures) mutable {
        if (m_objects != nullptr) {
            const auto stays = [&](const Hash &blob) { return pictures.contains(blob); };
            auto written = m_objects->written({job.pieces, job.looks}, stays);
            job.pieces = std::move(written.pieces);
            job.looks = std::move(written.looks);
        }
        job.pictures = std::move(pictures);
        use(job);
    };
    paper::gather(m_place.bridge, *m_page.shownDocument(), PageObjects::picturesOf(job.looks),
                  std::move(write), this);
}

void PageTools::askPdf()
{
    if (!m_page.isOpen())
        return;
    auto *dialog = new QFileDialog(&m_place.window, tr("Export as PDF"), {}, tr("PDF (*.pdf)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("pdf"));
    dialog->selectFile(m_place.title().replace(QChar(u'/'), QChar(u'-')) + QStringLiteral(".pdf"));
    connect(dialog, &QFileDialog::fileSelected, this, &PageTools::exportPdf);
    dialog->open();
}

void PageTools::exportPdf(const QString &path)
{
    if (!m_page.isOpen())
        return;
    makeJob([this, path](const PrintJob &job) {
        writePdf(path, job, this, [this, path](const QString &sentence) {
            Q_EMIT told(sentence.isEmpty() ? tr("<b>Exported.</b> %1").arg(path.toHtmlEscaped())
                                           : sentence);
        });
    });
}

/// The dialog is not waited for, and the sheets are made on another thread.
void PageTools::askPrint()
{
    if (!m_page.isOpen())
        return;
    const auto printer = std::make_shared<QPrinter>(QPrinter::HighResolution);
    printer->setDocName(m_place.title());
    auto *dialog = new QPrintDialog(printer.get(), &m_place.window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setOption(QAbstractPrintDialog::PrintPageRange, false);
    connect(dialog, qOverload<>(&QPrintDialog::accepted), this, [this, printer] {
        if (m_page.isOpen())
            makeJob([this, printer](const PrintJob &job) { print(printer, job); });
    });
    connect(dialog, &QObject::destroyed, this, [printer] {}); // it is the dialog's until then
    dialog->open();
}

void PageTools::print(const std::shared_ptr<QPrinter> &printer, const PrintJob &job)
{
    runInBackground(
        this, [printer, job] { return printOn(*printer, job); },
        [this](bool isPrinted) {
            if (!isPrinted)
                Q_EMIT told(tr("<b>It was not printed.</b> The printer did not take it. Your text "
                               "is safe here."));
        });
}

bool PageTools::escape()
{
    if (!m_find->isHidden()) {
        m_find->close();
        m_page.setFocus();
        return true;
    }
    const bool wasFocused = m_focus->isOn();
    m_focus->set(false);
    return wasFocused;
}

} // namespace nlbd::ui
