#pragma once

#include "core/base/time.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

/// Everything that threads share: values in mailboxes, and slots for one receiver. No other file of
/// the project holds a mutex.
namespace nlbd::app {

/// Values on their way to one thread, in order, at most `capacity` of them from senders that can
/// wait. One reader, any number of senders.
template <typename T>
class Mailbox {
public:
    explicit Mailbox(std::size_t capacity)
        : m_capacity(capacity)
    {
    }

    /// Waits for room: for threads that may wait, so that pressure travels back to where it comes
    /// from. False if the mailbox was closed; the value is gone then.
    bool put(T value)
    {
        std::unique_lock lock(m_mutex);
        m_hasRoom.wait(lock, [this] { return m_values.size() < m_capacity || m_isClosed; });
        return push(std::move(value));
    }

    /// Never waits and is never refused for lack of room: for the GUI, which sends no more than a
    /// person does, and for answers, of which there are no more than questions.
    bool post(T value)
    {
        const std::lock_guard lock(m_mutex);
        return push(std::move(value));
    }

    /// Takes everything there is; waits up to `timeout` for a first value. Empty after the time has
    /// passed, after wake(), or if closed and drained.
    [[nodiscard]] std::vector<T> takeAll(Millis timeout)
    {
        std::unique_lock lock(m_mutex);
        m_hasValue.wait_for(lock, timeout,
                            [this] { return !m_values.empty() || m_isClosed || m_isWoken; });
        m_isWoken = false;
        std::vector<T> result(std::make_move_iterator(m_values.begin()),
                              std::make_move_iterator(m_values.end()));
        m_values.clear();
        m_hasRoom.notify_all();
        return result;
    }

    /// Ends a wait of the reader without a value.
    void wake()
    {
        const std::lock_guard lock(m_mutex);
        m_isWoken = true;
        m_hasValue.notify_one();
    }

    /// No more values come in; those inside can still be taken.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
        m_hasValue.notify_all();
        m_hasRoom.notify_all();
    }

    [[nodiscard]] bool isClosed() const
    {
        const std::lock_guard lock(m_mutex);
        return m_isClosed;
    }

private:
    bool push(T value)
    {
        if (m_isClosed)
            return false;
        m_values.push_back(std::move(value));
        m_hasValue.notify_one();
        return true;
    }

    mutable std::mutex m_mutex;
    std::condition_variable m_hasValue;
    std::condition_variable m_hasRoom;
    std::deque<T> m_values;
    const std::size_t m_capacity;
    bool m_isClosed = false;
    bool m_isWoken = false;
};

/// Where batches of events go: one receiver at a time, set by one thread, served by another. Once
/// set() has returned the receiver before it is never called again. A new receiver hears nothing
/// until the serving thread begins with it, so that its first batch is the present state.
template <typename Event>
class SinkSlot {
public:
    using Sink = std::function<void(std::vector<Event>)>;
    using Ticket = std::uint64_t;

    /// The ticket names this receiver for begin().
    Ticket set(Sink sink)
    {
        const std::lock_guard lock(m_mutex);
        m_sink = std::move(sink);
        m_isServed = false;
        return ++m_ticket;
    }

    /// From now on events reach the receiver, unless another has been set since.
    void begin(Ticket ticket)
    {
        const std::lock_guard lock(m_mutex);
        m_isServed = m_sink && ticket == m_ticket;
    }

    [[nodiscard]] bool isServed() const
    {
        const std::lock_guard lock(m_mutex);
        return m_isServed;
    }

    /// Calls the receiver, which returns at once and sets no receiver itself.
    void deliver(std::vector<Event> events)
    {
        if (events.empty())
            return;
        const std::lock_guard lock(m_mutex);
        if (m_isServed)
            m_sink(std::move(events));
    }

private:
    mutable std::mutex m_mutex;
    Sink m_sink;
    Ticket m_ticket = 0;
    bool m_isServed = false;
};

/// One value that another thread waits for. Set at most once.
template <typename T>
class Answer {
public:
    void set(T value)
    {
        const std::lock_guard lock(m_mutex);
        m_value = std::move(value);
        m_isSet = true;
        m_hasValue.notify_all();
    }

    /// Waits up to `timeout`; takes the value. False if the time passed.
    bool wait(Millis timeout, T &into)
    {
        std::unique_lock lock(m_mutex);
        if (!m_hasValue.wait_for(lock, timeout, [this] { return m_isSet; }))
            return false;
        into = std::move(m_value);
        return true;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_hasValue;
    T m_value{};
    bool m_isSet = false;
};

} // namespace nlbd::app
