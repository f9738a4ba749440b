#include "app/verify_decision.h"

#include "app/small_file.h"
#include "app/verb_parts.h"
#include "app/wish_words.h"
#include "core/consensus/decision_file.h"
#include "core/engine/shown_wish.h"
#include "core/identity/words.h"

#include <algorithm>

namespace nlbd::app {

using Json = nlohmann::json;

namespace {

/// What was asked for, in words. A decision may list what had no effect any more.
std::string decidedWords(const consensus::DecisionFile &file)
{
    std::string words;
    for (const consensus::Proposal &proposal : file.decision.proposals)
        words += (words.empty() ? "" : "; ")
            + wordsOf(engine::shown(proposal, file.after), file.after, file.before.policy);
    return words.empty() ? "nothing: what was asked no longer made sense" : words;
}

struct Signer {
    std::string name;
    std::string words; ///< of the person's key, as everybody sees them: names can be chosen freely
};

std::vector<Signer> signersOf(const consensus::DecisionFile &file)
{
    std::vector<Signer> result;
    for (const DeviceIndex device : file.signers()) {
        const identity::Member &member = *file.before.memberOf(device);
        result.push_back({plainLine(member.name), identity::fourWords(member.identity)});
    }
    return result;
}

/// The founders, for those who do not know the id.
std::string founderNames(const consensus::DecisionFile &file)
{
    std::string names;
    for (const identity::Founder &founder : file.genesis.genesis.founders)
        names += (names.empty() ? "" : ", ") + plainLine(founder.name);
    return names;
}

std::string sentenceOf(const consensus::DecisionFile &file, const std::vector<Signer> &signers,
                       bool isWorkspaceNamed)
{
    const std::string id = file.after.workspace.hex();
    std::string names;
    for (const Signer &signer : signers)
        names += (names.empty() ? "" : ", ") + signer.name + " (" + signer.words + ")";
    std::string say = "The decision holds. It is number " + std::to_string(file.after.epoch.value)
        + " of the workspace \"" + plainLine(file.after.name) + "\": " + decidedWords(file)
        + ".\nSigned in round " + std::to_string(file.certificate.round.value + 1) + " by " + names
        + ": " + std::to_string(signers.size()) + " of the "
        + std::to_string(file.before.seats.size()) + " who decided then; "
        + std::to_string(identity::quorumOf(file.before.seats.size())) + " were needed.\n";
    if (isWorkspaceNamed)
        return say + "It is the workspace that you named.";
    return say + "All that led to it follows from the founding record of " + founderNames(file)
        + ". Whether that is your workspace, its id tells: " + id
        + ". Compare it with \"list --json\", or say it with --workspace.";
}

} // namespace

VerbReply verifyDecision(const std::string &fileName, const std::string &workspace)
{
    std::optional<WorkspaceId> wanted;
    if (!workspace.empty()) {
        const auto id = fromHex(workspace);
        wanted = id ? WorkspaceId::from(*id) : std::nullopt;
        if (!wanted)
            return failure(Exit::Usage,
                           "--workspace takes all 64 digits of an id here, as \"list --json\" "
                           "prints it: names and beginnings can be made to match.");
    }
    const auto content = readSmallFile(fileName, consensus::kChainFileBytesMax);
    if (content && !*content)
        return failure(Exit::NotFound, "\"" + fileName + "\" cannot be read.");
    if (!content)
        return failure(content.error().kind == ProfileError::Kind::Damaged ? Exit::Failed
                                                                           : Exit::NotFound,
                       "\"" + fileName + "\" cannot be read, or is larger than any decision.");
    const auto file = consensus::checkDecisionFile(**content, identity::Ed25519{});
    if (!file)
        return failure(Exit::Failed,
                       file.error().sentence + " It shows nothing ("
                           + std::string(codeName(file.error().code)) + ").");
    const std::string id = file->after.workspace.hex();
    if (wanted && *wanted != file->after.workspace)
        return failure(Exit::Failed,
                       "The decision is of another workspace, \"" + plainLine(file->after.name)
                           + "\" with the id " + id + ".");
    const auto signers = signersOf(*file);
    Json signed_ = Json::array();
    for (const Signer &signer : signers)
        signed_.push_back({{"name", signer.name}, {"words", signer.words}});
    return {Exit::Ok,
            {lineOf({{"ok", true},
                     {"workspace", id},
                     {"name", file->after.name},
                     {"number", file->after.epoch.value},
                     {"decision", file->after.decision.hex()},
                     {"round", file->certificate.round.value},
                     {"asked", decidedWords(*file)},
                     {"signers", std::move(signed_)},
                     {"seats", file->before.seats.size()},
                     {"quorum", identity::quorumOf(file->before.seats.size())},
                     {"say", sentenceOf(*file, signers, wanted.has_value())}})}};
}

} // namespace nlbd::app
