import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Swept } from '../../../../../src/contract/store.ts'
import { systemError } from '../../../../support/faulty-files.ts'
import type { Made } from '../faults.ts'
import { inBothDurabilities, type Scenario } from '../scenario.ts'
import { BYSTANDER, HOUR, MAIN, NEIGHBOUR, record, SPARE, START, type Stage } from '../stage.ts'
import { FOLD_BYTES, unfinished } from './folding.ts'

const values = { user: 'Ada', cart: [1, 2, 3] }
const remove = ({ store }: Stage) => store.delete(MAIN)
const TWO_MINUTES_AGO = new Date(START - 120_000)

async function known(stage: Stage) {
  const other = stage.other()
  await other.create(MAIN, record(values))
  await other.create(BYSTANDER, record({ user: 'Eve' }))
  stage.store.load(MAIN)
  return other
}

export const deleting: Scenario[] = inBothDurabilities([
  {
    name: 'delete, for the first time',
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    act: remove,
  },
  { name: 'delete, of a session that is known', prepare: known, act: remove },
  {
    name: 'delete, after a delete by another process',
    prepare: async (stage) => (await known(stage)).delete(MAIN),
    act: remove,
  },
  {
    name: 'delete, after a delete that left the file',
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'end', id: 'other.1' })
      stage.store.load(MAIN)
    },
    act: remove,
  },
  {
    name: 'delete, and another process was first',
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'end', id: 'other.1' })
    },
    act: remove,
  },
  { name: 'delete, of none', act: remove },
  {
    name: 'delete, with no space for its end',
    prepare: known,
    before: () => (call) => {
      if (call === 'append') throw systemError('ENOSPC')
    },
    act: remove,
  },
])

/** One that lives, one that has expired, one that was left by a delete, an empty file and what a fold has left. */
async function forTheSweep(stage: Stage) {
  const other = stage.other()
  await other.create(BYSTANDER, record(values))
  await other.create(NEIGHBOUR, record(values))
  utimesSync(stage.pathOf(NEIGHBOUR), new Date(0), new Date(START)) // a hint that is wrong: it is read
  await other.create(MAIN, record(values, { expiresAt: START - HOUR }))
  await other.create(SPARE, record(values))
  stage.append(SPARE, { kind: 'end', id: 'other.1' })
  utimesSync(stage.pathOf(SPARE), new Date(0), new Date(0))
  const shard = join(stage.directory, 'c0')
  mkdirSync(shard, { mode: 0o700 })
  for (const name of ['5'.repeat(62), `new-${'0'.repeat(24)}`]) {
    writeFileSync(join(shard, name), '', { mode: 0o600 })
    utimesSync(join(shard, name), TWO_MINUTES_AGO, TWO_MINUTES_AGO)
  }
}

/** One file that can't be swept doesn't keep the others, and is told. */
const ofAFile = ({ on }: Made) => /^(a0|b0|c0)\/|^a descriptor$|^a temporary file$/.test(on)

export const sweeping: Scenario[] = [
  {
    name: 'clearExpired',
    prepare: forTheSweep,
    act: ({ store }) => store.clearExpired(),
    spares: ofAFile,
    mayLeaveTorn: true,
    alsoRight: (answer, { events }) =>
      (answer as Swept).removed <= 1 && events.some(({ type }) => type === 'sweep-failed'),
  },
  {
    name: 'a sweep in the background',
    options: { sweepEvery: 60_000 },
    prepare: async (stage) => {
      await forTheSweep(stage)
      utimesSync(join(dirname(dirname(stage.pathOf(MAIN))), 'untorn.json'), TWO_MINUTES_AGO, TWO_MINUTES_AGO)
    },
    act: (stage) => stage.callBack(),
    mayLeaveTorn: true,
  },
]

const listed = async (found: AsyncIterable<unknown>) => {
  const all: unknown[] = []
  for await (const each of found) all.push(each)
  return all
}

export const listing: Scenario[] = [
  { name: 'records', prepare: forTheSweep, act: ({ store }) => listed(store.records()) },
  {
    name: 'byOwner',
    prepare: async (stage) => {
      await known(stage)
      await stage.other().save(MAIN, { owner: 'Ada' })
    },
    act: ({ store }) => listed(store.byOwner('Ada')),
  },
]

export const closing: Scenario[] = inBothDurabilities([
  {
    name: 'close, with sessions open',
    closes: true,
    prepare: async (stage) => {
      await known(stage)
      for (const key of [MAIN, BYSTANDER]) stage.store.load(key)
    },
    act: ({ store }) => store.close(),
  },
  {
    name: 'close, with a fold that failed behind its seal',
    closes: true,
    foldBytes: FOLD_BYTES,
    prepare: unfinished,
    act: ({ store }) => store.close(),
  },
])
