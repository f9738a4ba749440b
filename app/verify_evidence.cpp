#include "app/verify_evidence.h"

#include "app/verb_parts.h"
#include "core/consensus/evidence_file.h"
#include "core/identity/words.h"

#include <fstream>

namespace nlbd::app {

namespace {

/// The whole file, or a byte more than evidence ever has.
std::string contentOf(std::ifstream &in)
{
    constexpr std::size_t kStep = 1024 * 1024;
    std::string content;
    while (in && content.size() <= consensus::kEvidenceFileBytesMax) {
        const std::size_t before = content.size();
        content.resize(before + kStep);
        in.read(content.data() + before, kStep);
        content.resize(before + static_cast<std::size_t>(in.gcount()));
    }
    return content;
}

std::string verdict(const trust::CheckedEvidence &checked)
{
    using Result = trust::CheckedEvidence::Result;
    switch (checked.result) {
    case Result::Holds:
        return "The proof holds. " + checked.sentence;
    case Result::NeedsHistory:
        return "The signatures are good, but this proof cannot be checked alone. "
            + checked.sentence;
    case Result::DoesNotHold:
        break;
    }
    return "The proof does not hold. " + checked.sentence;
}

} // namespace

VerbReply verifyEvidence(const std::string &fileName)
{
    std::ifstream in(fileName, std::ios::binary);
    if (!in)
        return failure(Exit::NotFound, "\"" + fileName + "\" cannot be read.");
    const auto file = consensus::checkEvidenceFile(bytesOf(contentOf(in)), identity::Ed25519{});
    if (!file)
        return failure(Exit::Failed,
                       file.error().sentence + " It proves nothing ("
                           + std::string(codeName(file.error().code)) + ").");
    const trust::CheckedEvidence &checked = file->checked;
    const identity::Configuration &configuration = file->configuration;
    const identity::Member *accused =
        checked.accused ? configuration.memberOf(*checked.accused) : nullptr;
    const std::string words = accused != nullptr ? identity::fourWords(accused->identity) : "";
    const bool holds = checked.result == trust::CheckedEvidence::Result::Holds;
    std::string say = verdict(checked);
    if (accused != nullptr)
        say +=
            "\nThe accused is the device with the key \"" + words + "\" of " + accused->name + ".";
    say += "\nIt is a member of the workspace \"" + configuration.name + "\" ("
        + configuration.workspace.hex().substr(0, 16) + "), founded by "
        + std::to_string(file->genesis.genesis.configuration().members.size())
        + " people who all signed, in its epoch " + std::to_string(configuration.epoch.value)
        + ". Whoever knows that workspace can compare its key.";
    return {holds ? Exit::Ok : Exit::Failed,
            {lineOf({{"ok", holds},
                     {"code", codeName(file->proof.code())},
                     {"accused", accused != nullptr ? accused->name : ""},
                     {"words", words},
                     {"workspace", configuration.name},
                     {"epoch", configuration.epoch.value},
                     {"sentence", checked.sentence},
                     {"say", say}})}};
}

} // namespace nlbd::app
