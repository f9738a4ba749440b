#pragma once

#include "tests/support/small_group.h"
#include "tests/support/styled_view.h"

#include <map>

namespace nlbd::testing {

/// Some people who have one document open, and ask.
struct AskingTable {
    explicit AskingTable(std::size_t people, std::string text = {})
        : group(people)
    {
        group.submit(0, api::CreateDocument{1, "t", std::move(text)});
        group.run(std::chrono::seconds(3));
        doc = *group.at(0).findDocument("t");
        for (std::size_t i = 0; i < people; ++i)
            open(i);
        settle();
    }

    void open(std::size_t i)
    {
        group.subscribe(i);
        if (i < views.size())
            views[i] = StyledView(doc, 1);
        else
            views.emplace_back(doc, 1);
        views[i].outbox.emplace_back(api::OpenDocument{doc, 1});
    }
    void type(std::size_t i, TextOffset at, std::string text, TextOffset removed = 0)
    {
        views[i].edit({at, removed, std::move(text)}, {}, api::EditText::Cause::Typing);
    }
    void quote(std::size_t i, TextOffset from, TextOffset to, std::string name)
    {
        views[i].edit({}, {{from, to, {{"quoted", std::move(name)}}}},
                      api::EditText::Cause::Format);
    }
    void send(std::size_t i)
    {
        for (; !views[i].outbox.empty(); views[i].outbox.pop_front())
            group.submit(i, views[i].outbox.front());
        fetch();
    }
    void sendOne(std::size_t i)
    {
        if (views[i].outbox.empty())
            return;
        group.submit(i, views[i].outbox.front());
        views[i].outbox.pop_front();
    }
    void take(std::size_t i)
    {
        while (takeOne(i)) {
        }
    }
    bool takeOne(std::size_t i)
    {
        fetch();
        if (views[i].inbox.empty())
            return false;
        const api::Event event = std::move(views[i].inbox.front());
        views[i].inbox.pop_front();
        views[i].take(event);
        if (heard)
            heard(i, event);
        if (const auto *told = std::get_if<api::AuthorsTold>(&event))
            authors = *told;
        if (const auto *told = std::get_if<api::WhoHasTold>(&event))
            holders = *told;
        if (const auto *told = std::get_if<api::CommentsChanged>(&event); told && told->doc == doc)
            comments[i] = *told;
        if (const auto *told = std::get_if<api::CommentWritten>(&event))
            written = *told;
        if (const auto *told = std::get_if<api::MentionsChanged>(&event))
            mentions[i] = told->mentions;
        return true;
    }
    void settle()
    {
        for (std::size_t i = 0; i < views.size(); ++i)
            send(i);
        for (std::size_t i = 0; i < views.size(); ++i)
            group.submit(i, api::Flush{});
        group.run(std::chrono::seconds(2));
        for (std::size_t i = 0; i < views.size(); ++i)
            take(i);
    }
    std::vector<api::AuthorSpan> ask(std::size_t i, TextOffset from, TextOffset to)
    {
        authors = {};
        views[i].outbox.emplace_back(api::AskAuthors{++requests, views[i].passage(from, to)});
        send(i);
        take(i);
        return authors.spans;
    }
    const api::WhoHasTold &askWho(std::size_t i, TextOffset from, TextOffset to)
    {
        holders = {};
        views[i].outbox.emplace_back(api::AskWhoHas{++requests, views[i].passage(from, to)});
        send(i);
        take(i);
        return holders;
    }
    /// Nobody hears of him, nor he of anybody.
    void isolate(std::size_t i, bool isAlone = true)
    {
        for (std::size_t other = 0; other < group.size(); ++other)
            if (other != i)
                isAlone ? group.cut(i, other) : group.join(i, other);
    }

    SmallGroup group;
    DocIndex doc;
    std::vector<StyledView> views;
    std::uint64_t requests = 0;
    api::AuthorsTold authors; ///< the last
    api::WhoHasTold holders;
    std::map<std::size_t, api::CommentsChanged> comments; ///< by person, the last
    std::map<std::size_t, std::vector<api::MentionInfo>> mentions;
    api::CommentWritten written;
    std::function<void(std::size_t, const api::Event &)> heard; ///< what a view takes

private:
    void fetch()
    {
        for (std::size_t i = 0; i < views.size(); ++i)
            for (api::Event &event : group.takeEvents(i))
                views[i].inbox.push_back(std::move(event));
    }
};

} // namespace nlbd::testing
