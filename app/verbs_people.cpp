#include "app/verb_parts.h"
#include "app/wish_words.h"

#include "app/sentences.h"
#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"
#include "core/identity/words.h"

#include <algorithm>
#include <sstream>

namespace nlbd::app::verbs {

namespace {

VerbReply noIdentity()
{
    return failure(Exit::NotFound,
                   "There is no identity in this profile yet. \"init NAME\" makes one.");
}

} // namespace

VerbReply init(Runtime &runtime, const Request &request)
{
    const std::string name = request.get("name");
    return runtime.ask<VerbReply>(
        [name](Loop &loop) -> VerbReply {
            const std::uint64_t before = loop.troubleCount();
            loop.take(api::LobbyCommand(api::SetName{name}));
            if (const auto trouble = newTrouble(loop, before); trouble)
                return failure(exitOf(*trouble), sentenceOf(*trouble));
            const Self &self = *loop.profile().self();
            const std::string words = identity::fourWords(self.person());
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"name", name},
                             {"words", words},
                             {"device", self.device.publicKey().hex()},
                             {"identity", self.person().hex()},
                             {"say", "You are " + name + " (" + words + ")."}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

VerbReply card(Runtime &runtime, const Request &request)
{
    const std::string address = request.get("address");
    return runtime.ask<VerbReply>(
        [address](Loop &loop) -> VerbReply {
            if (loop.profile().self() == nullptr)
                return noIdentity();
            Contact contact = loop.contact();
            if (!address.empty()) {
                const auto endpoint = net::parseEndpoint(address);
                if (!endpoint)
                    return failure(Exit::Usage,
                                   sentenceOf(api::LobbyTrouble{api::LobbyTrouble::Kind::BadAddress,
                                                                address}));
                contact.endpoints = {*endpoint};
            }
            const std::string text = cardText(contact);
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"card", text},
                             {"device", contact.person.device.hex()},
                             {"say", text}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

VerbReply invite(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            if (loop.profile().self() == nullptr)
                return noIdentity();
            std::optional<WorkspaceId> room; // nothing: only to meet
            if (request.has("workspace")) {
                const auto host = findWorkspace(loop, request);
                if (!host)
                    return host.error();
                if (!(*host)->engine().configuration().policy.newcomersReadPast)
                    return failure(Exit::Failed, whyNobodyNew());
                room = (*host)->id();
            }
            const std::uint64_t before = loop.troubleCount();
            const auto invitation = loop.makeInvitation(room);
            if (const auto trouble = newTrouble(loop, before); !invitation && trouble)
                return failure(exitOf(*trouble), sentenceOf(*trouble));
            if (!invitation)
                return failure(Exit::Network, "No invitation can be made without a network.");
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"invitation", invitation->text()},
                             {"expires", timeText(invitation->expires)},
                             {"say", invitation->text()}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

std::expected<std::vector<Contact>, VerbReply> readCards(const Request &request)
{
    std::vector<Contact> others;
    std::istringstream cards(request.get("with"));
    for (std::string word; cards >> word;) {
        auto contact = readCard(word);
        if (!contact)
            return std::unexpected(failure(
                Exit::Usage,
                "This is no card, or not a whole one: " + word.substr(0, 40)
                    + ". Nothing was changed. \"card\" prints a card on the other computer."));
        others.push_back(std::move(*contact));
    }
    return others;
}

VerbReply found(Runtime &runtime, const Request &request)
{
    const std::string name = identity::composedName(request.get("name"));
    if (!identity::isValidName(name))
        return failure(Exit::Usage,
                       sentenceOf(api::LobbyTrouble{api::LobbyTrouble::Kind::BadName, name}));
    const auto others = readCards(request);
    if (!others)
        return others.error();
    return runtime.ask<VerbReply>(
        [name, others = *others](Loop &loop) -> VerbReply {
            if (loop.profile().self() == nullptr)
                return noIdentity();
            if (!loop.profile().self()->identity)
                return failure(Exit::Failed,
                               sentenceOf({api::LobbyTrouble::Kind::NotThePerson, {}}));
            const std::uint64_t before = loop.troubleCount();
            const auto draft = loop.found(name, others);
            if (!draft && draft.error() == Code::E_NAME_CONFUSABLE)
                return failure(Exit::Failed, sentenceOf({api::LobbyTrouble::Kind::NamesAlike, {}}));
            if (!draft)
                return failure(Exit::Failed,
                               "These people cannot found a workspace together: somebody is named "
                               "twice, or they are too many. Nothing was changed. Name each once, "
                               "and not yourself.");
            if (const auto trouble = newTrouble(loop, before); trouble)
                return failure(exitOf(*trouble), sentenceOf(*trouble));
            const bool isOpen = loop.host(WorkspaceId{draft->value}) != nullptr;
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"draft", draft->hex()},
                             {"workspace", draft->hex()},
                             {"founded", isOpen},
                             {"say",
                              isOpen ? "Founded \"" + name + "\". Only you have it."
                                     : "Asked " + counted(others.size(), "other")
                                      + ". \"status\" shows who has accepted."}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

namespace {

VerbReply answerFounding(Runtime &runtime, const Request &request, bool accepts)
{
    const std::string wanted = request.get("draft");
    return runtime.ask<VerbReply>(
        [wanted, accepts](Loop &loop) -> VerbReply {
            for (const api::FoundingInfo &info : loop.foundings()) {
                const bool isWanted =
                    !info.isMine && (wanted.empty() || info.draft.hex().starts_with(wanted));
                if (!isWanted)
                    continue;
                loop.take(api::LobbyCommand(api::AnswerFounding{info.draft, accepts}));
                return {
                    Exit::Ok,
                    {lineOf({{"ok", true},
                             {"draft", info.draft.hex()},
                             {"workspace", info.workspace},
                             {"accepted", accepts},
                             {"say",
                              (accepts ? "You accepted to found \"" : "You declined to found \"")
                                  + info.workspace + "\"."}})}};
            }
            return failure(Exit::NotFound, "Nobody asks you to found a workspace like that.");
        },
        failure(Exit::Failed, "The program is ending."));
}

} // namespace

VerbReply accept(Runtime &runtime, const Request &request)
{
    return answerFounding(runtime, request, true);
}

VerbReply decline(Runtime &runtime, const Request &request)
{
    return answerFounding(runtime, request, false);
}

} // namespace nlbd::app::verbs
