import { callOf, choose, ordinaryChoices } from './choice.ts'
import { FEWER, losePowerEverywhere } from './power-everywhere.ts'
import { begin, KEY, load, type Part, save, settingOf, stage, worldWith } from './scenarios.ts'
import type { Suite } from './suite.ts'
import type { World } from './world.ts'

/** What another process does after a sync has failed for the first one; it may have the file open already, or not. */
const OTHERS: readonly Pick<Part, 'before' | 'now'>[] = [
  { now: [save('y', '2')] },
  { now: [load(), { verb: 'save', key: KEY, set: { y: '2' }, conditional: true }] },
  { now: [{ verb: 'delete', key: KEY }] },
  { before: [load()], now: [save('y', '2')] },
]

/**
 * A sync has failed for one process; another one, which the system tells nothing of it, saves to the session, and the
 * power fails at any moment from then on.
 */
export const failedElsewhere: Suite = (open) => {
  const setting = settingOf(open, { losesPower: true })
  const worldFor = async (other: (typeof OTHERS)[number]): Promise<World> => {
    const first: Part = { now: [save('x', '1')], durable: true }
    const staged = await stage(
      await worldWith('fresh', setting),
      [first, { ...other, durable: true }],
      setting,
    )
    return begin(await failing(staged, FIRST))
  }
  return losePowerEverywhere(OTHERS, worldFor, setting, { left: 0, unnoticed: FIRST }, FEWER)
}

/** The process before it has made the session, and is gone. */
const FIRST = 1

/** A process has done its operation up to the sync of the file, and that has failed. */
async function failing(staged: World, index: number): Promise<World> {
  const processes = staged.processes.map((it, at) => (at === index ? { ...it, mayStart: 1 } : it))
  let world: World = { ...staged, processes }
  for (;;) {
    const next = ordinaryChoices(world)[0]
    if (next?.kind !== 'step') throw new Error('The process never came to a sync.')
    const { process, step } = next
    if (process === index && callOf(world.processes[index]!, step)?.name === 'sync')
      return await choose(world, { kind: 'fail', process, step, code: 'EIO', done: false })
    world = await choose(world, next)
  }
}
