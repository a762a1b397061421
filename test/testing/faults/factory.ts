import type { SessionKey } from '../../../src/contract/key.ts'
import type { Capability } from '../../../src/testing/case.ts'
import { type Data, minimalStore } from '../../../src/testing/minimal-store.ts'
import { newKey, newRecord } from '../../../src/testing/samples.ts'
import { type Fault, fault } from '../fault.ts'

const reopen = 'the fault shows in one store object'
const shared: Data = new Map()

const RIGHT: Fault['options'] = { open: () => minimalStore(), without: { reopen } }

export const factory: Fault[] = [
  {
    fault: 'two stores share their data',
    options: { open: () => minimalStore(shared), without: { reopen } },
    caughtBy: [
      "opened: two stores don't see each other's sessions",
      'opened: one key can hold a session in each of two stores',
      'opened: a store is empty whatever was left in one before it',
    ],
  },
  {
    fault: 'a fresh store is not empty',
    options: {
      open() {
        const store = minimalStore()
        store.create(newKey(), newRecord())
        return store
      },
      without: { reopen },
    },
    caughtBy: ['opened: a fresh store is empty'],
  },
  closingOneClosesAll(),
  fault(
    'close does harm when it is called again',
    () => {
      let closed = false
      return {
        close() {
          if (closed) throw new Error('closed already')
          closed = true
        },
      }
    },
    'opened: close may be called twice',
  ),
  fault(
    'a store says that it loads at once, and does not',
    (correct) => ({ loadsAtOnce: true, load: async (key) => correct.load(key) }),
    'opened: a store that says it loads at once never answers load with a promise',
  ),
  fault(
    'the store has no byOwner, and nobody says why',
    () => ({ byOwner: undefined as never }),
    'declared: the store has byOwner, or it is said why not',
    'listed: a new session is listed for its owner alone',
  ),
  {
    fault: 'nobody says why the store is not reopened',
    options: { open: () => minimalStore() },
    caughtBy: ['declared: the store can be reopened, or it is said why not'],
  },
  {
    fault: 'the store can be reopened, and is said not to be',
    options: { ...RIGHT, reopen: () => minimalStore() },
    caughtBy: ['declared: the store can be reopened, or it is said why not'],
  },
  {
    fault: 'byOwner is said to be missing, and is there',
    options: { ...RIGHT, without: { reopen, byOwner: 'not yet' } },
    caughtBy: ['declared: the store has byOwner, or it is said why not'],
  },
  {
    fault: 'the sweep is said to find nothing, and does',
    options: { ...RIGHT, without: { reopen, sweep: 'the server does it' } },
    caughtBy: ['declared: the store leaves expired sessions to the sweep, or it is said why not'],
  },
  {
    fault: 'something is said to be missing that no case needs',
    options: { ...RIGHT, without: { reopen, ['speed' as Capability]: 'old disks' } },
    caughtBy: ['declared: each thing the store lacks is one that cases need, and has a reason'],
  },
  {
    fault: 'something is said to be missing without a reason',
    options: { ...RIGHT, without: { reopen: ' ' } },
    caughtBy: ['declared: each thing the store lacks is one that cases need, and has a reason'],
  },
]

function closingOneClosesAll(): Fault {
  let closed = 0
  const open = () => {
    const correct = minimalStore()
    const atFirst = closed
    return {
      ...correct,
      load(key: SessionKey) {
        if (closed > atFirst) throw new Error('closed')
        return correct.load(key)
      },
      close() {
        closed++
      },
    }
  }
  return {
    fault: 'closing one store closes all of them',
    options: { open, without: { reopen } },
    caughtBy: ['opened: closing one store leaves another open'],
  }
}
