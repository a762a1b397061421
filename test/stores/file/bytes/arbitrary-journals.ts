import fc from 'fast-check'
import { sessionKey } from '../../../../src/contract/key.ts'
import type {
  BaseLine,
  ChangeLine,
  EndLine,
  Holder,
  Line,
  SealLine,
} from '../../../../src/stores/file/journal/line.ts'
import { encodeLine } from '../../../../src/stores/file/journal/line.ts'

/** Names that objects, encodings and line formats trip over. */
const TROUBLE = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '1',
  '\0',
  '\n',
  '\r\n',
  '\u2028',
  '"',
  '\\',
  'é',
  '😀',
  '\ud800',
  '\udc00',
  '{"kind":"end","id":"x"}',
]

/** Any text, lone surrogates included. */
export const text = fc.oneof(fc.constantFrom(...TROUBLE), fc.string({ unit: 'binary', maxLength: 6 }))

/** Any number that JSON can carry. */
export const number = fc.oneof(
  fc.nat({ max: 5 }),
  fc.integer(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, 5e-324, -1),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0), // JSON has no minus zero
)

const pairs = fc.array(fc.tuple(text, text), { maxLength: 3 }).map((entries) => entries.flat())

/** Few ids, so that seals and ends name each other. */
const id = fc.oneof(fc.constantFrom('a.1', 'a.2', 'b.1'), text)

const holder: fc.Arbitrary<Holder> = fc.record(
  { pid: fc.nat(), thread: fc.nat(), started: text, boot: text, space: text, store: text },
  { noNullPrototype: true },
)

/** Whose journal it is, and whose some first lines say that it is. */
export const KEY = sessionKey('whose journal it is')
const anyKey = fc.oneof(
  { weight: 12, arbitrary: fc.constant(KEY) },
  fc.constantFrom(sessionKey('of another'), ''),
)

/** Lines about the same few moments, so that conditions are met as often as not. */
function linesAbout(time: fc.Arbitrary<number>, at: fc.Arbitrary<number>) {
  const base: fc.Arbitrary<BaseLine> = fc.record(
    {
      kind: fc.constant('base' as const),
      format: fc.constant(1),
      key: anyKey,
      version: fc.nat({ max: 3 }),
      created: time,
      expires: time,
      values: pairs,
      owner: text,
    },
    { noNullPrototype: true, requiredKeys: ['kind', 'format', 'version', 'created', 'expires', 'values'] },
  )
  const change: fc.Arbitrary<ChangeLine> = fc.record(
    {
      kind: fc.constant('change' as const),
      id,
      at,
      set: pairs,
      delete: fc.array(text, { maxLength: 2 }),
      expires: time,
      owner: fc.option(text),
      ifVersion: fc.nat({ max: 3 }),
    },
    { noNullPrototype: true, requiredKeys: ['kind', 'id', 'at'] },
  )
  const end: fc.Arbitrary<EndLine> = fc.record(
    { kind: fc.constant('end' as const), id, ifExpires: time },
    { noNullPrototype: true, requiredKeys: ['kind', 'id'] },
  )
  const seal: fc.Arbitrary<SealLine> = fc.record(
    { kind: fc.constant('seal' as const), id, holder, replaces: id },
    { noNullPrototype: true, requiredKeys: ['kind', 'id', 'holder'] },
  )
  return { base, change, end, seal }
}

/** A journal of valid lines in an order that makes sense more often than not. */
export function journalAbout(time: fc.Arbitrary<number>, stamp = time): fc.Arbitrary<Line[]> {
  const { base, change, end, seal } = linesAbout(time, stamp)
  const next = fc.oneof(
    { weight: 6, arbitrary: change as fc.Arbitrary<Line> },
    { weight: 1, arbitrary: end as fc.Arbitrary<Line> },
    { weight: 2, arbitrary: seal as fc.Arbitrary<Line> },
    { weight: 1, arbitrary: base as fc.Arbitrary<Line> },
  )
  const first = fc.oneof({ weight: 9, arbitrary: base as fc.Arbitrary<Line> }, { weight: 1, arbitrary: next })
  return fc.tuple(first, fc.array(next, { maxLength: 8 })).map(([begin, rest]) => [begin, ...rest])
}

