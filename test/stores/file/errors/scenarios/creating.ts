import { texts } from '../../../../support/records.ts'
import { inBothDurabilities, type Scenario } from '../scenario.ts'
import { BYSTANDER, MAIN, NEIGHBOUR, record } from '../stage.ts'

const values = { user: 'Ada', cart: [1, 2, 3] }

export const creating: Scenario[] = inBothDurabilities([
  {
    name: 'create, the first in its shard',
    act: ({ store }) => store.create(MAIN, record(values, { owner: 'Ada' })),
  },
  {
    name: 'create, beside others',
    prepare: (stage) => stage.other().create(NEIGHBOUR, record(values)),
    act: ({ store }) => store.create(MAIN, record(values)),
  },
  {
    name: 'create, with a cache that is full',
    options: { maxOpen: 1 },
    prepare: ({ store }) => store.create(BYSTANDER, record(values)),
    act: ({ store }) => store.create(MAIN, record(values)),
  },
  {
    name: 'create, under a key that is taken',
    prepare: (stage) => stage.other().create(MAIN, record(values)),
    act: ({ store }) => store.create(MAIN, record({ user: 'Eve' })),
  },
  {
    name: 'create, asleep for a minute before its line',
    before: (stage) => {
      let claimed = false
      return (call) => {
        if (call !== 'append' || claimed) return
        claimed = true
        stage.append(MAIN, { kind: 'end', id: 'sweeper.1', ifExpires: -1 })
      }
    },
    act: ({ store }) => store.create(MAIN, record(values)),
  },
  {
    name: 'create, and another process saves to it at once',
    partly: true,
    before: (stage) => {
      let saved = false
      return (call) => {
        if (call !== 'hintExpiry' || saved) return
        saved = true
        stage.append(MAIN, { kind: 'change', id: 'other.1', at: 0, set: [...texts({ other: 1 })].flat() })
      }
    },
    act: ({ store }) => store.create(MAIN, record(values)),
  },
  {
    name: 'create, longer than the rest of a page',
    act: ({ store }) => store.create(MAIN, record({ text: 'x'.repeat(10_000) })),
  },
])
