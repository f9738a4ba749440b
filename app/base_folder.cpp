#include "app/base_folder.h"

#include <cstdlib>

namespace nlbd::app {

namespace fs = std::filesystem;

namespace {

std::string_view variable(const char *name)
{
    // No code of the program ever changes the environment, so that any thread may read it.
    const char *value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody writes it
    return value != nullptr ? value : "";
}

} // namespace

fs::path baseFolder(const char *own, const char *xdg, std::string_view usual, std::string_view leaf)
{
    if (const auto chosen = variable(own); !chosen.empty())
        return chosen;
    if (const auto base = variable(xdg); base.starts_with('/'))
        return fs::path(base) / leaf;
    const auto home = variable("HOME");
    return fs::path(home.empty() ? "." : home) / usual / leaf;
}

} // namespace nlbd::app
