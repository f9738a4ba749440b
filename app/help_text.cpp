#include "app/arguments.h"

namespace nlbd::app {

namespace {

constexpr const char *kPeopleAndTexts = R"(nlbd-peer: a member of a workspace without a window.

    nlbd-peer [--profile DIR] [--json] VERB ...

Who you are
    init NAME                        make an identity
    card [--address HOST:PORT]       print the line by which others found a workspace with you
    recovery show                    the words that are you: write them down, see below
    recovery check                   try what you wrote; words come from standard input
    recovery restore [NAME]          make this computer yours with the words, if the other is lost
    backup FILE                      write everything to a file that only a passphrase opens
    restore FILE                     put it back into an empty profile; see below

Meeting and founding
    run                              be online until stopped (Ctrl+C); see options below
    invite [--workspace NAME]        make an invitation (to ask to be let in), good once within a day
    join INVITATION                  meet whoever made it, or ask to be let in
    requests                         who asks to be let in here, and where you ask
    found --name NAME [--with CARD...]   found a workspace, alone or together
    accept, decline [--draft START]  say yes or no to a founding
    found-anew --name NAME [--with CARD...]   begin again with the texts of a workspace that can
                                     decide nothing any more; it goes on as it is

Texts (--workspace NAME if there are several; DOC is a title or a number from list)
    list                             workspaces and documents
    show DOC                         print a text
    new TITLE                        make a document
    import FILE [--title TITLE]      make a document from a text file
    export DOC [--output FILE]       write a text to a file
    export --archive FILE            write the whole signed history to a file, readable like the texts
    edit DOC [--at N] [--remove N] [--insert TEXT | --append TEXT]
    log [DOC]                        who changed what, when
    blame DOC                        who wrote which words
    attach FILE --document DOC       attach a file of up to 1 GiB to a document
    attachments [DOC]                what is attached, what of it is here, who has it
    fetch START [--stop]             fetch one that is larger than 10 MiB, smaller ones come by
                                     themselves; START are digits of its id. Or not any more
    save-attachment START FILE       write one to a file
    detach START [--document DOC]    take one off its document; what no document names any more goes
                                     from the disk 30 days later
    take-back NAME|START [--since N]   take back what somebody wrote, or a device since its change N
    rejected                         what was written too late, where work stands on it or it is yours

)";

constexpr const char *kDecisionsAndOptions = R"(Deciding together
    members                          who writes, who reads, how many decide
    decisions [--id N --output FILE]   what is asked for, and what was decided; save decision N
    propose admit NAME|START|CARD    ask all to let somebody in who asks for it, or has that card
    devices [renew | revoke START]   list them; go on in a copied folder; end a device of yours
    devices seat START               let another computer of yours vote in place of the one that does
    devices rotate-key               this computer draws the key anew that new keys come to it under
    devices link [LINE]              make this a second computer of yours, or another one; see below
    propose device START             ask all to end a device of somebody, by the digits of its key
    propose remove|reader|writer NAME   ask all: remove a member, who may then only read, or write
    propose rule TEXT | key | leave | checkpoint   agree on a sentence; a new key; go; sign the state
    propose limits NAME=N,...        days and sizes by which computers ask by themselves: silent-days,
                                     key-days, checkpoint-changes, checkpoint-bytes; 0 is never;
                                     newcomers-read-past=no: nobody new is let in
    propose fence START              stop a device against which you hold proof; computers do so too
    propose dormant NAME | wake      count on without somebody who is away; be back
    vote START yes|no                answer what somebody asks for; no takes a yes of yours back

Looking closer
    status                           who is online, what is agreed, what was refused; who is not
                                     connected, which step failed and what to do (man nlbd-peer)
    verify                           check everything that is stored
    verify FILE                      check an archive of the workspace against its signatures
    evidence [--id START --output FILE]   proofs and refusals; save one proof
    verify-evidence FILE             check a saved proof, on any computer
    verify-decision FILE [--workspace ID]   check a saved decision, on any computer: what, and who
                                     signed it

Testing
    replay --trace FILE --agent N --agents NAME,NAME... --doc TITLE [--timeout SECONDS] [--stay]

Options of run and replay
    --listen HOST:PORT      where to listen
    --peer HOST:PORT=KEY    a member at a known address; may be repeated
    --loopback              this computer only, without discovery
    --visible               let neighbours see your name
    --accept-founding       say yes to every founding
    --map-port              ask the router to pass the port on, for members elsewhere (NAT-PMP)
    --shut-door             nobody but members may connect
    --day SECONDS           what counts as a day for silent members and old keys (testing)
    --type-demo             type sentences into the first document, like a person

A second computer: say "devices link" on the new one, which must have no identity; "devices link"
with the line that it prints on the first one, while that is online; and "devices link" with the
line that you get there on the new one again. It writes as you, and does not vote. If its folder is
copied or restored, "devices renew" there prints a line as well, for "devices link" on the first one.

Recovery words: if a computer is lost for ever, "recovery restore NAME" in an empty profile takes up
the same identity. A member makes an invitation for each workspace, "join" with it: the computer then
writes and votes for you in place of the lost one, without a vote. Whoever has the words can do that,
and they cannot be changed: if they leaked, be removed and come back as a new person. Where two or
three decide they bring no seat back, as each decision needs the lost computer too.

Backups: the passphrase comes from standard input, eight letters at least. A restored profile reads
everything in the backup; "run" brings what was written since, and "devices renew" lets it go on with
a key of its own, by a decision of the members: it never signs with the key in the backup.

Options of propose, vote, devices and recovery
    --anyway                also where four members become three, or this computer would lose its pen;
                            show recovery words though the output is no terminal
    --because TEXT          why somebody should be removed; everyone reads it

While a program runs with the profile, verbs are answered by it. With --json every line is one JSON
object; what was repaired or stays closed is said beside it, on standard error.

Exit codes
    0   done
    1   refused, or a check did not hold
    2   wrong usage, or a file that is not text
    3   no such identity, workspace, document or file
    4   profile or port in use
    5   disk full, not writable or damaged; or the output could not be written
    6   no network, no answer, or the time passed
)";

} // namespace

std::string helpText()
{
    return std::string(kPeopleAndTexts) + kDecisionsAndOptions;
}

} // namespace nlbd::app
