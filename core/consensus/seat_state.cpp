#include "core/consensus/seat_state.h"

#include "core/base/codec.h"
#include "core/base/limits.h"

namespace nlbd::consensus {

namespace {

void writePolka(Writer &out, const SharedPolka &polka)
{
    out.u8(polka ? 1 : 0);
    if (polka)
        out.blob(polka->encode());
}

SharedPolka readPolka(Reader &in)
{
    switch (in.u8()) {
    case 0:
        return nullptr;
    case 1:
        break;
    default:
        in.fail();
    }
    auto polka = Polka::decode(in.blob(kPolkaBytesMax));
    if (!polka) {
        in.fail();
        return nullptr;
    }
    return std::make_shared<const Polka>(std::move(*polka));
}

} // namespace

Bytes SeatState::encode() const
{
    Writer out;
    out.u32(round.value);
    out.u8(static_cast<std::uint8_t>(step));
    writePolka(out, locked);
    writePolka(out, valid);
    return std::move(out).take();
}

std::expected<SeatState, Code> SeatState::decode(ByteView bytes)
{
    Reader in(bytes);
    SeatState state;
    state.round = Round(in.u32());
    const std::uint8_t step = in.u8();
    if (step > static_cast<std::uint8_t>(Step::Decided))
        in.fail();
    state.step = static_cast<Step>(step);
    state.locked = readPolka(in);
    state.valid = readPolka(in);
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    if (state.round.value > limits::kRoundMax)
        return std::unexpected(Code::E_BOUNDS);
    return state;
}

} // namespace nlbd::consensus
