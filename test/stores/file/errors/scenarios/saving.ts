import { texts } from '../../../../support/records.ts'
import { inBothDurabilities, type Scenario } from '../scenario.ts'
import { BYSTANDER, HOUR, MAIN, record, SLOW, START, type Stage } from '../stage.ts'

const values = { user: 'Ada', cart: [1, 2, 3] }
const save = ({ store }: Stage) => store.save(MAIN, { set: texts({ mine: 1 }), delete: ['cart'] })

async function foreign(stage: Stage) {
  const other = stage.other()
  await other.create(MAIN, record(values))
  await other.create(BYSTANDER, record({ user: 'Eve' }))
  return other
}

/** The store has looked at the session. */
async function known(stage: Stage) {
  const other = await foreign(stage)
  stage.store.load(MAIN)
  return other
}

export const saving: Scenario[] = inBothDurabilities([
  { name: 'save, for the first time', prepare: foreign, act: save },
  { name: 'save, to a session that is known', prepare: known, act: save },
  { name: 'save, to one of its own', prepare: ({ store }) => store.create(MAIN, record(values)), act: save },
  {
    name: 'save, after another process did',
    prepare: async (stage) => (await known(stage)).save(MAIN, { set: texts({ theirs: 1 }) }),
    act: save,
  },
  {
    name: 'save, of a new expiry',
    prepare: known,
    act: ({ store }) => store.save(MAIN, { expiresAt: START + 2 * HOUR, owner: 'Ada' }),
  },
  {
    name: 'save, of an expiry that is past',
    prepare: known,
    act: ({ store }) => store.save(MAIN, { set: texts({ mine: 1 }), expiresAt: 1 }),
  },
  {
    name: 'save, of nothing',
    prepare: foreign,
    act: ({ store }) => store.save(MAIN, {}),
  },
  {
    name: 'save, of a long value',
    prepare: known,
    act: ({ store }) => store.save(MAIN, { set: texts({ text: 'x'.repeat(70_000) }) }),
  },
  {
    name: 'save, with a cache that is full',
    options: { maxOpen: 1 },
    prepare: async (stage) => {
      await known(stage)
      stage.store.load(BYSTANDER)
    },
    act: save,
  },
  {
    name: 'conditional save, of the version that is there',
    prepare: known,
    act: ({ store }) => store.save(MAIN, { set: texts({ mine: 1 }) }, { ifVersion: 0 }),
  },
  {
    name: 'conditional save, of a version that is known to be past',
    prepare: async (stage) => {
      await (await foreign(stage)).save(MAIN, { set: texts({ theirs: 1 }) })
      stage.store.load(MAIN)
    },
    act: ({ store }) => store.save(MAIN, { set: texts({ mine: 1 }) }, { ifVersion: 0 }),
  },
  {
    name: 'conditional save, of a version that another process has just changed',
    prepare: async (stage) => (await known(stage)).save(MAIN, { set: texts({ theirs: 1 }) }),
    act: ({ store }) => store.save(MAIN, { set: texts({ mine: 1 }) }, { ifVersion: 0 }),
  },
  {
    name: 'save, after a delete by another process',
    prepare: async (stage) => (await known(stage)).delete(MAIN),
    act: save,
  },
  {
    name: 'save, after a delete that left the file',
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'end', id: 'other.1' })
    },
    act: save,
  },
  { name: 'save, to none', act: save },
  {
    name: 'save, to an expired session',
    prepare: (stage) => stage.other().create(MAIN, record(values, { expiresAt: 1 })),
    act: save,
  },
  {
    name: 'save, to a session that a living process is folding',
    held: true,
    options: { busyTimeout: '5ms' },
    prepare: async (stage) => {
      await known(stage)
      stage.append(MAIN, { kind: 'seal', id: 'slow.1', holder: SLOW })
    },
    act: save,
  },
])

/** Several saves that wait for the same device. */
export const savingTogether: Scenario[] = [
  {
    name: "saves that share a sync, 'disk'",
    options: { durability: 'disk' },
    prepare: known,
    partly: true,
    act: async ({ store, acknowledged }) => {
      const saves = ['a', 'b', 'c'].map(async (name) => {
        await store.save(MAIN, { set: texts({ [name]: 1 }) })
        acknowledged.push(name)
      })
      const settled = await Promise.allSettled(saves)
      for (const each of settled) if (each.status === 'rejected') throw each.reason
    },
  },
]
