// Which mutant is on, in the programs that are built with all of them (core/base/mutant.h): the one
// that NLBD_MUTANT names. The scenarios have an argument for it.

#include "core/base/mutant.h"

#include <cstdlib>

bool nlbd::isMutant(std::string_view name) noexcept
{
    static const char *active = std::getenv("NLBD_MUTANT");
    return active != nullptr && name == active;
}
