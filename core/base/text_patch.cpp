#include "core/base/text_patch.h"

#include "core/base/utf8.h"

namespace nlbd {

void applyTo(std::string &text, const TextPatches &patches)
{
    for (const TextPatch &patch : patches) {
        const std::size_t begin = utf8::bytePosition(text, patch.at);
        const std::size_t count = utf8::slice(text, patch.at, patch.removed).size();
        text.replace(begin, count, patch.inserted);
    }
}

} // namespace nlbd
