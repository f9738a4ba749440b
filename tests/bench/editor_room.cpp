#include "editor_room.h"

#include "core/base/check.h"

#include <algorithm>
#include <future>
#include <random>

using namespace std::chrono_literals;

namespace nlbd::bench {

namespace {

constexpr std::string_view kWords = "we meet by the river and write what we saw there today ";
constexpr auto kStep = 20ms;
constexpr auto kKeyPause = 100ms;
constexpr std::size_t kParagraphsAtOnce = 200;
constexpr std::size_t kTouchesAtOnce = 40;
constexpr std::size_t kLineKeys = 70; ///< and then Enter
constexpr std::uint64_t kView = 1;    ///< of the others

/// As many letters, without a break.
std::string lineOf(std::size_t letters, std::size_t number)
{
    std::string line = std::to_string(number) + ' ';
    while (line.size() < letters)
        line += kWords;
    line.resize(letters);
    return line;
}

/// What a paragraph is, by its number.
const char *blockOf(std::size_t number)
{
    const std::size_t kind = number % 20;
    if (kind == 0)
        return "h2";
    if (kind >= 5 && kind < 9)
        return "bullet";
    if (kind >= 10 && kind < 13)
        return "task";
    return kind == 15 ? "quote" : nullptr;
}

void styleLine(std::size_t number, TextOffset from, std::size_t letters,
               std::vector<api::Styling> &stylings)
{
    const TextOffset end = from + static_cast<TextOffset>(letters);
    if (const char *block = blockOf(number))
        stylings.push_back({end, end + 1, {{"block", block}}, false});
    if (number % 3 == 0)
        stylings.push_back({from + 4, from + 10, {{"bold", "1"}}, false});
    if (number % 5 == 0)
        stylings.push_back({from + 12, from + 20, {{"italic", "1"}}, false});
}

} // namespace

class Room::Door : public api::Workspace {
public:
    explicit Door(Room &room)
        : m_room(room)
    {
    }
    void submit(api::Command command) override
    {
        m_room.post([&room = m_room, command = std::move(command)]() mutable {
            room.m_group->submit(kMe, std::move(command));
        });
    }
    void subscribe(Sink sink) override
    {
        m_room.ask([&room = m_room, sink = std::move(sink)]() mutable {
            room.m_sink = std::move(sink);
            if (room.m_sink)
                room.m_group->subscribe(kMe);
        });
    }

private:
    Room &m_room;
};

Room::Room()
    : m_group(std::make_unique<testing::SmallGroup>(kPeople))
    , m_pens(kPeople)
{
    for (std::size_t i = 0; i < kMe; ++i)
        m_group->subscribe(i);
    m_group->run(1s);
    m_nextStep = Clock::now();
    m_thread = std::thread([this] { live(); });
}

Room::~Room()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ends = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

std::shared_ptr<api::Workspace> Room::door()
{
    return std::make_shared<Door>(*this);
}

void Room::post(Job job)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
}

void Room::ask(Job job)
{
    std::promise<void> done;
    post([&] {
        job();
        done.set_value();
    });
    done.get_future().wait();
}

void Room::live()
{
    std::unique_lock lock(m_mutex);
    while (!m_ends) {
        const Clock::time_point next = m_isTyping ? std::min(m_nextKeys, m_nextStep) : m_nextStep;
        m_wake.wait_until(lock, next, [this] { return m_ends || !m_jobs.empty(); });
        std::deque<Job> jobs = std::exchange(m_jobs, {});
        lock.unlock();
        for (Job &job : jobs)
            job();
        turn();
        lock.lock();
    }
}

void Room::turn()
{
    const Clock::time_point now = Clock::now();
    if (m_isTyping && now >= m_nextKeys) {
        for (std::size_t who = 0; who < kMe; ++who)
            type(who);
        m_nextKeys = std::max(m_nextKeys + kKeyPause, now);
    }
    m_group->run(Millis(0));
    if (now >= m_nextStep) {
        m_group->run(kStep);
        m_nextStep = std::max(m_nextStep + kStep, now);
    }
    hand();
}

void Room::hand()
{
    std::vector<api::Event> events = m_group->takeEvents(kMe);
    if (m_sink && !events.empty())
        m_sink(std::move(events));
}

/// What others did moves somebody's caret.
void Room::hear(std::size_t who)
{
    Pen &pen = m_pens[who];
    for (const api::Event &event : m_group->takeEvents(who)) {
        const auto *patched = std::get_if<api::TextPatched>(&event);
        if (patched == nullptr || patched->doc != pen.doc || patched->view != kView)
            continue;
        pen.patch = patched->patch;
        for (const TextPatch &patch : patched->patches)
            pen.at = caretAfter(patch, pen.at);
    }
}

void Room::put(std::size_t who, TextOffset at, TextOffset removed, std::string text,
               std::vector<api::Styling> stylings)
{
    Pen &pen = m_pens[who];
    api::EditText edit =
        testing::typed(pen.doc, ++pen.serial, at, std::move(text), removed, pen.patch);
    edit.stylings = std::move(stylings);
    m_group->submit(who, std::move(edit));
}

