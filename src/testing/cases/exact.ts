import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { NewRecord } from '../../contract/record.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertStored, byOwner, change, keysIn } from '../looks.ts'
import { HOUR, LONGEST_OWNER, put, times } from '../samples.ts'

// Names that are special to objects, to file systems, to protocols or to sorting: here they are data.
const AWKWARD_NAMES = [
  '',
  ' ',
  '0',
  '1',
  '10',
  '-1',
  '4294967295',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'version',
  'values',
  'owner',
  'a.b',
  'a:b',
  'a/b',
  '../../etc/passwd',
  '$set',
  '%00',
  '*',
  '?',
  '[a]',
  "it's",
  '"quoted"',
  'back\\slash',
  '\\ud800',
  'new\nline',
  'carriage\r\nreturn',
  'tab\t',
  'nul\0in the middle',
  '\u0001',
  '\u007f\u0008\u001b',
  '\u2028\u2029',
  '\ufeff',
  'é',
  'e\u0301',
  'ÄÖÜ',
  'äöü',
  '🦊',
  '👩‍👩‍👧',
  'x'.repeat(1000),
]

// JSON texts that change when they are parsed and written again, or that a protocol may take for something else.
const AWKWARD_TEXTS = [
  'null',
  'true',
  '0',
  '-0',
  '1.0',
  '1e3',
  '1E+400',
  '12345678901234567890',
  '0.1000000000000000055511151231257827',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u00e9"',
  '"é"',
  '"e\u0301"',
  '"\\ud83e\\udd8a"',
  '"🦊"',
  '"\\/"',
  '"\\n\\r\\t\\b\\f"',
  '"\u2028\u2029\ufeff"',
  '"it\'s \\"quoted\\" \\\\"',
  '"{{ $1 }} %s :name ? -- */"',
  '[]',
  '{}',
  ' { "b" : 1,\n\t"a" : [ 1 , 2 ] } ',
  '{"b":1,"a":2,"a":3}',
  '{"__proto__":{"polluted":true}}',
  '{"2":1,"1":2}',
  `${'['.repeat(100)}${']'.repeat(100)}`,
]

const NO_JSON = [
  '',
  ' ',
  'plain',
  '{',
  '\0',
  'nul\0in the middle',
  '\ufefftext',
  'new\nline',
  '\u007f\u0008\u001b',
]

// Halves of surrogate pairs are no characters: UTF-8 has no bytes for them, and most of what turns texts into bytes puts
// U+FFFD in their place without a word. Then come texts that a store might escape them to.
const HALVES = [
  '\ud83e',
  '\udd8a',
  '\udd8a\ud83e',
  'half \ud83e of a pair',
  '🦊\udd8a',
  '\ufffd',
  '\\ud83e',
  '\u0001',
  '\u0001\\ud83e',
  '\u0001\\u0001\\\\ud83e',
]

// Of random digits, as what repeats itself may be stored as less than it is; and of characters that have to be escaped.
const LONG_OWNERS = [
  randomBytes(LONGEST_OWNER / 2).toString('hex'),
  '\0'.repeat(LONGEST_OWNER / 6),
  '🦊'.repeat(LONGEST_OWNER / 4),
]

const KIB = 1024
/** A driver may refuse more calls than so many at a time; each listing makes some. */
const LISTED_AT_ONCE = 6

const createsExactly = (given: () => Partial<NewRecord>) => async (stage: Stage) =>
  assertStored(stage, await put(stage.there, given()))

const keepsOwners = (owners: () => readonly string[]) => async (stage: Stage) => {
  const created = await Promise.all(owners().map((owner) => put(stage.there, { owner })))
  const given = owners().map(async (owner) => change(stage.there, await put(stage.here), { owner }))
  await assertStored(stage, ...created, ...(await Promise.all(given)))
}

