// What bench_wire and its children say to each other, a line at a time; see wire_child.h, which is
// the same in C++. Times are nanoseconds of CLOCK_MONOTONIC, which is what hrtime reads, so that
// they can be compared between processes of one machine.
//
//     -> type FIRST GAP GAP ...      type a key after each gap (microseconds)
//     <- typed FIRST TIME TIME ...   when each key was handed to the library
//     -> expect FIRST COUNT          wait until so many more keys are in the text
//     <- seen FIRST TIME TIME ...    when each was there; only if all came once and in order
//     <- wrong WHY                   they did not
import readline from 'node:readline'

const kFirstKey = 0x4e00 // a run of 20,992 letters of one UTF-16 unit each: the letter is the number

export const letterOf = (key) => String.fromCharCode(kFirstKey + key)
export const now = () => process.hrtime.bigint()
export const say = (...words) => process.stdout.write(words.join(' ') + '\n')

// Keeps when each key became visible, and that none was lost, doubled or moved.
export class Reader {
    #times = []
    #wrong = ''
    #wish = null

    constructor(text) {
        this.text = text // () => the text that the library shows now
    }

    inserted(letters) {
        const time = now()
        for (const letter of letters) {
            if (letter !== letterOf(this.#times.length)) {
                this.#wrong ||= `key ${this.#times.length} came as ${letter.charCodeAt(0) - kFirstKey}`
            }
            this.#times.push(time)
        }
        setImmediate(() => this.#answer())
    }

    removed() {
        this.#wrong ||= `something was removed after key ${this.#times.length}`
    }

    expect(first, count) {
        this.#wish = { first, end: first + count }
        this.#answer()
    }

    #answer() {
        if (this.#wrong) {
            say('wrong', this.#wrong)
            process.exit(1)
        }
        if (!this.#wish || this.#times.length < this.#wish.end) return
        const { first, end } = this.#wish
        this.#wish = null
        const whole = Array.from({ length: this.#times.length }, (_, key) => letterOf(key)).join('')
        if (this.text() !== whole) {
            say('wrong', 'the text is not what was typed')
            process.exit(1)
        }
        say('seen', first, ...this.#times.slice(first, end))
    }
}

// Types at the given pace: each gap counts from when the key before was due.
async function type(first, gaps, press) {
    const times = []
    let due = now()
    for (const [index, gap] of gaps.entries()) {
        due += BigInt(gap) * 1000n
        const left = Number(due - now()) / 1e6
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left))
        times.push(now())
        press(letterOf(first + index))
    }
    say('typed', first, ...times)
}

// Obeys until stdin ends. `press` or `reader` may be missing.
export function obey({ press, reader }) {
    const input = readline.createInterface({ input: process.stdin })
    input.on('line', (line) => {
        const [verb, first, ...rest] = line.split(' ')
        if (verb === 'type' && press) type(Number(first), rest.map(Number), press)
        else if (verb === 'expect' && reader) reader.expect(Number(first), Number(rest[0]))
        else say('wrong', `what is "${verb}"?`)
    })
    input.on('close', () => process.exit(0))
}
