// A file that somebody imports.
#include "app/text_file.h"
#include "core/base/utf8.h"
#include "tests/fuzz/memory_file.h"

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const fuzz::MemoryFile file(std::span(data, size));
    const auto text = app::readTextFile(file.path());
    if (!text) {
        CHECK(!text.error().sentence.empty());
        return 0;
    }
    CHECK(utf8::isValid(*text) && text->size() <= size);
    CHECK(text->find('\r') == std::string::npos && text->find('\0') == std::string::npos);
    return 0;
}
