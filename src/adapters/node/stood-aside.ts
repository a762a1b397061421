import { warnOnce } from '../../events/warn-once.ts'

/**
 * express-session does nothing where it finds a `req.session`, and says nothing either: an application that has both is
 * served by one of them without a word. All that it does is to look whether there is one; so for a while is looked at who
 * asks.
 */
let left = 1000

const ITSELF = /[\\/]node_modules[\\/]express-session[\\/]/

/** Of a read of `req.session`: `getter` is what was called by it. */
export function lookWhoAsks(getter: (...args: never[]) => unknown): void {
  if (left === 0) return
  left--
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 1
  const at: { stack?: unknown } = {}
  Error.captureStackTrace(at, getter)
  Error.stackTraceLimit = stackTraceLimit
  if (!ITSELF.test(String(at.stack))) return
  left = 0
  warnOnce(
    'UNTORN_EXPRESS_SESSION_BEHIND',
    'express-session was reached behind sessions(), found that there is a `req.session`, and stood aside: nothing that it ' +
      'is set up for has an effect. Take it away; or, to keep both, give this one another name, ' +
      "`sessions({ as: 'name', cookie: { name: 'name' } })`, and use `req.name`.",
  )
}
