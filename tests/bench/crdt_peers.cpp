#include "crdt_peers.h"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace nlbd::bench {

namespace {

std::string quoted(const std::string &word)
{
    std::string result = "'";
    for (const char c : word)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + '\'';
}

/// What a command prints; nothing if it fails. Its stderr is ours.
std::optional<std::string> outputOf(const std::string &command)
{
    std::FILE *pipe = popen(command.c_str(), "r");
    if (pipe == nullptr)
        return std::nullopt;
    std::string output;
    std::array<char, 4096> buffer{};
    for (;;) {
        const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe);
        if (count == 0)
            break;
        output.append(buffer.data(), count);
    }
    if (pclose(pipe) != 0)
        return std::nullopt;
    return output;
}

} // namespace

std::expected<std::vector<Figure>, std::string>
measurePeers(const std::filesystem::path &trace, const std::string &name, std::size_t repetitions)
{
    const std::string folder = NLBD_PEERS_TARGET "/crdt";
    if (!outputOf("sh " + quoted(NLBD_PEERS_SOURCE "/install.sh") + ' ' + quoted(folder) + ' '
                  + quoted(NLBD_PEERS_SOURCE "/crdt")))
        return std::unexpected("the packages could not be installed");
    const std::string script = quoted(folder + "/crdt.mjs");
    const auto libraries = outputOf("node " + script + " --list");
    if (!libraries)
        return std::unexpected("node could not run the drivers");
    std::vector<Figure> figures;
    try {
        for (const std::string library : nlohmann::json::parse(*libraries)) {
            const auto output = outputOf("node --expose-gc " + script + ' ' + quoted(library) + ' '
                                         + quoted(std::filesystem::absolute(trace).string()) + ' '
                                         + std::to_string(repetitions));
            if (!output) {
                std::fprintf(stderr, "bench_crdt: %s did not finish\n", library.c_str());
                continue;
            }
            for (const auto &figure : nlohmann::json::parse(*output))
                figures.push_back({figure.at("name"), figure.at("value"), figure.at("unit"),
                                   std::nullopt, library, name});
        }
    } catch (const nlohmann::json::exception &error) {
        return std::unexpected(std::string("a driver answered with something else: ")
                               + error.what());
    }
    return figures;
}

} // namespace nlbd::bench
