import type { OnceOptions, PlainSession } from '../../../src/express.ts'

type Session = PlainSession<Record<string, unknown>>
type Values = Record<string, unknown>

/** What a request can do with its session; the name is its path, the value its body. */
export const actions = {
  /** Looks, and leaves everything as it is. */
  read: () => {},
  set: (session: Session, values: Values) => {
    Object.assign(session, values)
  },
  drop: (session: Session, name: string) => {
    delete session[name]
  },
  /** A number that `update()` makes exact. */
  count: (session: Session) => {
    session.update('views', (views = 0) => (views as number) + 1)
  },
  /** A list with `merge: union`, changed in place. */
  buy: (session: Session, article: string) => {
    session.cart ??= []
    ;(session.cart as string[]).push(article)
  },
  putBack: (session: Session, article: string) => {
    session.cart = (session.cart as string[]).filter((other) => other !== article)
  },
  /** A number with `merge: counter`. */
  earn: (session: Session, points: number) => {
    session.points = ((session.points as number | undefined) ?? 0) + points
  },
  /** A number with a merge of the application's own: the higher one stays. */
  bid: (session: Session, bid: number) => {
    session.bid = bid
  },
  take: (session: Session) => session.take('notice'),
  flash: (session: Session, message: string) => session.flash('messages', message),
  flashes: (session: Session) => session.flashes('messages'),
  increment: (session: Session, by: number) => session.increment('views', by),
  refresh: (session: Session, fetch: Fetch | null) => refresh(session, fetch ?? {}),
  /** Whether it could, as `regenerate()` says; one that does not look at that must do no harm. */
  signIn: async (session: Session, user: string) => {
    const signedIn = await session.regenerate()
    session.user = user
    return signedIn
  },
  signOut: (session: Session) => session.destroy(),
} satisfies Record<string, (session: Session, value: never) => unknown>

export type Action = keyof typeof actions

/** How long a token takes to be fetched, in milliseconds, and how long others wait for it. */
interface Fetch extends OnceOptions {
  takes?: number
}

/** A token that one request fetches. `ran`: it was this one. */
async function refresh(session: Session, { takes = 30, ...options }: Fetch) {
  let ran = false
  const fetched = async () => {
    ran = true
    await new Promise((resolve) => setTimeout(resolve, takes))
    return `token ${Math.random()}`
  }
  return { token: await session.once('token', fetched, options), ran }
}

/** The application's own merge: of two bids at once the higher one counts. */
export function higher(_base: unknown, mine: unknown, theirs: unknown): number {
  return Math.max((mine as number | undefined) ?? 0, (theirs as number | undefined) ?? 0)
}
