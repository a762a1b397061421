import { type Trace, type TraceOptions, traceOf } from './trace.ts'

/** Six keys that nobody has used. The first two share a shard, and so do the fourth and the fifth. */
export const KEYS: readonly string[] = ['3f0', '3f1', 'a20', '5c0', '5c1', '7e0'].map((start) =>
  start.padEnd(64, '0'),
)

/**
 * For strace: syncs take their time (microseconds), those of directories more of it, so that an answer that does not wait
 * for both is seen to be early.
 */
export const SLOW_SYNCS = ['-e', 'inject=fdatasync:delay_enter=2000', '-e', 'inject=fsync:delay_enter=10000']

type Durability = 'disk' | 'process'

/** Traces a process that uses a store as a scenario of `children/sessions.mjs` says. */
export function traceOfSessions(
  durability: Durability,
  scenario: string,
  options: Omit<TraceOptions, 'args' | 'during'> & { keys?: readonly string[] },
): Promise<Trace> {
  const { keys = KEYS, ...rest } = options
  const args = [durability, scenario, ...keys]
  return traceOf(new URL('./children/sessions.mjs', import.meta.url), { ...rest, args })
}

/** A step's name and the path that it asks for. */
type Request = [step: string, path: string]

/** Traces a server, while one visitor makes these requests one after the other and keeps the cookies that it gets. */
export async function traceOfServer(
  durability: Durability,
  requests: Request[],
  options: Pick<TraceOptions, 'calls' | 'strace'>,
): Promise<{ trace: Trace; answers: Response[] }> {
  const answers: Response[] = []
  const during = async (nextLine: () => Promise<string>): Promise<void> => {
    const port = await nextLine()
    let cookie = ''
    for (const [step, path] of requests) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { step, cookie } })
      await answer.text()
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
      answers.push(answer)
    }
  }
  const script = new URL('./children/server.mjs', import.meta.url)
  const trace = await traceOf(script, { ...options, args: [durability], during })
  return { trace, answers }
}
