// Visitors of one process: where from, where to, where it writes to, its name, the file with the sessions' keys, and one
// for what stands: each count is a line there, with the session's number, and each value, and stays so if this process is
// killed. On a line of its input it lets its visitors end, then itself.
import { openSync, readFileSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { SessionKey, SessionRecord } from 'untorn'
import { openMoving } from './stores.ts'

const [from, to, writeTo, name, file, tally] = process.argv.slice(2) as [
  string,
  string,
  'from' | 'to',
  string,
  string,
  string,
]
const keys = readFileSync(file, 'utf8').split('\n') as SessionKey[]
const { store, close } = await openMoving({ from, to }, writeTo)

const VISITORS = 6
const tallied = openSync(tally, 'a')

let leaving = false
process.stdin.once('data', () => {
  leaving = true
  process.stdin.destroy()
})

async function count(index: number): Promise<void> {
  let record: SessionRecord | undefined = await store.load(keys[index]!)
  for (;;) {
    if (!record) throw new Error(`Session ${index} is gone.`)
    const set = new Map([['count', `${Number(record.values.get('count')) + 1}`]])
    const result = await store.save(keys[index]!, { set }, { ifVersion: record.version })
    if (result.outcome === 'gone') throw new Error(`Session ${index} was gone at a save.`)
    if (result.outcome === 'saved') break
    record = result.record
  }
  writeSync(tallied, `${index}\n`)
}

/** A value of the visitor's own, which nobody else changes. */
async function setOwn(index: number, own: string, last: Map<number, number>): Promise<void> {
  const next = (last.get(index) ?? 0) + 1
  const change = { set: new Map([[own, `${next}`]]), expiresAt: Date.now() + 3_600_000 }
  const result = await store.save(keys[index]!, change)
  if (result.outcome !== 'saved') throw new Error(`A save of session ${index} was ${result.outcome}.`)
  writeSync(tallied, `${index} ${own} ${next}\n`)
  last.set(index, next)
}

/** Milliseconds for which most visitors of all processes are at the same session: there it is moved among them. */
const TOGETHER = 20

function whereToGo(): number {
  if (Math.random() < 0.2) return Math.floor(Math.random() * keys.length)
  return Math.floor(Date.now() / TOGETHER) % keys.length
}

async function visit(visitor: number): Promise<void> {
  const last = new Map<number, number>()
  while (!leaving) {
    if (Math.random() < 0.5) await count(whereToGo())
    else await setOwn(whereToGo(), `${name}.${visitor}`, last)
    await setImmediate()
  }
}

console.log('ready')
await Promise.all(Array.from({ length: VISITORS }, (_, visitor) => visit(visitor)))
await close()
