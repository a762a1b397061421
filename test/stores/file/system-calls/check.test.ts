import { beforeEach, describe, expect, test } from 'vitest'
import type { Call, Moment } from './calls.ts'
import { noteIn } from './notes.ts'
import { examine } from './promises.ts'
import { traceOfSessions } from './scenarios.ts'
import { describeCall, momentsOf } from './steps.ts'
import { needsStrace, type Trace } from './trace.ts'
import { CHANGING_CALLS } from './traced-process.ts'

let life: Promise<Trace> | undefined
const lifeOfSessions = (): Promise<Trace> => {
  life ??= traceOfSessions('disk', 'life', { calls: CHANGING_CALLS })
  return life
}

/** The trace up to an answer. */
function until(trace: Trace, step: string): Trace {
  const answered = trace.moments.findIndex(({ call }) => answerIn(call) === step)
  return { ...trace, moments: trace.moments.slice(0, answered + 1) }
}

function answerIn(call: Call): string | undefined {
  const note = noteIn(call)
  return note?.note === 'answers' ? note.step : undefined
}

function syncsIn(trace: Trace, from: string, to: string): Call[] {
  const calls = momentsOf(trace, from, to).filter(({ phase }) => phase === 'returns')
  return calls
    .map(({ call }) => call)
    .filter((call) => /^f(data)?sync /.test(describeCall(call, trace) ?? ''))
}

beforeEach(needsStrace)

/** How the trace would look had the process made a mistake with one of its syncs. */
const MISTAKES: Record<string, (moments: Moment[], sync: Call) => Moment[]> = {
  'is left out': (moments, sync) => moments.filter(({ call }) => call !== sync),

  'has failed': (moments, sync) => {
    const failed = { ...sync, result: -1, error: 'EIO' }
    return moments.map(({ phase, call }) => ({ phase, call: call === sync ? failed : call }))
  },

  'is not waited for': (moments, sync) => {
    const begun = moments.findIndex(({ call }) => call === sync)
    const answered = moments.findIndex(({ call }, n) => n > begun && (answerIn(call) ?? 'start') !== 'start')
    return moved(moments, { phase: 'returns', call: sync }, answered)
  },

  'begins before the bytes are written': (moments, sync) => {
    const begun = moments.findIndex(({ call }) => call === sync)
    const isWrite = ({ name, args }: Call): boolean => name === 'write' && args[0] === sync.args[0]
    const written = moments.findLastIndex(({ call }, n) => n < begun && isWrite(call))
    return written === -1 ? [] : moved(moments, { phase: 'starts', call: sync }, written - 1)
  },
}

/** With a moment of a call put behind another place. */
function moved(moments: Moment[], { phase, call }: Moment, to: number): Moment[] {
  const place = moments[to]!
  const rest = moments.filter((moment) => moment.call !== call || moment.phase !== phase)
  const behind = rest.indexOf(place) + 1
  return [...rest.slice(0, behind), { phase, call }, ...rest.slice(behind)]
}

describe('the check of what survives power loss notices', () => {
  test.each(Object.entries(MISTAKES))(
    'when any one of the syncs of a start, a create or a save %s',
    async (_, mistake) => {
      const trace = until(await lifeOfSessions(), 'save')
      expect(examine(trace).broken).toEqual([])
      const tried = syncsIn(trace, 'start', 'save').flatMap((sync) => {
        const moments = mistake(trace.moments, sync)
        return moments.length === 0 ? [] : [{ sync, ...examine({ ...trace, moments }) }]
      })
      expect(tried.length).toBeGreaterThan(3)
      const unnoticed = tried.filter(({ broken }) => broken.length === 0)
      // At the start it is found out whether the directory can be written to: nothing depends on that file.
      expect(unnoticed.map(({ sync }) => describeCall(sync, trace))).toEqual(['fsync draft'])
    },
  )

  test('when a fold does not sync the new file, or never its name', async () => {
    const trace = until(await lifeOfSessions(), 'save-folded')
    for (const left of ['fdatasync new-file', 'fsync shard']) {
      const from = trace.moments.findIndex(({ call }) => noteIn(call)?.step === 'folding-0-1')
      const moments = trace.moments.filter(({ call }, n) => n < from || describeCall(call, trace) !== left)
      expect(examine({ ...trace, moments }).broken).not.toEqual([])
    }
  })

  test('when overlapping saves share a sync that began before the last of them', async () => {
    const trace = until(await lifeOfSessions(), 'overlapping-8')
    const shared = syncsIn(trace, 'overlapping-1', 'overlapping-8').at(-1)!
    const moments = MISTAKES['begins before the bytes are written']!(trace.moments, shared)
    expect(examine({ ...trace, moments }).broken).toEqual([expect.stringContaining('without its "k8"')])
  })

  test('when a delete does not sync its end', async () => {
    const trace = await lifeOfSessions()
    const [sync, ...others] = syncsIn(trace, 'delete', 'delete')
    expect(others).toEqual([])
    const moments = trace.moments.filter(({ call }) => call !== sync)
    expect(examine({ ...trace, moments }).broken).toEqual([
      expect.stringContaining('would be back by power loss'),
    ])
  })
})
