import { isPromise } from '../record/steps.ts'
import type { OnEvent, SessionEvent } from './events.ts'

/** Tells `onEvent`, and keeps a request whole whatever it throws; the first failure is a warning. */
export function reporter(onEvent: OnEvent | undefined): (event: SessionEvent) => void {
  if (onEvent === undefined) return () => {}
  let warned = false
  const failed = (error: unknown) => {
    if (warned) return
    warned = true
    process.emitWarning(`The option \`onEvent\` of untorn was given a function that fails: ${error}`, {
      code: 'UNTORN_EVENT_HANDLER',
    })
  }
  return (event) => {
    try {
      // An async function is one that returns void, too.
      const result: unknown = onEvent(event)
      if (isPromise(result)) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

export function withheldWarning(): () => void {
  let warned = false
  return () => {
    if (warned) return
    warned = true
    process.emitWarning(
      'The session cookie was not sent: it is for https only, and the request did not come over https. If a proxy ends ' +
        "TLS before this server, say that it is trusted (Express: app.set('trust proxy', 1); node:http: " +
        "trustProxy: true). For development without https set cookie.secure to 'auto'.",
      { code: 'UNTORN_COOKIE_WITHHELD' },
    )
  }
}
