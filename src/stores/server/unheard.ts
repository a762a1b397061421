/**
 * Drivers tell of a connection that broke while nobody used it by the event `error`, and Node.js ends a process in which
 * nobody listens to that. Whoever sets up is told while they look: not when the server is restarted, weeks later. Only
 * once the lines are through that follow the one which made the store, as a listener may be added there.
 *
 * `name` is what the documentation calls the emitter: `pool.on('error', ...)`.
 */
export function warnIfUnheard(emitter: object, name: string): void {
  const { listenerCount } = emitter as { listenerCount?(event: string): number }
  if (typeof listenerCount !== 'function') return
  const looking = setImmediate(() => {
    if (listenerCount.call(emitter, 'error') > 0) return
    process.emitWarning(
      `Nobody listens to the event "error" of the ${name} that the store was given: the next connection that breaks ends ` +
        `the process. Add this line: ${name}.on('error', (error) => console.error(error.message))`,
      { type: 'UntornWarning', code: 'UNTORN_NO_ERROR_LISTENER' },
    )
  })
  looking.unref()
}
