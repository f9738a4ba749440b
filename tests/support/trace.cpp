#include "tests/support/trace.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <zlib.h>

namespace nlbd::test {

namespace {

using Json = nlohmann::json;

std::expected<std::string, std::string> gunzip(const std::string &path)
{
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
    if (!file)
        return std::unexpected("cannot open " + path);
    std::string content;
    std::array<char, 64 * 1024> buffer{};
    int count = 0;
    while ((count = gzread(file.get(), buffer.data(), buffer.size())) > 0)
        content.append(buffer.data(), static_cast<std::size_t>(count));
    if (count < 0)
        return std::unexpected(path + " is not a whole gzip file");
    return content;
}

Trace::Transaction transactionFrom(const Json &json, std::size_t number, bool isConcurrent)
{
    Trace::Transaction transaction;
    if (isConcurrent) {
        transaction.agent = json.at("agent").get<std::size_t>();
        transaction.parents = json.at("parents").get<std::vector<std::size_t>>();
        for (const std::size_t parent : transaction.parents) {
            if (parent >= number)
                throw std::runtime_error("a transaction comes before its parent");
        }
    } else if (number > 0) {
        transaction.parents = {number - 1};
    }
    for (const Json &patch : json.at("patches")) {
        transaction.patches.push_back({patch.at(0).get<TextOffset>(), patch.at(1).get<TextOffset>(),
                                       patch.at(2).get<std::string>()});
    }
    return transaction;
}

} // namespace

std::expected<Trace, std::string> readTrace(const std::string &path)
{
    const auto content = gunzip(path);
    if (!content)
        return std::unexpected(content.error());
    try {
        const Json json = Json::parse(*content);
        Trace trace;
        trace.isConcurrent = json.value("kind", "sequential") == "concurrent";
        trace.agentCount = json.value("numAgents", std::size_t(1));
        trace.endContent = json.at("endContent").get<std::string>();
        for (const Json &transaction : json.at("txns")) {
            trace.transactions.push_back(
                transactionFrom(transaction, trace.transactions.size(), trace.isConcurrent));
        }
        return trace;
    } catch (const std::exception &error) {
        return std::unexpected(path + " is no trace: " + error.what());
    }
}

std::vector<std::size_t> missingHistory(const Trace &trace, const std::vector<std::size_t> &heads,
                                        const std::vector<char> &isKnown)
{
    std::set<std::size_t> missing;
    std::vector<std::size_t> pending = heads;
    while (!pending.empty()) {
        const std::size_t next = pending.back();
        pending.pop_back();
        if (isKnown[next] != 0 || !missing.insert(next).second)
            continue;
        const auto &parents = trace.transactions[next].parents;
        pending.insert(pending.end(), parents.begin(), parents.end());
    }
    return {missing.begin(), missing.end()};
}

} // namespace nlbd::test
