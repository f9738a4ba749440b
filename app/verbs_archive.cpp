#include "app/verb_parts.h"

namespace nlbd::app::verbs {

namespace {

std::string faultOf(Code code)
{
    switch (code) {
    case Code::E_SIG:
        return "What it says is not what was signed";
    case Code::E_NOT_MEMBER:
        return "It is of another workspace";
    case Code::E_KEY_COMMIT:
        return "It is encrypted with a key that is not here";
    default:
        return "This is no archive, or it was altered";
    }
}

} // namespace

VerbReply archive(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto bytes = (*host)->engine().archive();
            if (!bytes)
                return failure(Exit::Failed,
                               "The history cannot be archived ("
                                   + std::string(codeName(bytes.error())) + ").");
            const std::size_t attached = (*host)->engine().attachments().size();
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"archive", toBase64Url(*bytes)},
                             {"attachments", attached},
                             {"say",
                              "An archive of " + counted(bytes->size(), "byte") + "."
                                  + (attached == 0 ? ""
                                                   : " It names " + counted(attached, "attachment")
                                             + " and does not hold what is in them: "
                                               "\"save-attachment\" writes a file, and a backup "
                                               "holds those that are here.")}})}};
        },
        ending());
}

VerbReply verifyArchive(Runtime &runtime, const Request &request)
{
    const auto bytes = fromBase64Url(request.get("archive"));
    if (!bytes)
        return failure(Exit::Usage, "This is no request.");
    return runtime.ask<VerbReply>(
        [request, &bytes](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto checked = (*host)->engine().check(*bytes);
            if (!checked)
                return failure(Exit::Failed,
                               faultOf(checked.error()) + " ("
                                   + std::string(codeName(checked.error())) + ").");
            return {Exit::Ok,
                    {lineOf({{"ok", true},
                             {"changes", checked->changes},
                             {"unknown", checked->unknown},
                             {"say",
                              "The archive holds: " + counted(checked->changes, "change")
                                  + ", each as its device signed it. "
                                  + std::to_string(checked->unknown)
                                  + " of them are not held here."}})}};
        },
        ending());
}

} // namespace nlbd::app::verbs
