// Texts that come from files, and documents that go to files.

#include "ui/banner_zone.h"
#include "ui/documents/document_list.h"
#include "ui/documents/text_file.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_suggestions.h"
#include "ui/main_window.h"
#include "ui/objects/page_objects.h"
#include "ui/page_parts.h"
#include "ui/pictures/page_export.h"
#include "ui/words.h"
#include "ui/words_pictures.h"
#include "ui/workspace_bridge.h"

#include <QFileDialog>

#include <utility>

namespace nlbd::ui {

void MainWindow::importFile(const QString &path)
{
    readTextFile(path, this, [this](const TextFile &file) {
        if (!file.sentence.isEmpty()) {
            tellFile(file.sentence);
            return;
        }
        m_created = m_bridge.nextRequest();
        m_bridge.submit(api::CreateDocument{
            *m_created, words::titleFrom(file.title).toUtf8().toStdString(), file.text});
    });
}

void MainWindow::exportTo(const QString &path)
{
    if (!m_page->isOpen())
        return;
    PageObjects::Written all{m_page->textPieces(), m_page->looks()};
    m_suggestions->takeProposalsOut(all.pieces, all.looks);
    const auto told = [this, path](const QString &failure, const ExportedPictures &pictures) {
        if (!failure.isEmpty())
            tellFile(failure);
        else
            m_banners->put(BannerZone::About::File,
                           {QStringLiteral("agreed"),
                            QStringLiteral("check"),
                            words::exported(path, pictures),
                            {},
                            {}});
    };
    exportPage({path, std::move(all), *m_page->shownDocument()}, m_parts->objects(), m_bridge, told,
               this);
}

void MainWindow::askImport()
{
    auto *dialog = new QFileDialog(this, tr("Import a text file"), {},
                                   tr("Text (*.md *.markdown *.txt);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::importFile);
    dialog->open();
}

void MainWindow::askExport()
{
    const std::optional<DocIndex> doc = m_page->shownDocument();
    if (!doc)
        return;
    auto *dialog = new QFileDialog(this, tr("Export this document"), {},
                                   tr("Markdown (*.md);;Text (*.txt);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("md"));
    dialog->selectFile(m_list->titleOf(*doc).replace(QChar(u'/'), QChar(u'-'))
                       + QStringLiteral(".md"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::exportTo);
    dialog->open();
}

void MainWindow::tellFile(const QString &sentence)
{
    m_banners->put(BannerZone::About::File,
                   {QStringLiteral("pencil"), QStringLiteral("warning"), sentence, {}, {}});
}

} // namespace nlbd::ui
