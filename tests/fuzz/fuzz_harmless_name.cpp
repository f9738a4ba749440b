#include "core/base/harmless_name.h"

#include "core/base/utf8.h"

#include <cstdlib>

/// Any bytes as a name: what comes out is harmless, and is left as it is by a second turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string name = nlbd::harmlessName({reinterpret_cast<const char *>(data), size});
    const bool isHarmless = !name.empty() && name.size() <= 200 && nlbd::utf8::isValid(name)
        && name.find_first_of(std::string_view("/\\:\n\0", 5)) == std::string::npos
        && name.front() != '.' && nlbd::utf8::plainStart(name).size() == name.size();
    if (!isHarmless || nlbd::harmlessName(name) != name)
        std::abort();
    static_cast<void>(nlbd::mayRun(name));
    return 0;
}
