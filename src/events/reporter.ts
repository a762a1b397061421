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
  return (event) => {
    try {
      const told: unknown = onEvent(event)
      if (isPromise(told)) told.then(undefined, failed)
    } catch (error) {
      failed(error)
    }
  }
}
