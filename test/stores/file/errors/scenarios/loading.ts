import { copyFileSync, renameSync, unlinkSync } from 'node:fs'
import { texts } from '../../../../support/records.ts'
import type { Scenario } from '../scenario.ts'
import { BYSTANDER, DEAD, MAIN, NEIGHBOUR, record, type Stage } from '../stage.ts'

const values = { user: 'Ada', cart: [1, 2, 3] }
const load = ({ store }: Stage) => store.load(MAIN)

/** A session that another process has made, and that the store has looked at. */
async function known(stage: Stage) {
  const other = stage.other()
  await other.create(MAIN, record(values))
  await other.create(BYSTANDER, record({ user: 'Eve' }))
  stage.store.load(MAIN)
  return other
}

export const loading: Scenario[] = [
  {
    name: 'load, for the first time',
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    act: load,
  },
  {
    name: 'load, for the first time, through the thread pool',
    options: { coldLoads: 'pool' },
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    act: load,
    spares: ({ call }) => call === 'warm', // the load that follows says what is wrong, if anything still is
  },
  { name: 'load, again', prepare: known, act: load },
  {
    name: 'load, after a save of another process',
    prepare: async (stage) => (await known(stage)).save(MAIN, { set: texts({ more: 1 }) }),
    act: load,
  },
  {
    name: 'load, after a fold of another process',
    foldBytes: 400,
    prepare: async (stage) => {
      const other = await known(stage)
      while (other.stats.folds === 0) await other.save(MAIN, { set: texts({ text: 'x'.repeat(100) }) })
    },
    act: load,
  },
  {
    name: 'load, while another process puts a new file there, between the opening and the look',
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    before: (stage) => {
      let replaced = false
      return (call) => {
        if (call !== 'status' || replaced) return
        replaced = true
        copyFileSync(stage.pathOf(MAIN), `${stage.pathOf(MAIN)}.successor`)
        renameSync(`${stage.pathOf(MAIN)}.successor`, stage.pathOf(MAIN))
      }
    },
    act: load,
  },
  {
    name: 'load, after a delete by another process',
    prepare: async (stage) => (await known(stage)).delete(MAIN),
    act: load,
  },
  {
    name: 'load, after a delete that left the file',
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'end', id: 'other.1' })
    },
    act: load,
  },
  {
    name: 'load, of a session that is being folded',
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'seal', id: 'dead.1', holder: DEAD })
    },
    act: load,
  },
  {
    name: 'load, of a long journal',
    prepare: async (stage) => {
      const other = stage.other()
      await other.create(MAIN, record(values))
      for (let n = 0; n < 30; n++) await other.save(MAIN, { set: texts({ text: 'x'.repeat(5000), n }) })
    },
    act: load,
  },
  {
    name: 'load, with a damaged line in the middle',
    prepare: async (stage) => {
      const other = stage.other()
      await other.create(MAIN, record(values))
      stage.append(MAIN, '\n00000000{"kind":"chan')
      await other.save(MAIN, { set: texts({ more: 1 }) })
    },
    act: load,
  },
  {
    name: 'load, of none',
    prepare: (stage) => stage.other().create(NEIGHBOUR, record(values)),
    act: load,
  },
  { name: 'load, of none in a shard that is not there', act: load },
  {
    name: 'load, of an empty file',
    prepare: async (stage) => {
      await stage.other().create(NEIGHBOUR, record(values))
      stage.append(MAIN, '')
    },
    act: load,
  },
  {
    name: 'load, with a cache that is full',
    options: { maxOpen: 1 },
    prepare: async (stage) => {
      await known(stage)
      stage.store.load(BYSTANDER)
    },
    act: load,
  },
  {
    name: 'load, of an expired session',
    prepare: (stage) => stage.other().create(MAIN, record(values, { expiresAt: 1 })),
    act: load,
  },
  {
    name: 'exists, for the first time',
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    act: ({ store }) => store.exists(MAIN),
  },
  {
    name: 'exists, after somebody removed the file',
    prepare: async (stage) => {
      await known(stage)
      unlinkSync(stage.pathOf(MAIN))
    },
    act: ({ store }) => store.exists(MAIN),
  },
]
