#pragma once

#include "core/api/workspace.h"
#include "tests/support/small_group.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace nlbd::bench {

/// A document as a room writes it before anything is measured.
struct Paper {
    std::string title;
    std::size_t paragraphs = 0;
    std::size_t letters = 0; ///< of a paragraph
    std::size_t touches = 0; ///< words put in or taken out somewhere afterwards, by all in turn
    bool isRich = false;     ///< headings, lists, tasks, quotes; bold and italic words
};

/// Eight people in one workspace: real engines whose frames and disks are memory, on a thread of
/// their own and in real time. The last of them sits at the window that is measured; the others
/// type ten keys a second each, when they are asked to.
class Room {
public:
    static constexpr std::size_t kPeople = 8;
    static constexpr std::size_t kMe = kPeople - 1;

    Room();
    ~Room();

    /// Of the last person. What is submitted waits for the room's thread, what comes is handed over
    /// there: both cross as in the app.
    [[nodiscard]] std::shared_ptr<api::Workspace> door();

    /// Writes it, and returns when everybody has it.
    DocIndex write(const Paper &paper);
    /// Where each paragraph ends.
    [[nodiscard]] std::vector<TextOffset> ends(DocIndex doc);

    /// The others begin to type, one at each place.
    void startTyping(DocIndex doc, const std::vector<TextOffset> &places);
    void stopTyping();
    /// The others edit at so many places, apart; all of it reaches my view in one batch.
    void editAtOnce(DocIndex doc, const std::vector<TextOffset> &places);

private:
    class Door;
    using Clock = std::chrono::steady_clock;
    using Job = std::function<void()>;
    /// Somebody's view of a document, without a page.
    struct Pen {
        DocIndex doc;
        std::uint64_t serial = 0;
        std::uint64_t patch = 0; ///< the last that it knows
        TextOffset at = 0;
        std::size_t typed = 0;
    };

    void post(Job job);
    void ask(Job job); ///< and waits until it is done
    void live();
    void turn();
    void hear(std::size_t who);
    void open(DocIndex doc);
    void type(std::size_t who);
    void put(std::size_t who, TextOffset at, TextOffset removed, std::string text,
             std::vector<api::Styling> stylings = {});
    void writeAll(const Paper &paper, DocIndex doc);
    void settle(DocIndex doc);
    void hand();

    std::unique_ptr<testing::SmallGroup> m_group;
    std::vector<Pen> m_pens;
    api::Workspace::Sink m_sink;
    bool m_isTyping = false;
    Clock::time_point m_nextKeys;
    Clock::time_point m_nextStep;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    bool m_ends = false;
    std::thread m_thread;
};

} // namespace nlbd::bench
