import type { Sessions } from 'untorn'
import { spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'
import { onLanes } from '../servers/lanes.ts'
import type { Place } from './places.ts'
import { type Data, deviceOf, visitor } from './visits.ts'

const LANES = 16
/** What a part of them does tells what all would. */
const PART = 0.1
const SIGN_INS = 20

/** What so many owners take, and what a sign-in takes where they are. */
export async function manyOwners(
  { name, weight }: Place,
  sessions: Sessions<Data>,
  owners: number,
): Promise<Row[]> {
  const part = Math.ceil(owners * PART)
  const grownBy = async (count: number, once: (n: number) => Promise<unknown>): Promise<number> => {
    const before = await weight()
    let n = 0
    await onLanes(LANES, count, () => once(n++))
    return ((await weight()) - before) / count
  }
  const row = (what: string, bytes: number): Row => ({
    group: `What is stored, for each of ${owners.toLocaleString('en')} owners`,
    name: `${name}: ${what}`,
    unit: 'bytes',
    value: spread([bytes]),
  })
  const alone = await signIns(sessions)
  const first = await grownBy(owners, (n) => deviceOf(sessions, `owner ${n}`))
  const among = await signIns(sessions)
  const second = await grownBy(part, (n) => deviceOf(sessions, `owner ${n}`))
  const anybody = await grownBy(part, () => visitor(sessions, undefined, (session) => session.begin()))
  const timed = (beside: string, samples: number[]): Row => ({
    group: 'A sign-in without a session before it',
    name: `${name}: beside ${beside}`,
    unit: 'us',
    value: spread(samples),
  })
  return [
    row('a session that nobody has signed in to', anybody),
    row('an owner with a session', first),
    row('one more session of theirs', second),
    timed('nobody', alone),
    timed(`${owners.toLocaleString('en')} owners`, among),
  ]
}

async function signIns(sessions: Sessions<Data>): Promise<number[]> {
  const samples: number[] = []
  for (let n = 0; n < SIGN_INS; n++) {
    const started = performance.now()
    await deviceOf(sessions, `other ${n}`)
    samples.push((performance.now() - started) * 1000)
  }
  return samples
}
