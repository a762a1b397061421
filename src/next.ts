import type { NextSessionsOptions } from './adapters/next/mount.ts'
import { type NextSessions, nextSessions } from './adapters/next/sessions.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { NextSessionsOptions } from './adapters/next/mount.ts'
export type { ReadonlySession, Unchanging } from './adapters/next/read-only.ts'
export type { CookieJar, NextRequest } from './adapters/next/request.ts'
export type { NextSessions } from './adapters/next/sessions.ts'
export * from './adapters/request/session-types.ts'

/**
 * Sessions for Next.js, 15 and 16, in its App Router on Node.js.
 *
 * ```ts
 * // lib/session.ts
 * export const { withSession, readSession } = sessions<{ cart: string[] }>({ store: () => fileStore('/var/lib/shop') })
 *
 * // app/actions.ts
 * 'use server'
 * export const add = withSession(async (session, form: FormData) => {
 *   session.cart = [...(session.cart ?? []), String(form.get('item'))]
 * })
 *
 * // app/page.tsx
 * const { cart = [] } = await readSession()
 * ```
 *
 * Nothing is opened before the first request, at a build either. The header `Clear-Site-Data` (`clearSiteData`) can be sent by
 * route handlers alone. Throws what `createSessions` throws for options.
 */
export function sessions<Data extends object = AnyData>(
  options: NextSessionsOptions<Data> = {},
): NextSessions<Data> {
  return nextSessions<Data>(options, defaultStore)
}
