#pragma once

#include "tests/ui/scene.h"

#include <QPushButton>
#include <QTest>

/// Questions and results as the engine tells them, for windows without one.
namespace nlbd::testing {

inline Hash idOf(int number)
{
    Hash id;
    id.value[0] = static_cast<std::byte>(number);
    return id;
}

/// Thea asks that Nikos be removed; she is for it.
inline api::ProposalInfo removal(int number = 1)
{
    api::ProposalInfo info;
    info.id = idOf(number);
    info.wish.kind = api::Wish::Kind::RemoveMember;
    info.wish.member = MemberIndex(3);
    info.wish.text = "He wrote <b>over</b> all of us";
    info.author = MemberIndex(1);
    info.needed = 3;
    info.seatsAfter = 3;
    info.lastEpoch = Epoch(8);
    info.yes = 1;
    info.saidYes = {MemberIndex(1)};
    return info;
}

inline api::DecisionsChanged decisions(std::vector<api::ProposalInfo> open)
{
    api::DecisionsChanged event;
    event.open = std::move(open);
    event.seats = 4;
    event.quorum = 3;
    event.tolerated = 1;
    return event;
}

inline api::JoinRequest knock()
{
    api::JoinRequest request;
    request.device.value[0] = std::byte{9};
    request.identity.value[0] = std::byte{8};
    request.name = "Iris Lampou";
    request.words = "amber coast flute ninth";
    return request;
}

inline api::DecisionInfo decided(std::uint32_t closed, int number, const api::Wish &wish,
                                 const std::vector<MemberIndex> &signers)
{
    api::DecisionInfo info;
    info.closed = Epoch(closed);
    info.id = idOf(number);
    info.signatures = static_cast<std::uint16_t>(signers.size());
    info.wishes = {wish};
    info.signers = signers;
    return info;
}

/// Everything that a panel may show at once: a removal that takes the protection away, somebody who
/// is put to the vote, a rule, a key that is being changed, and what was decided before.
inline api::DecisionsChanged muchToDecide()
{
    auto admit = removal(2);
    admit.wish = {};
    admit.wish.kind = api::Wish::Kind::Admit;
    admit.wish.name = "Yannis Rallis";
    admit.author = MemberIndex(2);
    admit.seatsAfter = 5;
    admit.mine = true;
    admit.yes = 1;
    admit.no = 1;
    admit.saidYes = {MemberIndex(0)};
    admit.saidNo = {MemberIndex(1)};
    auto rule = removal(3);
    rule.wish = {};
    rule.wish.kind = api::Wish::Kind::SetPolicy;
    rule.wish.text = "Whoever changes a paragraph of somebody else says so beside it, and waits a "
                     "day before the next.";
    rule.seatsAfter = 4;
    rule.yes = 0;
    rule.saidYes = {};
    auto key = removal(4);
    key.wish = {};
    key.wish.kind = api::Wish::Kind::NewKey;
    key.seatsAfter = 4;
    key.mine = true;
    key.yes = 3;
    key.saidYes = {MemberIndex(0), MemberIndex(1), MemberIndex(2)};
    key.isEligible = true;
    auto event = decisions({removal(), admit, rule, key});
    event.round = 0;
    event.epoch = Epoch(2);
    const std::vector<MemberIndex> signers{MemberIndex(0), MemberIndex(1), MemberIndex(2)};
    api::Wish sofia;
    sofia.kind = api::Wish::Kind::Admit;
    sofia.name = "Sofia Orfanou";
    api::Wish agreed = rule.wish;
    agreed.text = "We open at eight.";
    event.made = {decided(1, 8, agreed, signers), decided(0, 9, sofia, signers)};
    event.made[1].round = 1;
    return event;
}

/// The first that is shown and whose name for screen readers begins so.
template <typename Widget>
Widget *named(QWidget &in, const QString &start)
{
    for (Widget *widget : in.findChildren<Widget *>())
        if (widget->isVisible() && widget->accessibleName().startsWith(start))
            return widget;
    return nullptr;
}

/// False if there is no such button; one that is greyed is not clicked.
inline bool press(QWidget &in, const char *start)
{
    auto *button = named<QPushButton>(in, QString::fromUtf8(start));
    if (button && button->isEnabled())
        QTest::mouseClick(button, Qt::LeftButton);
    return button != nullptr;
}

} // namespace nlbd::testing
