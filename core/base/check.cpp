#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace nlbd {

void checkFailed(const char *condition, const char *file, int line) noexcept
{
    std::fprintf(stderr, "nlbd: %s:%d: this must hold and does not: %s\n", file, line, condition);
    std::abort();
}

} // namespace nlbd
