import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionChange, SessionRecord } from '../../../src/contract/record.ts'
import { type Fault, fault } from '../fault.ts'

type Values = ReadonlyMap<string, string>

/** A store that keeps values other than it was given them. */
function keeps(what: string, turn: (values: Values) => Values, ...caughtBy: string[]): Fault {
  return fault(
    what,
    (correct) => ({
      create: (key, record) => correct.create(key, { ...record, values: turn(record.values) }),
      save: (key, change, options) =>
        correct.save(key, change.set ? { ...change, set: turn(change.set) } : change, options),
    }),
    ...caughtBy,
  )
}

const eachName = (turn: (name: string) => string) => (values: Values) =>
  new Map([...values].map(([name, text]) => [turn(name), text]))

const eachText = (turn: (text: string) => string) => (values: Values) =>
  new Map([...values].map(([name, text]) => [name, turn(text)]))

/** A store that keeps owners other than it was given them. */
function keepsOwners(what: string, turn: (owner: string) => string, ...caughtBy: string[]): Fault {
  return fault(
    what,
    (correct) => ({
      create: (key, { owner, ...rest }) =>
        correct.create(key, owner === undefined ? rest : { ...rest, owner: turn(owner) }),
      save: (key, change, options) =>
        correct.save(key, change.owner ? { ...change, owner: turn(change.owner) } : change, options),
    }),
    ...caughtBy,
  )
}

const NAMES = [
  'whole: values created under awkward names come back',
  'whole: values saved under awkward names come back',
]
const TEXTS = [
  'whole: created values come back to the last byte',
  'whole: saved values come back to the last byte',
]

/** What UTF-8 has no bytes for becomes another character. */
const utf8 = (text: string) => Buffer.from(text).toString()

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function intoObject(values: Values): Values {
  const object: Record<string, string> = {}
  for (const [name, text] of values) object[name] = text
  return new Map(Object.entries(object))
}

export const text = [
  keeps('values are the properties of an object', intoObject, ...NAMES),
  keeps(
    'names are trimmed',
    eachName((name) => name.trim()),
    ...NAMES,
  ),
  keeps(
    'names end at a NUL',
    eachName((name) => name.split('\0')[0]!),
    ...NAMES,
  ),
  keeps(
    'names are normalised',
    eachName((name) => name.normalize('NFC')),
    ...NAMES,
  ),
  keeps(
    'names lose their case',
    eachName((name) => name.toLowerCase()),
    ...NAMES,
  ),
  keeps(
    'names go through JSON without escapes',
    eachName((name) => name.replaceAll('\\', '')),
    ...NAMES,
  ),
  keeps(
    'texts are parsed and written again',
    eachText((text) => JSON.stringify(JSON.parse(text))),
    ...TEXTS,
  ),
  keeps(
    'a text that is no JSON is stored as JSON text',
    eachText((text) => (isJson(text) ? text : JSON.stringify(text))),
    'whole: texts that are no JSON come back',
  ),
  keeps(
    'texts are Latin-1',
    eachText((text) => Buffer.from(text, 'latin1').toString('latin1')),
    ...TEXTS,
  ),
  keeps(
    'texts are cut at 64 KB',
    eachText((text) => text.slice(0, 64_000)),
    'whole: a value of 64 KiB comes back',
  ),
  keeps(
    'a hundred values are kept',
    (values) => new Map([...values].slice(0, 100)),
    'whole: 200 values come back',
  ),
  fault(
    'a deletion takes names that begin alike',
    (correct) => ({
      save(key, change, options) {
        const names = [...(correct.load(key)?.values.keys() ?? [])]
        const also = change.delete?.flatMap((name) => names.filter((each) => each.startsWith(name)))
        return correct.save(key, also ? { ...change, delete: also } : change, options)
      },
    }),
    'whole: each awkward name can be deleted, and takes no other with it',
  ),
  fault(
    'a session without values is none',
    (correct) => ({
      load(key) {
        const record = correct.load(key)
        return record?.values.size ? record : undefined
      },
    }),
    'whole: a session without values is a session',
    'whole: loading a session without values returns it as it is',
  ),
  keeps(
    'names are UTF-8',
    eachName(utf8),
    'whole: names with half a surrogate pair come back, and each can be deleted',
  ),
  keeps('texts are UTF-8', eachText(utf8), 'whole: texts that are no JSON come back'),
  keepsOwners(
    'owners are UTF-8',
    utf8,
    'whole: owners with half a surrogate pair come back',
    'listed: owners with half a surrogate pair are not taken for one another',
  ),
  keepsOwners('owners are cut', (owner) => owner.slice(0, 1024), 'whole: an owner of 2048 bytes comes back'),
  keepsOwners(
    'owners lose their case',
    (owner) => owner.toLowerCase(),
    'whole: owners are kept to the last byte',
  ),
  keepsOwners(
    'owners are trimmed and cut',
    (owner) => owner.trim().slice(0, 255),
    'whole: owners are kept to the last byte',
  ),
]

const VERBS = {
  create: 'create refuses what is no session key, and touches nothing',
  load: 'load refuses what is no session key, and touches nothing',
  save: 'save refuses what is no session key, and touches nothing',
  exists: 'exists refuses what is no session key, and touches nothing',
  delete: 'delete refuses what is no session key, and touches nothing',
}

/** Any key at all, made one that the correct store takes. */
const coerced = (key: unknown) =>
  (/[0-9a-f]{64}/i.exec(`${key}`)?.[0].toLowerCase() ?? '0'.repeat(64)) as SessionKey

export const keys = [
  fault(
    'any text is taken for a key',
    (correct) => ({
      create: (key, record) => correct.create(coerced(key), record),
      load: (key) => correct.load(coerced(key)),
      save: (key, change, options) => correct.save(coerced(key), change, options),
      exists: (key) => correct.exists(coerced(key)),
      delete: (key) => correct.delete(coerced(key)),
    }),
    ...Object.values(VERBS).map((title) => `refused: ${title}`),
    'refused: an empty save refuses what is no session key, and touches nothing',
    'refused: a conditional save refuses what is no session key, and touches nothing',
  ),
  fault(
    'the refusal of an id quotes it',
    (correct) => ({
      load(key): SessionRecord | undefined {
        if (`${key}`.length === 43) throw new TypeError(`${key} is no key`)
        return correct.load(key)
      },
    }),
    `refused: ${VERBS.load}`,
  ),
  fault(
    'an id is refused by an error of no class of ours',
    (correct) => ({
      save(key, change: SessionChange, options) {
        if (`${key}`.length === 43) throw new Error('no')
        return correct.save(key, change, options)
      },
    }),
    `refused: ${VERBS.save}`,
  ),
]
