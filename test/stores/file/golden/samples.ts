import { crc32 } from 'node:zlib'
import { type SessionKey, sessionKey } from '../../../../src/contract/key.ts'
import {
  type BaseLine,
  type ChangeLine,
  encodeLine,
  type Holder,
} from '../../../../src/stores/file/journal/line.ts'

/** When the sessions of the samples were made, and an hour later, when they end. */
const MADE = 1_700_000_000_000
const ENDS = MADE + 3_600_000

/** What a sample is, and the bytes that it was first written with. */
export interface Sample {
  says: string
  /** When it is read. Default: a minute after it was made. */
  at?: number
  /** Whose file it is by its name. Default: anybody's. */
  key?: SessionKey
  bytes: Buffer
}

export const READ_AT = MADE + 60_000

/** Whose the samples are that say whose they are. */
const KEY = sessionKey('golden')

const HOLDER: Holder = {
  pid: 4242,
  thread: 4243,
  started: '123456',
  boot: '5f0f3f6e-0000-4000-8000-000000000000',
  space: 'pid:[4026531836]',
  store: 'abcdefghijkl',
}

const user = ['user', '"Ada"']
const base = (more: Partial<BaseLine> = {}): Buffer =>
  encodeLine({ kind: 'base', format: 1, version: 0, created: MADE, expires: ENDS, values: user, ...more })
let changes = 0
const change = (more: Partial<ChangeLine>): Buffer =>
  encodeLine({ kind: 'change', id: `store.${(changes++).toString(36)}`, at: MADE + 1000, ...more })
const end = (ifExpires?: number): Buffer =>
  encodeLine({ kind: 'end', id: 'store.end', ...(ifExpires === undefined ? {} : { ifExpires }) })
const seal = (id: string, replaces?: string): Buffer =>
  encodeLine({ kind: 'seal', id, holder: HOLDER, ...(replaces === undefined ? {} : { replaces }) })
const cart = ['cart', '[1,2]']
const checked = (json: string): Buffer => Buffer.from(`\n${crc32(json).toString(16).padStart(8, '0')}${json}`)
const journal = (...parts: Buffer[]): Buffer => Buffer.concat(parts)

