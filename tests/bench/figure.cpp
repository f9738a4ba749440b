#include "figure.h"

#include <cstdio>

namespace nlbd::bench {

namespace {

std::string numberOf(double value)
{
    char text[32];
    const int length = std::snprintf(text, sizeof text, "%.3f", value);
    return {text, static_cast<std::size_t>(length)};
}

} // namespace

std::string lineOf(const Figure &figure)
{
    std::string line = R"({"name":")" + figure.name + R"(","value":)" + numberOf(figure.value)
        + R"(,"unit":")" + figure.unit + R"(","goal":)"
        + (figure.goal ? numberOf(*figure.goal) : "null") + R"(,"met":)"
        + (figure.goal ? (figure.isMissed() ? "false" : "true") : "null");
    if (!figure.peer.empty())
        line += R"(,"peer":")" + figure.peer + '"';
    if (!figure.trace.empty())
        line += R"(,"trace":")" + figure.trace + '"';
    return line + '}';
}

} // namespace nlbd::bench
