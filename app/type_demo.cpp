#include "app/type_demo.h"

#include "core/base/utf8.h"

#include <array>

namespace nlbd::app {

namespace {

constexpr std::array<std::string_view, 8> kSentences{
    "The tomatoes stand by the south wall this year.",
    "Somebody has to look after the water on Sundays.",
    "We could swap the beans and the peas, they had the same bed twice.",
    "I can bring compost on Thursday evening.",
    "The gate squeaks again; a drop of oil would do.",
    "Let us plant the apple tree before the frost.",
    "There is room for two more rows along the path.",
    "Thank you for the seedlings, they all came up.",
};

} // namespace

void TypeDemo::nextSentence()
{
    m_at = 0;
    m_sentence = m_random.below(kSentences.size());
}

std::string TypeDemo::nextLetter()
{
    const std::string_view sentence = kSentences[m_sentence];
    if (m_at < sentence.size())
        return std::string(1, sentence[m_at++]); // they are ASCII
    nextSentence();
    return " ";
}

Millis TypeDemo::type(Loop &loop)
{
    constexpr Millis kAsleep{500};
    constexpr std::uint64_t kView = 1; // a headless program has no other
    if (loop.hosts().empty())
        return kAsleep;
    const WorkspaceHost &host = *loop.hosts().begin()->second;
    const engine::Engine &engine = host.engine();
    const auto documents = engine.snapshot().documents;
    if (documents.empty())
        return kAsleep;
    const DocIndex doc = documents.front().doc;
    TextOffset place = utf8::length(documents.front().text);
    bool isFirst = true;
    for (const auto &run : engine.blame(doc))
        if (run.author == engine.me()) {
            place = run.from + run.length;
            isFirst = false;
        }
    const std::string letter = isFirst ? "\n" : nextLetter();
    // A view that is opened anew for each letter has seen all there is: nothing crosses on the way.
    loop.step(host.id(), api::Command{api::OpenDocument{doc, kView}});
    loop.step(host.id(), api::Command{api::EditText{doc, kView, 0, 1, {{place, 0, letter}}}});
    loop.step(host.id(), api::Command{api::MoveCaret{doc, kView, 0, 1, place + 1, place + 1}});
    return Millis(static_cast<std::int64_t>(60 + m_random.below(120) + (letter == "." ? 900 : 0)));
}

} // namespace nlbd::app
