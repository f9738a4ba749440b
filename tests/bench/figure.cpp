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

/// What would end the text or the line becomes a blank.
std::string quotable(std::string text)
{
    for (char &letter : text)
        if (letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20)
            letter = ' ';
    return text;
}

} // namespace

std::string lineOf(const Figure &figure)
{
    std::string line = R"({"name":")" + figure.name + R"(","value":)"
        + (figure.absent.empty() ? numberOf(figure.value) : "null") + R"(,"unit":")" + figure.unit
        + R"(","goal":)" + (figure.goal ? numberOf(*figure.goal) : "null") + R"(,"met":)"
        + (figure.goal ? (figure.isMissed() ? "false" : "true") : "null");
    if (!figure.peer.empty())
        line += R"(,"peer":")" + figure.peer + '"';
    if (!figure.trace.empty())
        line += R"(,"trace":")" + figure.trace + '"';
    if (!figure.absent.empty())
        line += R"(,"absent":")" + quotable(figure.absent) + '"';
    return line + '}';
}

} // namespace nlbd::bench
