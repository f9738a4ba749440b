#pragma once

#include "core/api/workspace.h"
#include "tests/support/small_group.h"

#include <deque>

namespace nlbd::testing {

/// The door to one of a group's engines. What is submitted waits until the test lets it through.
class GroupWorkspace : public api::Workspace {
public:
    GroupWorkspace(SmallGroup &group, std::size_t who)
        : m_group(group)
        , m_who(who)
    {
    }
    void submit(api::Command command) override { m_outbox.push_back(std::move(command)); }
    void subscribe(Sink sink) override
    {
        m_sink = std::move(sink);
        if (m_sink)
            m_group.subscribe(m_who);
    }
    bool send()
    {
        if (m_outbox.empty())
            return false;
        m_group.submit(m_who, m_outbox.front());
        m_outbox.pop_front();
        return true;
    }
    void fetch()
    {
        auto events = m_group.takeEvents(m_who);
        if (m_sink && !events.empty())
            m_sink(std::move(events));
    }

private:
    SmallGroup &m_group;
    std::size_t m_who;
    Sink m_sink;
    std::deque<api::Command> m_outbox;
};

} // namespace nlbd::testing
