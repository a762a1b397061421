// Looks at every session that was ever created, in a process of its own, when all others are gone: the addresses come
// with the standard input, a line each.
import { createInterface } from 'node:readline'
import type { SeenChange } from '../history/operation.ts'
import { tagOf } from '../tags.ts'
import type { Address, Setup } from '../wire.ts'
import { Calls } from './calls.ts'
import { Diary } from './diary.ts'
import { openStores } from './stores.ts'

const setup = JSON.parse(process.argv[2]!) as Setup
const diary = new Diary(setup)
const calls = new Calls(diary, await openStores(setup, diary, () => {}))

const addresses: Address[] = []
for await (const line of createInterface({ input: process.stdin }))
  addresses.push(JSON.parse(line) as Address)

async function listAll(): Promise<void> {
  for (const { name } of setup.places) await calls.list(name)
}

await listAll()
// All at once: a session whose fold is waited for must not hold up the others.
await Promise.all(
  addresses.map(async (address) => {
    await calls.load(address)
    const change: SeenChange = { set: { audited: tagOf(diary.nextId, 20) } }
    await calls.save(address, change)
    await calls.exists(address)
    await calls.load(address)
  }),
)
for (const { name } of setup.places) await calls.sweep(name)
await listAll()
await calls.close()
