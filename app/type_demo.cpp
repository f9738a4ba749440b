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

std::string TypeDemo::nextWord(bool isFirst)
{
    const std::string_view sentence = kSentences[m_sentence];
    const std::size_t end = std::min(sentence.find(' ', m_at), sentence.size());
    std::string word(isFirst ? "\n" : m_at == 0 ? " " : "");
    word += sentence.substr(m_at, end - m_at);
    if (end == sentence.size()) {
        m_at = 0;
        m_sentence = m_random.below(kSentences.size());
    } else {
        word += " ";
        m_at = end + 1;
    }
    return word;
}

Millis TypeDemo::type(Loop &loop)
{
    constexpr Millis kAsleep{500};
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
        if (engine.graph().entry(run.change).device == engine.me()) {
            place = run.from + run.length;
            isFirst = false;
        }
    std::vector<std::pair<DeviceIndex, Seq>> seen;
    for (std::size_t i = 0; i < engine.graph().chainCount(); ++i) {
        const auto &head = engine.graph().entry(
            engine.graph().headOf(history::ChainId(static_cast<std::uint16_t>(i))));
        if (head.device != engine.me())
            seen.emplace_back(head.device, head.seq);
    }
    const std::string word = nextWord(isFirst);
    loop.step(host.id(), engine::EditAsOf{doc, std::move(seen), {{place, 0, word}}});
    const std::size_t pause =
        word.size() * 90 + m_random.below(200) + (word.ends_with('.') ? 900 : 0);
    return Millis(static_cast<std::int64_t>(pause));
}

} // namespace nlbd::app
