import type { Room } from './room.ts'

/**
 * What a host may lack, through no fault of its adapter:
 *
 * - `abandoned`: the framework gives a page up whose client has gone, and waits for it no longer. So what it changes from then on is
 *   told as too late, and is saved only by a save of its own.
 * - `errorCookie`: nothing can be added to the answer by which the framework tells of an error. So a sign-in that was done is
 *   lost where its page fails afterwards.
 * - `head`: no page is asked for HEAD, or the framework answers it in its own way.
 * - `headers`: nothing but cookies can be added to an answer, no `Vary`, no `Cache-Control` and no `Clear-Site-Data`.
 * - `proxy`: nobody can tell it that a proxy is to be trusted.
 * - `stream`: an answer is sent when it is whole.
 */
export type AdapterCapability = 'abandoned' | 'errorCookie' | 'head' | 'headers' | 'proxy' | 'stream'

/**
 * The sites that cases need. Each is served once, for all of its cases.
 *
 * - `plain`: the defaults, over a store that loads at once if the one that is given does
 * - `late`: over a store that answers later
 * - `proxied`: behind a proxy that is trusted, and with `clearSiteData`
 * - `named`: with a cookie of its own kind
 */
export type Kind = 'plain' | 'late' | 'proxied' | 'named'

export type Check = (room: Room) => Promise<void>

export interface Case {
  title: string
  kind: Kind
  needs: readonly AdapterCapability[]
  check: Check
}

/** Cases that show one promise, by title. */
export function group(
  promise: string,
  checks: Readonly<Record<string, Check>>,
  { kind = 'plain', needs = [] }: Partial<Pick<Case, 'kind' | 'needs'>> = {},
): Case[] {
  return Object.entries(checks).map(([title, check]) => ({
    title: `${promise}: ${title}`,
    kind,
    needs,
    check,
  }))
}

/** The same over stores that answer at once and later, where an adapter goes different ways. */
export function overBoth(
  promise: string,
  checks: Readonly<Record<string, Check>>,
  needs: readonly AdapterCapability[] = [],
): Case[] {
  return (['plain', 'late'] as const).flatMap((kind) =>
    group(promise, checks, { kind, needs }).map((each) => ({
      ...each,
      title: kind === 'late' ? `${each.title}, over a store that answers later` : each.title,
    })),
  )
}
