/**
 * One process may run this code more than once: as ESM and as CommonJS, in two versions that were both installed,
 * bundled into an application beside the package itself. Every copy has classes and variables of its own. What has to
 * be the same thing for all of them is found by a name that begins with "untorn.", here, in session/view-symbols.ts, in
 * adapters/request (sessions-on.ts, shown.ts), in adapters/node/property.ts, and in the adapters of Fastify, Hono and Elysia: these names are
 * a promise between versions. So is the shape of what an adapter finds behind a session of another copy (session/state.ts), and what it asks
 * of one that a request has already (`isOf`, `hold`, `outer`), from the first release on.
 */
const sharedName = (of: string): symbol => Symbol.for(`untorn.${of}`)

// biome-ignore lint/suspicious/noExplicitAny: what a class is made with does not matter here
type Class = abstract new (...args: any[]) => object

/**
 * Makes `instanceof` true for what another copy's class of this name has made, and for what derives from that. A class
 * that an application derives is asked as any other: it is nothing that another copy could have.
 *
 * The class is called so from now on, as a minifier may have called it otherwise: logs show the names of errors.
 */
export function knownToAllCopies(own: Class, called: string): void {
  const known = sharedName(called)
  Object.defineProperty(own, 'name', { value: called })
  Object.defineProperty(own.prototype, known, { value: true })
  Object.defineProperty(own, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== own) return Function.prototype[Symbol.hasInstance].call(this, value)
      return typeof value === 'object' && value !== null && known in value
    },
  })
}

/** Something of which a process needs one, whichever copy comes to need it first. */
export function oneForAllCopies<T>(called: string, make: () => T): T {
  const all = globalThis as { [key: symbol]: unknown }
  all[sharedName(called)] ??= make()
  return all[sharedName(called)] as T
}