export const journal = journalAbout(number)

export const bytesOf = (lines: readonly Line[]): Buffer => Buffer.concat(lines.map(encodeLine))

/** What chance, a bad disk or somebody can do to bytes. */
export type Damage = (bytes: Buffer) => Buffer

/** A share of a journal's length, each as likely as any other. */
export const place = fc.noBias(fc.nat({ max: 0xffff })).map((n) => n / 0x10000)
const at = (share: number, { length }: Buffer): number => Math.min(length, Math.floor(share * (length + 1)))

/** One kind of damage, with its name. */
export const damage: fc.Arbitrary<{ kind: string; act: Damage }> = fc.oneof(
  fc.tuple(place, fc.nat({ max: 7 })).map(([share, bit]) =>
    named(`bit ${bit} flipped at ${share}`, (bytes) => {
      const flipped = Buffer.from(bytes)
      if (flipped.length > 0) flipped[at(share, flipped) % flipped.length]! ^= 1 << bit
      return flipped
    }),
  ),
  place.map((share) => named(`cut off at ${share}`, (bytes) => bytes.subarray(0, at(share, bytes)))),
  place.map((share) => named(`begins at ${share}`, (bytes) => bytes.subarray(at(share, bytes)))),
  fc
    .tuple(place, place)
    .map(([one, other]) =>
      named(`zeros from ${one} to ${other}`, (bytes) =>
        Buffer.from(bytes).fill(0, ...range(one, other, bytes)),
      ),
    ),
  fc
    .tuple(place, place, place)
    .map(([one, other, to]) =>
      named(`${one} to ${other} again at ${to}`, (bytes) =>
        inserted(bytes, bytes.subarray(...range(one, other, bytes)), to),
      ),
    ),
  fc.tuple(place, place).map(([one, other]) =>
    named(`without ${one} to ${other}`, (bytes) => {
      const [from, to] = range(one, other, bytes)
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
    }),
  ),
  fc
    .tuple(place, fc.uint8Array({ maxLength: 40 }))
    .map(([to, noise]) =>
      named(`${Buffer.from(noise).toString('hex')} at ${to}`, (bytes) =>
        inserted(bytes, Buffer.from(noise), to),
      ),
    ),
  place.map((share) =>
    named(`in the other order around ${share}`, (bytes) =>
      Buffer.concat([bytes.subarray(at(share, bytes)), bytes.subarray(0, at(share, bytes))]),
    ),
  ),
)

function named(kind: string, act: Damage): { kind: string; act: Damage } {
  return { kind, act }
}

function range(one: number, other: number, bytes: Buffer): [number, number] {
  const [from, to] = [at(one, bytes), at(other, bytes)]
  return from < to ? [from, to] : [to, from]
}

function inserted(bytes: Buffer, part: Buffer, share: number): Buffer {
  const to = at(share, bytes)
  return Buffer.concat([bytes.subarray(0, to), part, bytes.subarray(to)])
}

/** Bytes that two journals were spliced into and damaged, and the lines that were in them. */
export const damagedJournal = fc
  .tuple(journal, journal, place, place, fc.array(damage, { maxLength: 3 }))
  .map(([one, other, cut, from, damages]) => {
    const [head, tail] = [bytesOf(one), bytesOf(other)]
    const spliced = Buffer.concat([head.subarray(0, at(cut, head)), tail.subarray(at(from, tail))])
    return {
      bytes: damages.reduce<Buffer>((bytes, { act }) => act(bytes), spliced),
      lines: [...one, ...other],
      damages: damages.map(({ kind }) => kind),
    }
  })
