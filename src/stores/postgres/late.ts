import { StoreUnavailableError } from '../../errors.ts'
import type { Call } from '../server/calls.ts'
import { milliseconds } from './times.ts'

/** What a change that is void says in place of a number; the server's clock follows. No number begins like this. */
export const LATE = 'untorn: too late, at '

const SAID = new RegExp(`${LATE}(-?[\\d.]+)`)

/** The server's time at which a change came too late; `undefined` for any other error. */
export function lateAt(error: unknown): number | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const [, epoch] = (code === '22P02' && SAID.exec(String(message))) || []
  return epoch === undefined ? undefined : milliseconds(epoch)
}

/**
 * Makes a change that is void from a moment of the server's clock on: nothing is changed behind the back of a request
 * that has been told that it failed. Once more, where the server's clock was not what we took it for.
 *
 * `doing` completes "could not ..."; `learn` asks for the server's clock while nothing is known of it.
 */
export async function changeInTime<T>(
  call: Call,
  { doing, deadline, learn }: { doing: string; deadline: number; learn: () => Promise<number> },
  attempt: (voidFrom: number) => Promise<T>,
): Promise<T> {
  const end = performance.now() + deadline
  let cameLate = false
  if (call.voidFrom === undefined) call.showed(await learn())
  for (;;) {
    try {
      return await attempt(call.voidFrom!)
    } catch (error) {
      const late = lateAt(error)
      if (late === undefined) throw error
      call.showed(late)
      if (cameLate || call.voidFrom! <= late || performance.now() >= end) {
        throw new StoreUnavailableError(
          `Could not ${doing}: PostgreSQL got to it only after the deadline of ${deadline} ms, so nothing was changed. ` +
            'See what holds it up: a lock, a busy server, or a pool with too few connections.',
        )
      }
      cameLate = true
    }
  }
}
