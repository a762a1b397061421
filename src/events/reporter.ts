import { isPromise } from '../contract/wait.ts'

/**
 * Tells an application's function what happens, and breaks nothing whatever it does: an exception of it, or a promise of
 * one (an async function is one that returns void, too), is a warning, the first time.
 *
 * @param of whose option `onEvent` it is, for the warning
 */
export function reporter<Event>(onEvent: (event: Event) => void, of: string): (event: Event) => void {
  let warned = false
  const failed = (error: unknown) => {
    if (warned) return
    warned = true
    process.emitWarning(`The option \`onEvent\` of ${of} was given a function that fails: ${error}`, {
      code: 'UNTORN_EVENT_HANDLER',
    })
  }
  return (event) => callSafely(onEvent, event, failed)
}

/** Calls an application's function; what it throws, or rejects with, is for `failed` to tell of. */
export function callSafely<What>(
  listener: (what: What) => void,
  what: What,
  failed: (error: unknown) => void,
): void {
  try {
    const called: unknown = listener(what)
    if (isPromise(called)) called.then(undefined, failed)
  } catch (error) {
    failed(error)
  }
}