void Room::type(std::size_t who)
{
    hear(who);
    Pen &pen = m_pens[who];
    const bool isEnd = ++pen.typed % kLineKeys == 0;
    put(who, pen.at, 0, isEnd ? "\n" : std::string(1, kWords[pen.typed % kWords.size()]));
    ++pen.at;
    m_group->submit(who, api::MoveCaret{pen.doc, kView, pen.patch, pen.serial, pen.at, pen.at, 0});
}

void Room::open(DocIndex doc)
{
    for (std::size_t who = 0; who < kMe; ++who) {
        if (m_pens[who].doc == doc && m_pens[who].serial > 0)
            continue;
        if (m_pens[who].serial > 0)
            m_group->submit(who, api::CloseDocument{m_pens[who].doc, kView});
        m_group->submit(who, api::OpenDocument{doc, kView});
        static_cast<void>(m_group->takeEvents(who));
        m_pens[who] = {doc};
    }
}

DocIndex Room::write(const Paper &paper)
{
    DocIndex doc;
    ask([&] {
        m_group->submit(0, api::CreateDocument{1, paper.title, {}});
        while (!m_group->at(kMe).findDocument(paper.title))
            m_group->run(100ms);
        doc = *m_group->at(0).findDocument(paper.title);
        m_group->run(1s);
        open(doc);
        writeAll(paper, doc);
        settle(doc);
    });
    return doc;
}

void Room::writeAll(const Paper &paper, DocIndex doc)
{
    const auto length = [&](std::size_t who) {
        const auto document = m_group->at(who).document(doc);
        return static_cast<TextOffset>(document ? document->text.size() : 0);
    };
    std::size_t turns = 0;
    TextOffset end = 0;
    for (std::size_t from = 0; from < paper.paragraphs; from += kParagraphsAtOnce) {
        const std::size_t who = turns++ % kMe;
        hear(who);
        std::string text;
        std::vector<api::Styling> stylings;
        const std::size_t to = std::min(paper.paragraphs, from + kParagraphsAtOnce);
        for (std::size_t number = from; number < to; ++number) {
            if (paper.isRich)
                styleLine(number, end + static_cast<TextOffset>(text.size()), paper.letters,
                          stylings);
            text += lineOf(paper.letters, number) + '\n';
        }
        const auto letters = static_cast<TextOffset>(text.size());
        put(who, end, 0, std::move(text), std::move(stylings));
        m_group->submit(who, api::Flush{});
        end += letters;
        const std::size_t next = turns % kMe;
        m_group->run(60ms);
        while (m_group->at(next).graph().size() < m_group->at(who).graph().size())
            m_group->run(20ms);
    }
    settle(doc);
    CHECK(length(0) == end && length(kMe) == end);
    std::mt19937 random(5);
    for (std::size_t i = 0; i < paper.touches; ++i) {
        const std::size_t who = i / kTouchesAtOnce % kMe;
        if (i % kTouchesAtOnce == 0) {
            settle(doc);
            hear(who);
        }
        const auto at = static_cast<TextOffset>(random() % (paper.paragraphs * paper.letters / 2));
        put(who, at, i % 2 == 0 ? 0 : 6, i % 2 == 0 ? "words " : "");
        if (i % 4 == 0)
            m_group->submit(who, api::Flush{});
    }
}

/// Until everybody has all.
void Room::settle(DocIndex)
{
    for (std::size_t who = 0; who < kMe; ++who)
        m_group->submit(who, api::Flush{});
    const auto isSame = [this] {
        for (std::size_t who = 1; who < kPeople; ++who)
            if (m_group->at(who).frontierRoot() != m_group->at(0).frontierRoot())
                return false;
        return true;
    };
    do
        m_group->run(100ms);
    while (!isSame());
}

std::vector<TextOffset> Room::ends(DocIndex doc)
{
    std::vector<TextOffset> ends;
    ask([&] {
        const std::string text = *m_group->at(kMe).text(doc); // all of it is ASCII
        for (std::size_t at = text.find('\n'); at != std::string::npos;
             at = text.find('\n', at + 1))
            ends.push_back(static_cast<TextOffset>(at));
    });
    return ends;
}

void Room::startTyping(DocIndex doc, const std::vector<TextOffset> &places)
{
    ask([&] {
        open(doc);
        for (std::size_t who = 0; who < kMe; ++who) {
            hear(who);
            m_pens[who].at = places[who % places.size()];
        }
        m_isTyping = true;
        m_nextKeys = Clock::now();
    });
}

void Room::stopTyping()
{
    ask([this] {
        m_isTyping = false;
        settle({});
    });
}

void Room::editAtOnce(DocIndex doc, const std::vector<TextOffset> &places)
{
    post([this, doc, places] {
        open(doc);
        for (std::size_t who = 0; who < kMe; ++who)
            hear(who);
        hand(); // what came before is a batch of its own
        for (std::size_t i = 0; i < places.size(); ++i)
            put(i * kMe / places.size(), places[i], 0, "x");
        settle(doc);
    });
}

} // namespace nlbd::bench
