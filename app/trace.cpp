#include "app/trace.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <zlib.h>

namespace nlbd::app {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kContentBytesMax = 256 * 1024 * 1024;
constexpr std::size_t kAgentsMax = 64;
constexpr std::size_t kStepPatchesMax = 128; ///< with kStepBytesMax far inside one change
constexpr std::size_t kStepBytesMax = 4096;

std::expected<std::string, std::string> gunzip(const std::filesystem::path &file)
{
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
    if (!in)
        return std::unexpected(file.string() + " cannot be opened");
    std::string content;
    std::array<char, 64 * 1024> buffer{};
    int count = 0;
    while ((count = gzread(in.get(), buffer.data(), buffer.size())) > 0) {
        content.append(buffer.data(), static_cast<std::size_t>(count));
        if (content.size() > kContentBytesMax)
            return std::unexpected(file.string() + " is too large");
    }
    if (count < 0)
        return std::unexpected(file.string() + " is not a whole gzip file");
    return content;
}

bool areNumbers(const Json &json)
{
    return json.is_array()
        && std::ranges::all_of(json, [](const Json &n) { return n.is_number_unsigned(); });
}

bool readTransaction(const Json &json, Trace &trace)
{
    Trace::Transaction transaction;
    const std::size_t number = trace.transactions.size();
    if (!json.is_object() || !json.contains("patches") || !json["patches"].is_array())
        return false;
    if (json.contains("parents")) {
        if (!areNumbers(json["parents"]))
            return false;
        transaction.parents = json["parents"].get<std::vector<std::size_t>>();
    } else if (number > 0) {
        transaction.parents = {number - 1};
    }
    if (json.contains("agent") && json["agent"].is_number_unsigned())
        transaction.agent = json["agent"].get<std::size_t>();
    if (transaction.agent >= trace.agentCount
        || std::ranges::any_of(transaction.parents,
                               [number](std::size_t p) { return p >= number; }))
        return false;
    for (const Json &patch : json["patches"]) {
        const bool isPatch = patch.is_array() && patch.size() == 3 && patch[0].is_number_unsigned()
            && patch[1].is_number_unsigned() && patch[2].is_string();
        if (!isPatch || patch[0].get<std::uint64_t>() > UINT32_MAX
            || patch[1].get<std::uint64_t>() > UINT32_MAX)
            return false;
        transaction.patches.push_back(
            {patch[0].get<TextOffset>(), patch[1].get<TextOffset>(), patch[2].get<std::string>()});
    }
    trace.transactions.push_back(std::move(transaction));
    return true;
}

std::size_t bytesOfPatches(const TextPatches &patches)
{
    std::size_t bytes = 0;
    for (const TextPatch &patch : patches)
        bytes += patch.inserted.size() + patch.removed;
    return bytes;
}

} // namespace

std::expected<Trace, std::string> readTrace(const std::filesystem::path &file)
{
    const auto content = gunzip(file);
    if (!content)
        return std::unexpected(content.error());
    const Json json = Json::parse(*content, nullptr, false);
    const auto bad = [&file] { return std::unexpected(file.string() + " is no editing trace"); };
    if (!json.is_object() || !json.contains("endContent") || !json["endContent"].is_string()
        || !json.contains("txns") || !json["txns"].is_array())
        return bad();
    Trace trace;
    trace.endContent = json["endContent"].get<std::string>();
    if (json.contains("numAgents") && json["numAgents"].is_number_unsigned())
        trace.agentCount = json["numAgents"].get<std::size_t>();
    if (trace.agentCount == 0 || trace.agentCount > kAgentsMax)
        return std::unexpected(file.string() + " has more agents than can be played");
    for (const Json &transaction : json["txns"])
        if (!readTransaction(transaction, trace))
            return bad();
    return trace;
}

std::expected<ReplayPlan, std::string> planOf(const Trace &trace)
{
    const std::size_t count = trace.transactions.size();
    std::vector<std::size_t> children(count);
    for (const auto &transaction : trace.transactions)
        for (const std::size_t parent : transaction.parents)
            ++children[parent];

    ReplayPlan plan;
    plan.agents.resize(trace.agentCount);
    std::vector<std::size_t> lastOf(trace.agentCount, count); ///< an agent's newest transaction
    std::vector<std::vector<std::size_t>> clocks(count); ///< steps in the past, itself included
    for (std::size_t i = 0; i < count; ++i) {
        const Trace::Transaction &transaction = trace.transactions[i];
        std::vector<std::size_t> past(trace.agentCount);
        for (const std::size_t parent : transaction.parents)
            for (std::size_t a = 0; a < past.size(); ++a)
                past[a] = std::max(past[a], clocks[parent][a]);
        auto &steps = plan.agents[transaction.agent];
        if (past[transaction.agent] != steps.size())
            return std::unexpected("an agent of this trace was at two places at once");

        const std::size_t last = lastOf[transaction.agent];
        const bool continues = last < count && transaction.parents == std::vector{last}
            && children[last] == 1
            && steps.back().patches.size() + transaction.patches.size() <= kStepPatchesMax
            && bytesOfPatches(steps.back().patches) + bytesOfPatches(transaction.patches)
                <= kStepBytesMax;
        if (continues)
            steps.back().patches.insert(steps.back().patches.end(), transaction.patches.begin(),
                                        transaction.patches.end());
        else
            steps.push_back({transaction.patches, past});
        past[transaction.agent] = steps.size();
        clocks[i] = std::move(past);
        lastOf[transaction.agent] = i;
    }
    return plan;
}

} // namespace nlbd::app