/** Of format 1. A name here is the name of a file; what is written once stays. */
export const SAMPLES: Record<string, Sample> = {
  '1-base': { says: 'A session as it was created.', bytes: journal(base()) },
  '1-base-with-owner': {
    says: 'A session of an owner, folded after seven changes of values.',
    bytes: journal(base({ version: 7, values: [...user, ...cart], owner: 'ada@example.com' })),
  },
  '1-base-without-values': { says: 'A session without values.', bytes: journal(base({ values: [] })) },
  '1-odd-names': {
    says: 'Names and texts that objects, encodings and line formats trip over.',
    bytes: journal(
      base({
        values: ['', '""', '__proto__', '{"a":1}', '1', '1', 'line\nbreak', '"\\n"', '😀', '"é\u2028"'],
      }),
      change({ set: ['constructor', 'null', '\0', '"\\u0000"', '\ud800', '"\\ud800"'] }),
      change({ delete: ['1'] }),
    ),
  },
  '1-set': {
    says: 'Values set: a new one, and one that was there.',
    bytes: journal(base(), change({ set: cart }), change({ set: ['user', '"Eve"'] })),
  },
  '1-delete': {
    says: 'Values deleted: one that was there, and one that was not, which counts as a change of values all the same.',
    bytes: journal(base(), change({ delete: ['user'] }), change({ delete: ['nobody'] })),
  },
  '1-delete-and-set': {
    says: 'One change that deletes and sets the same value: it is set.',
    bytes: journal(base(), change({ delete: ['user'], set: ['user', '"Eve"'] })),
  },
  '1-change-of-nothing': { says: 'A change without an effect.', bytes: journal(base(), change({})) },
  '1-expires': {
    says: 'A new expiry, which is no change of values: the version stays.',
    bytes: journal(base(), change({ expires: ENDS + 1000 })),
  },
  '1-owner': {
    says: 'An owner is set, and then another one.',
    bytes: journal(base(), change({ owner: 'ada' }), change({ owner: 'eve' })),
  },
  '1-owner-null': {
    says: 'The owner is taken away.',
    bytes: journal(base({ owner: 'ada' }), change({ owner: null })),
  },
  '1-if-version-met': {
    says: 'A conditional save of the version that was there.',
    bytes: journal(base(), change({ set: cart }), change({ set: ['n', '1'], ifVersion: 1 })),
  },
  '1-if-version-not-met': {
    says: 'Two conditional saves of one version: the second is void.',
    bytes: journal(
      base(),
      change({ set: ['n', '1'], ifVersion: 0 }),
      change({ set: ['n', '2'], ifVersion: 0 }),
    ),
  },
  '1-expired': {
    says: 'A save of somebody who found the session expired ends it: what is stamped earlier, and comes later, is void.',
    bytes: journal(
      base({ expires: MADE + 500 }),
      change({ set: cart, at: MADE + 501 }),
      change({ expires: ENDS, at: MADE + 400 }),
    ),
  },
  '1-expired-to-the-millisecond': {
    says: 'A session has ended when its expiry is reached, not after it.',
    bytes: journal(
      base({ expires: MADE + 500 }),
      change({ expires: ENDS, at: MADE + 500 }),
      change({ expires: ENDS, at: MADE + 400 }),
    ),
  },
  '1-expired-by-a-change': {
    says: 'A change that leaves the session expired is its end: what is stamped earlier, and comes later, is void.',
    bytes: journal(
      base(),
      change({ expires: MADE + 500, at: MADE + 501 }),
      change({ expires: ENDS, at: MADE + 400 }),
    ),
  },
  '1-extended-in-time': {
    says: 'A session that was extended in its last millisecond.',
    bytes: journal(base({ expires: MADE + 500 }), change({ expires: ENDS, at: MADE + 499 })),
  },
  '1-read-too-late': {
    says: 'A session that has expired, and that nobody has touched since.',
    at: ENDS,
    bytes: journal(base()),
  },
  '1-end': {
    says: 'A session that was deleted; a change after it is void.',
    bytes: journal(base(), end(), change({ set: cart })),
  },
  '1-end-if-expires-met': {
    says: 'A session that the sweep ended, having seen its expiry.',
    bytes: journal(base(), change({ expires: ENDS + 1000 }), end(ENDS + 1000)),
  },
  '1-end-if-expires-not-met': {
    says: 'A session that was extended before the sweep could end it: the end is void.',
    bytes: journal(base(), change({ expires: ENDS + 1000 }), end(ENDS), change({ set: cart })),
  },
  '1-end-of-an-empty-file': {
    says: 'An empty file that the sweep claimed before its creator woke up: the base is void.',
    bytes: journal(end(-1), base()),
  },
  '1-base-before-the-claim': {
    says: 'An empty file whose creator woke up before the sweep claimed it: the end is void.',
    bytes: journal(base(), end(-1)),
  },
  '1-seal': {
    says: 'A journal that is being folded: changes after the seal are void, and so is a delete.',
    bytes: journal(base(), change({ set: cart }), seal('a.1'), change({ set: ['n', '1'] }), end()),
  },
  '1-two-seals': {
    says: 'Two processes began to fold: the first one holds the seal.',
    bytes: journal(base(), seal('a.1'), seal('b.1')),
  },
  '1-re-seal': {
    says: 'A fold that was taken over, twice, and a third take-over that came too late.',
    bytes: journal(base(), seal('a.1'), seal('b.1', 'a.1'), seal('c.1', 'b.1'), seal('d.1', 'a.1')),
  },
  '1-re-seal-of-nothing': {
    says: 'A re-seal in a journal that is not sealed is void, and the journal goes on.',
    bytes: journal(base(), seal('b.1', 'a.1'), change({ set: cart })),
  },
  '1-two-bases': {
    says: 'A second base is void: a record stands first or nowhere.',
    bytes: journal(base(), base({ values: ['user', '"Eve"'], version: 9 })),
  },
  '1-torn-at-the-end': {
    says: 'The last line was torn: it is no change.',
    bytes: journal(base(), change({ set: cart }), change({ set: ['n', '1'] }).subarray(0, 30)),
  },
  '1-torn-in-the-middle': {
    says: 'A line was torn, and the next one starts afresh: one is skipped.',
    bytes: journal(base(), change({ set: ['n', '1'] }).subarray(0, 30), change({ set: cart })),
  },
  '1-newline-and-nothing': {
    says: 'Of a torn line no more than the newline was written.',
    bytes: journal(base(), Buffer.from('\n'), change({ set: cart })),
  },
  '1-torn-base': { says: 'The base was torn: no session.', bytes: journal(base().subarray(0, 60)) },
  '1-torn-base-and-more': {
    says: 'The base was torn, and whatever follows it makes no session of it.',
    bytes: journal(base().subarray(0, 60), base(), change({ set: cart })),
  },
  '1-wrong-checksum': {
    says: 'One letter of a change is wrong: the line is skipped.',
    bytes: journal(
      base(),
      Buffer.from(change({ set: cart }).toString().replace('cart', 'cars')),
      change({ set: ['n', '1'] }),
    ),
  },
  '1-zeros-at-the-end': {
    says: 'Zeros of a page that power loss took, behind the last line.',
    bytes: journal(base(), change({ set: cart }), Buffer.alloc(100)),
  },
  '1-zeros-in-the-middle': {
    says: 'Zeros behind a line, and a change that was saved after the power came back.',
    bytes: journal(base(), Buffer.alloc(100), change({ set: cart })),
  },
  '1-nothing-but-zeros': { says: 'A page that was never written.', bytes: Buffer.alloc(300) },
  '1-unknown-kind': {
    says: 'A line with the right checksum that is none of ours is skipped.',
    bytes: journal(base(), checked('{"kind":"note","text":"hello"}'), change({ set: cart })),
  },
  '1-fields-of-a-later-release': {
    says: 'A field that this format does not know is passed over.',
    bytes: journal(
      base(),
      checked(`{"kind":"change","id":"z.1","at":${MADE},"set":["n","1"],"colour":"red"}`),
    ),
  },
  '1-base-with-key': {
    says: 'A session that says whose it is, in the file of that one.',
    key: KEY,
    bytes: journal(base({ key: KEY }), change({ set: cart })),
  },
  '1-base-of-another-key': {
    says: 'The file of another session, which somebody has renamed: no session.',
    key: sessionKey('taken over'),
    bytes: journal(base({ key: KEY }), change({ set: cart })),
  },
  '1-sealed-with-another-key': {
    says: 'The same, while it was being folded: no session, and nothing to fold.',
    key: sessionKey('taken over'),
    bytes: journal(base({ key: KEY }), seal('a.1')),
  },
  '1-another-format': {
    says: 'A base of a format that nobody has written yet: no session.',
    bytes: journal(base({ format: 99 }), change({ set: cart })),
  },
}
