#pragma once

/// `if (NLBD_MUTANT("forget-lock"))` marks a place where one extra build of the simulator can be
/// told to be wrong on purpose, to see whether the suite notices (PROTOCOL D5). Everywhere else it
/// is the constant false, and the compiler drops the branch with its name.
#ifdef NLBD_MUTANTS
#include <string_view>
namespace nlbd {
/// Defined by the program that is built with mutants.
[[nodiscard]] bool isMutant(std::string_view name) noexcept;
} // namespace nlbd
#define NLBD_MUTANT(name) ::nlbd::isMutant(name)
#else
#define NLBD_MUTANT(name) false
#endif
