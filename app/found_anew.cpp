#include "app/found_anew.h"

#include "app/system_clock.h"

#include <set>

namespace nlbd::app {

namespace {

/// Where a text comes from: workspace, the decision that stood, what was held, and the document.
std::string originOf(const WorkspaceHost &past, DocIndex doc)
{
    const identity::Configuration &configuration = past.engine().configuration();
    return "nlbd:" + past.id().hex() + "/" + std::to_string(configuration.epoch.value) + "/"
        + configuration.decision.hex() + "/" + std::to_string(doc.value);
}

/// Documents that were taken over already, whatever the past held then.
std::set<std::pair<std::string, std::string>> takenOver(const engine::Engine &engine)
{
    std::set<std::pair<std::string, std::string>> result;
    for (const auto &document : engine.snapshot().documents) {
        const std::string origin = engine.origin(document.doc);
        const std::size_t slash = origin.rfind('/');
        if (slash != std::string::npos)
            result.emplace(origin.substr(0, origin.find('/')), origin.substr(slash));
    }
    return result;
}

std::vector<api::Quote> quotesOf(const engine::Engine &past, DocIndex doc)
{
    std::vector<api::Quote> quotes;
    for (const engine::Engine::BlameRun &run : past.blame(doc)) {
        const std::string &author =
            run.quoted.empty() ? past.configuration().memberOf(run.author)->name : run.quoted;
        if (!quotes.empty() && quotes.back().author == author)
            quotes.back().length += run.length;
        else
            quotes.push_back({run.from, run.length, author});
    }
    return quotes;
}

} // namespace

std::expected<Anew, std::variant<Code, ProfileError>> foundAnew(Loop &loop,
                                                                const WorkspaceHost &past,
                                                                std::string_view name,
                                                                const std::vector<Contact> &others)
{
    const auto bytes = past.engine().archive();
    if (!bytes)
        return std::unexpected(bytes.error());
    const auto archive = loop.profile().keepArchive(past.id(), *bytes);
    if (!archive)
        return std::unexpected(archive.error());
    const auto draft = loop.found(name, others);
    if (!draft)
        return std::unexpected(draft.error());
    // Kept after the draft: without it the file means nothing, and is passed over.
    if (const auto kept = loop.takeOver(WorkspaceId{draft->value}, past.id()); !kept)
        return std::unexpected(kept.error());
    return Anew{*draft, *archive};
}

bool importTexts(WorkspaceHost &anew, const WorkspaceHost &past)
{
    const engine::Engine &from = past.engine();
    if (anew.engine().standing() != engine::Engine::Standing::Ready
        || from.standing() == engine::Engine::Standing::Starting)
        return false;
    const auto taken = takenOver(anew.engine());
    bool isWhole = true;
    for (const auto &document : from.snapshot().documents) {
        const std::string origin = originOf(past, document.doc);
        if (taken.contains({origin.substr(0, origin.find('/')), origin.substr(origin.rfind('/'))}))
            continue;
        isWhole = false;
        anew.step(api::Command{api::CreateDocument{0, document.title, document.text,
                                                   quotesOf(from, document.doc), origin}},
                  readClocks());
    }
    return isWhole && anew.isStored();
}

} // namespace nlbd::app
