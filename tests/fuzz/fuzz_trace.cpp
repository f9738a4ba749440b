// A recorded session, gzipped or plain, and the plan by which it is played.
#include "app/trace.h"
#include "tests/fuzz/memory_file.h"

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const fuzz::MemoryFile file(std::span(data, size));
    const auto trace = app::readTrace(file.path());
    if (!trace)
        return 0;
    const auto plan = app::planOf(*trace);
    if (!plan)
        return 0;
    std::size_t recorded = 0;
    for (const app::Trace::Transaction &transaction : trace->transactions)
        recorded += transaction.patches.size();
    std::size_t planned = 0;
    CHECK(plan->agents.size() == trace->agentCount);
    for (std::size_t agent = 0; agent < plan->agents.size(); ++agent)
        for (std::size_t i = 0; i < plan->agents[agent].size(); ++i) {
            const app::ReplayPlan::Step &step = plan->agents[agent][i];
            planned += step.patches.size();
            CHECK(step.seen.size() == trace->agentCount && step.seen[agent] == i);
            for (std::size_t other = 0; other < step.seen.size(); ++other)
                CHECK(step.seen[other] <= plan->agents[other].size());
        }
    CHECK(planned == recorded);
    return 0;
}
