import { isPromise } from '../contract/wait.ts'
import { MisuseError } from '../errors.ts'
import type { SessionState } from './state.ts'

/** Bytes of JSON. */
const MOST = 1024

/**
 * What the application notes of the device that somebody signs in on. It is no reason to fail: what can't be kept is left
 * out, and told.
 */
export function describe({ policy, context }: SessionState): unknown {
  if (policy.describe === undefined) return undefined
  try {
    const about = policy.describe(context?.request)
    if (isPromise(about)) {
      about.then(undefined, () => {})
      throw new MisuseError(
        '`describe` returned a promise. It has to say at once what is to be noted of a request.',
      )
    }
    const text = JSON.stringify(about)
    if (text === undefined) return undefined
    if (Buffer.byteLength(text) <= MOST) return JSON.parse(text)
    throw new MisuseError(
      `What \`describe\` said has ${Buffer.byteLength(text)} bytes as JSON; at most ${MOST} are kept of a device. ` +
        'Shorten what a request brings along, its user agent for one.',
    )
  } catch (error) {
    policy.report({ type: 'error', error })
    return undefined
  }
}