/** A session of each is listed for its owner, and for no other. */
const listsOwners =
  (owners: () => readonly string[]) =>
  async ({ here, there }: Stage) => {
    const sessions = await Promise.all(owners().map((owner) => put(there, { owner })))
    // Some at once: a listing may wait for each of its directories, and one after another they would wait for all of them.
    for (let at = 0; at < sessions.length; at += LISTED_AT_ONCE) {
      const some = sessions.slice(at, at + LISTED_AT_ONCE)
      const listed = await Promise.all(some.map(({ record }) => keysIn(byOwner(here, record.owner!))))
      assert.deepEqual(
        listed,
        some.map(({ key }) => [key]),
      )
    }
  }

export const exact: Case[] = [
  ...group('whole', {
    'a session without values is a session': createsExactly(() => ({ values: new Map() })),
    'values created under awkward names come back': createsExactly(() => ({
      values: new Map(AWKWARD_NAMES.map((name) => [name, JSON.stringify(name)])),
    })),
    'values saved under awkward names come back': async (stage) => {
      const set = new Map(AWKWARD_NAMES.map((name) => [name, JSON.stringify(name)]))
      await assertStored(stage, await change(stage.there, await put(stage.here), { set }))
    },
    'each awkward name can be deleted, and takes no other with it': async (stage) => {
      let session = await put(stage.here, { values: new Map(AWKWARD_NAMES.map((name) => [name, '1'])) })
      for (const name of AWKWARD_NAMES) session = await change(stage.there, session, { delete: [name] })
      assert.equal(session.record.values.size, 0)
      await assertStored(stage, session)
    },
    'created values come back to the last byte': createsExactly(() => ({
      values: new Map(AWKWARD_TEXTS.map((text, index) => [`text ${index}`, text])),
    })),
    'saved values come back to the last byte': async (stage) => {
      const set = new Map(AWKWARD_TEXTS.map((text, index) => [`text ${index}`, text]))
      await assertStored(stage, await change(stage.there, await put(stage.here), { set }))
    },
    'names with half a surrogate pair come back, and each can be deleted': async (stage) => {
      const values = new Map(HALVES.map((name, index) => [name, `${index}`]))
      let session = await put(stage.there, { values })
      await assertStored(stage, session, await change(stage.there, await put(stage.here), { set: values }))
      for (const name of HALVES) session = await change(stage.there, session, { delete: [name] })
      assert.equal(session.record.values.size, 0)
    },
    // As an application's own serializer may make them.
    'texts that are no JSON come back': async (stage) => {
      const set = new Map([...NO_JSON, ...HALVES].map((text, index) => [`text ${index}`, text]))
      await assertStored(stage, await put(stage.there, { values: set }))
      await assertStored(stage, await change(stage.there, await put(stage.here), { set }))
    },
    'owners with half a surrogate pair come back': keepsOwners(() => HALVES),
    'an owner of 2048 bytes comes back': keepsOwners(() => LONG_OWNERS),
    'a value of 64 KiB comes back': async (stage) => {
      const set = new Map([['large', JSON.stringify('🦊é"\\\n'.repeat(8 * KIB)).slice(0, 64 * KIB - 1)]])
      await assertStored(stage, await change(stage.there, await put(stage.here, { values: set }), { set }))
    },
    '200 values come back': async (stage) => {
      const set = new Map(times(200, (index) => [`value ${index}`, `{"index":${index}}`]))
      await assertStored(stage, await put(stage.there, { values: set }))
      await assertStored(stage, await change(stage.there, await put(stage.here), { set }))
    },
    'moments are kept to the millisecond': async (stage) => {
      const farOff = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
      await assertStored(stage, await put(stage.there, { createdAt: 1, expiresAt: farOff }))
      await assertStored(stage, await change(stage.there, await put(stage.here), { expiresAt: farOff }))
      await assertStored(stage, await put(stage.there, { expiresAt: Date.now() + HOUR + 7 }))
    },
    'owners are kept to the last byte': keepsOwners(() => AWKWARD_NAMES),
  }),
  ...group(
    'listed',
    {
      'owners with awkward names are not taken for one another': listsOwners(() => AWKWARD_NAMES),
      'owners with half a surrogate pair are not taken for one another': listsOwners(() => HALVES),
    },
    { needs: ['byOwner'] },
  ),
]
