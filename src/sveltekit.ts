import type { SessionsSource } from './adapters/request/sessions-of.ts'
import { type SvelteKitSessions, svelteKitSessions } from './adapters/sveltekit/handle.ts'
import { defaultStoreOnUse } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export * from './adapters/request/session-types.ts'
export type { SvelteKitEvent, SvelteKitSessions } from './adapters/sveltekit/handle.ts'
export { sessionOf } from './adapters/sveltekit/handle.ts'

/**
 * Sessions for SvelteKit, as the `handle` of `src/hooks.server.js`. With others: `sequence(sessions(), ...)`, this one first.
 *
 * ```ts
 * export const handle = sessions()
 * ```
 *
 * `event.locals.session` is then the session in load functions, form actions, endpoints and remote functions. What changed is saved
 * before the head of the answer leaves, redirects and errors of theirs included; the promises that a load function streams come
 * later, and a change of theirs is told. An endpoint that is fetched by `event.fetch` has the session of the page. An error that
 * is thrown by another `handle`, or by this one as the store can't save, is answered by SvelteKit without cookies: values are
 * saved where they can be, and no session begins.
 *
 * Its type is declared by the application, in `src/app.d.ts`:
 *
 * ```ts
 * declare global {
 *   namespace App {
 *     interface Locals {
 *       session: PlainSession<{ views: number }>
 *     }
 *   }
 * }
 * ```
 *
 * Whether a request came over https, SvelteKit's adapter says (`PROTOCOL_HEADER`; `ORIGIN` in version 2, `paths.origin` in 3). The
 * default store opens when it is first used: a build makes no directory. With `{ sessions }` it serves what `createSessions` has
 * made, which others can use as well. Throws what `createSessions` throws.
 */
export function sessions<Data extends object = AnyData>(
  options: SessionsSource<Data> = {},
): SvelteKitSessions<Data> {
  return svelteKitSessions<Data>(options, defaultStoreOnUse)
}
