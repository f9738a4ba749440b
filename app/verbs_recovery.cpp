// The words that are a person's key: shown, tried, and typed on a new computer.

#include "app/sentences.h"
#include "app/verb_parts.h"
#include "core/identity/recovery_words.h"
#include "core/identity/words.h"

namespace nlbd::app::verbs {

namespace {

VerbReply noKey()
{
    return failure(Exit::Failed,
                   sentenceOf(api::LobbyTrouble{api::LobbyTrouble::Kind::NotThePerson, {}}));
}

VerbReply noIdentity()
{
    return failure(Exit::NotFound,
                   "There is no identity in this profile yet. \"init NAME\" makes one, and "
                   "\"recovery restore NAME\" takes up one of before.");
}

VerbReply shown(Loop &loop)
{
    const Self *self = loop.profile().self();
    if (self == nullptr)
        return noIdentity();
    if (!self->identity)
        return noKey();
    const std::string words = identity::recoveryWords(*self->identity);
    return {
        Exit::Ok,
        {lineOf({{"ok", true},
                 {"recovery", words},
                 {"say",
                  words
                      + "\n\nWrite them on paper, in this order, and keep them where nobody else "
                        "reads them. If this computer is lost, \"recovery restore\" with them "
                        "makes another one yours, in every workspace. Whoever reads them can "
                        "do so as well, and they cannot be changed: if somebody read them, ask "
                        "the members to remove you and come back as a new person, in an empty "
                        "profile. Where two or three decide they bring no seat back: each "
                        "decision needs the lost computer too. \"recovery check\" tries what you "
                        "wrote."}})}};
}

VerbReply checked(Loop &loop, const std::string &words)
{
    const Self *self = loop.profile().self();
    if (self == nullptr)
        return noIdentity();
    const auto key = identity::keyFromWords(words);
    if (!key)
        return failure(Exit::Usage, identity::sentenceOf(key.error()));
    if (key->publicKey() != self->person())
        return failure(Exit::Failed,
                       "These are recovery words, but not those of " + self->name + ".");
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"name", self->name},
                     {"say", "These are the recovery words of " + self->name + "."}})}};
}

VerbReply restored(Loop &loop, const std::string &name, const std::string &words)
{
    const std::uint64_t before = loop.troubleCount();
    const bool wasCompanion = loop.profile().self() != nullptr;
    loop.take(api::LobbyCommand(api::Restore{name, words}));
    if (const auto trouble = newTrouble(loop, before); trouble)
        return failure(exitOf(*trouble), sentenceOf(*trouble));
    const Self &self = *loop.profile().self();
    const std::string four = identity::fourWords(self.person());
    const std::string next = wasCompanion
        ? "This computer has your key now. If the one that votes for you is lost, \"devices seat\" "
          "with the first digits of this one's key lets this one vote."
        : "Nothing of your workspaces is here yet. For each one let a member make an invitation "
          "(\"invite --workspace NAME\"); then \"run\" here, and \"join\" with it. This computer "
          "then writes and votes for you in place of the one that did, and nobody has to vote on "
          "it. Not so where two or three decide: each decision needs the lost computer too, and "
          "what is left there is \"found-anew\" at a member who has the texts. If the four words "
          "are not those that others know of you, one of the recovery words "
          "was another.";
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"name", self.name},
                     {"words", four},
                     {"device", self.device.publicKey().hex()},
                     {"identity", self.person().hex()},
                     {"say", "You are " + self.name + " (" + four + "). " + next}})}};
}

} // namespace

VerbReply recovery(Runtime &runtime, const Request &request)
{
    const std::string what = request.get("what");
    if (what != "show" && what != "check" && what != "restore")
        return failure(Exit::Usage, "recovery takes show, check or restore; see --help.");
    return runtime.ask<VerbReply>(
        [request, what](Loop &loop) {
            return what == "show" ? shown(loop)
                : what == "check" ? checked(loop, request.get("words"))
                                  : restored(loop, request.get("argument"), request.get("words"));
        },
        ending());
}

} // namespace nlbd::app::verbs
