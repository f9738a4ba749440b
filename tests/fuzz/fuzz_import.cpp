// A file that somebody drops into a window: UTF-8 or UTF-16.
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "ui/documents/text_file.h"

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    const ui::TextFile file = ui::textFrom(QStringLiteral("/a/folder/Agenda.txt"), bytes);
    CHECK(utf8::isValid(file.text));
    CHECK(file.text.find('\r') == std::string::npos && file.text.find('\0') == std::string::npos);
    CHECK(file.sentence.isEmpty() || file.text.empty());
    return 0;
}
