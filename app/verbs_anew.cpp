// Founding anew: when too many are gone for ever to decide anything (PROTOCOL C16).

#include "app/found_anew.h"
#include "app/sentences.h"
#include "app/verb_parts.h"
#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"

namespace nlbd::app::verbs {

namespace {

VerbReply refusalOf(const std::variant<Code, ProfileError> &why)
{
    if (const auto *disk = std::get_if<ProfileError>(&why))
        return failure(Exit::Disk, sentenceOf(*disk));
    if (std::get<Code>(why) == Code::E_NAME_CONFUSABLE)
        return failure(Exit::Failed, sentenceOf({api::LobbyTrouble::Kind::NamesAlike, {}}));
    return failure(Exit::Failed,
                   "These people cannot found a workspace together: somebody is named twice, or "
                   "they are too many. Nothing was changed. Name each once, and not yourself.");
}

std::string sentenceOf(const WorkspaceHost &past, const std::string &name, const Anew &anew,
                       std::size_t asked)
{
    const std::string &old = past.engine().configuration().name;
    return (asked == 0 ? "Founded \"" + name + "\" anew. Only you have it."
                       : "Asked " + counted(asked, "other") + " to found \"" + name
                    + "\" anew. \"status\" shows who has accepted.")
        + " It begins with the texts of \"" + plainLine(old)
        + "\" as this computer holds them; \"blame\" shows who wrote what there, on your word. "
          "The proof is the archive in "
        + anew.archive.string()
        + ", which whoever holds the old workspace can check with \"verify\". The others were not "
          "asked: \""
        + plainLine(old)
        + "\" goes on as it is, for everybody who stays in it, and the two share nothing from now "
          "on.";
}

} // namespace

VerbReply foundAnew(Runtime &runtime, const Request &request)
{
    const std::string name = identity::composedName(request.get("name"));
    if (!identity::isValidName(name))
        return failure(Exit::Usage,
                       app::sentenceOf(api::LobbyTrouble{api::LobbyTrouble::Kind::BadName, name}));
    const auto others = readCards(request);
    if (!others)
        return others.error();
    return runtime.ask<VerbReply>(
        [request, name, others = *others](Loop &loop) -> VerbReply {
            const auto past = findWorkspace(loop, request);
            if (!past)
                return past.error();
            if (!loop.profile().self()->identity)
                return failure(Exit::Failed,
                               app::sentenceOf({api::LobbyTrouble::Kind::NotThePerson, {}}));
            const std::uint64_t before = loop.troubleCount();
            const auto anew = app::foundAnew(loop, **past, name, others);
            if (!anew)
                return refusalOf(anew.error());
            if (const auto trouble = newTrouble(loop, before); trouble)
                return failure(exitOf(*trouble), app::sentenceOf(*trouble));
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"draft", anew->draft.hex()},
                             {"workspace", anew->draft.hex()},
                             {"past", (*past)->id().hex()},
                             {"archive", anew->archive.string()},
                             {"founded", loop.host(WorkspaceId{anew->draft.value}) != nullptr},
                             {"say", sentenceOf(**past, name, *anew, others.size())}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

} // namespace nlbd::app::verbs
