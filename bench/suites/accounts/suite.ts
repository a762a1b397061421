import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createSessions } from '../../candidates/untorn.ts'
import { measure, medianRatio, rowsOf } from '../../measure/rounds.ts'
import type { Measured, Suite, SuiteContext } from '../../suite.ts'
import { about, merged } from '../servers/plan.ts'
import { largeOwner } from './large.ts'
import { manyOwners } from './many.ts'
import { type Place, type PlaceName, places } from './places.ts'
import { LONG, type Plan, QUICK } from './plan.ts'
import { namesIn, verbs } from './verbs.ts'
import type { Data } from './visits.ts'

export const accountsSuite: Suite = {
  name: 'accounts',
  title: 'Whose session it is: sign-in, devices, ending them, owners by the million',
  async run(context) {
    const { directory, quick } = context
    // For the other user that PostgreSQL runs as.
    chmodSync(directory, 0o711)
    const measured: Measured[] = []
    for (const [index, open] of places.entries()) {
      const folder = join(directory, `${index}`)
      mkdirSync(folder, { mode: 0o711 })
      const { place, missing } = await open(folder)
      if (missing !== undefined) measured.push({ skipped: [missing] })
      else measured.push(await measurePlace(place, quick ? QUICK : LONG, context))
    }
    return merged([...measured, { notes: NOTES }])
  },
}

const NOTES = [
  'A sign-in by hand sets a value and asks for a new id: what a sign-in was before there were owners, in the same run.',
  'A sign-in is of a visitor with a cart, which it keeps, and of an owner that nobody was yet. Each is timed to its answer; ' +
    'what is done behind it falls into the next one.',
  'The longest pause: between two ticks of a timer of 1 ms, while a call is under way and for 20 ms after it.',
  'Servers run on the loopback, on the machine that asks them; PostgreSQL waits for the disk.',
]

async function measurePlace(place: Place, plan: Plan, { progress }: SuiteContext): Promise<Measured> {
  const { name, store, version } = place
  try {
    const sessions = createSessions<Data>({ store })
    const many = await manyOwners(place, sessions, plan.owners)
    const operations = verbs(name, sessions, plan.batch)
    const samples = await measure(operations, plan.calls, about(name, progress))
    const { signIn, byHand } = namesIn(name)
    const large: Measured[] = []
    for (const size of plan.large) large.push({ rows: await largeOwner(place, sessions, size, plan.times) })
    return merged([
      { rows: [...rowsOf(operations, samples), ...many] },
      ...large,
      { targets: [target(name, medianRatio(samples, signIn, byHand))] },
      version === undefined ? {} : { versions: { [name]: version } },
    ])
  } finally {
    await place.close()
  }
}

/** By hand it is five round trips, with an owner six. */
function target(name: PlaceName, value: number) {
  return { what: `${name}: a sign-in / one by hand`, limit: 'at most', bound: 2.5, value } as const
}
