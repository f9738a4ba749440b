#pragma once

#include "ui/pictures/page_export.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/words.h"

/// The sentences about pictures on a page.
namespace nlbd::ui::words {

/// What stands in the frame of a picture that cannot be shown.
[[nodiscard]] QString pictureFrame(const PictureShelf::Look &look);
/// "Picture: lamps.png, 640 by 480", and where it is if it is not here.
[[nodiscard]] QString pictureAt(const PictureShelf::Look &look, const QSize &size);

/// "Exported. /home/anna/Notes.md", with markup.
[[nodiscard]] QString exported(const QString &path, const ExportedPictures &pictures);

} // namespace nlbd::ui::words
