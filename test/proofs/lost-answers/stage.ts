import { setTimeout as delay } from 'node:timers/promises'
import * as errors from '../../../src/errors.ts'
import { type CookieOptions, createSessions, type Session, type Sessions } from '../../../src/index.ts'
import { cookieHeader } from '../../sessions/visit.ts'
import { asksForNewId } from '../../support/new-id.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { type Errors, FaultyStore, type Plan } from './faulty-store.ts'

/** The session layer that is looked at. */
export interface Layer {
  createSessions: typeof createSessions
  errors: Errors & Pick<typeof errors, 'SessionGoneError'>
}

/** Rejects where the layer breaks a promise. `slow`: the store answers later. */
export type Scenario = (layer: Layer, slow: boolean) => Promise<void>

export const shipped: Layer = { createSessions, errors }

/** What a visitor has before each request. */
export const BEFORE = { cart: ['tea'], notice: 'Hello' }

/** Milliseconds, with some to spare: the first try to take a move back that was left undecided comes a quarter of a second later. */
const FIRST_TRY = 450

/** Where it is another one than that of most. */
interface Setting {
  behind?: PlainStore
  cookie?: CookieOptions
}

/** One application on one store; of its two processes the first may meet a fault. */
export class Stage {
  readonly behind: PlainStore
  readonly store: FaultyStore
  readonly first: Sessions
  readonly second: Sessions
  readonly #layer: Layer
  readonly #since = performance.now()

  constructor(layer: Layer, slow: boolean, { behind = new PlainStore({ slow }), cookie = {} }: Setting = {}) {
    this.#layer = layer
    this.behind = behind
    this.store = new FaultyStore(this.behind, layer.errors)
    this.first = layer.createSessions({ store: this.store, cookie })
    this.second = layer.createSessions({ store: this.behind, cookie })
  }

  /** A visitor's cookie. */
  async visitor(): Promise<string> {
    const session = await this.first.open(undefined)
    for (const [name, value] of Object.entries(BEFORE)) session.set(name, value)
    return cookieHeader(await session.commit())
  }

  /** One request, answered as an adapter does: what the commit throws is an error's answer, with the cookie that is due. */
  async answered(session: Session, act: (session: Session) => unknown) {
    let told: 'done' | 'gone' | 'error' = 'done'
    let setCookie: string | undefined
    try {
      await act(session)
      setCookie = await session.commit()
    } catch (error) {
      told = error instanceof this.#layer.errors.SessionGoneError ? 'gone' : 'error'
      // Behind those that remove cookies of before.
      setCookie = session.dueCookies().at(-1)
    }
    return { told, setCookie }
  }

  /** A request to the first process whose call number `at` meets a fault. */
  async faced(cookie: string, plan: Plan, act: (session: Session) => unknown) {
    const session = await this.first.open(cookie)
    this.store.plan(plan)
    return { session, ...(await this.answered(session, act)) }
  }

  /**
   * After a move that was left undecided has been taken back. Each try comes after twice the time of the one before: on a
   * machine so busy that some came while the store was still away, the next comes within as much time again. What is
   * expected then is asked again some times, as that one may take long, too.
   */
  async settled(expected: () => Promise<void> = async () => {}): Promise<void> {
    for (let more = 2; ; more--) {
      await delay(FIRST_TRY + performance.now() - this.#since)
      try {
        return await expected()
      } catch (error) {
        if (more === 0) throw error
      }
    }
  }

  /** The session that a cookie leads to, as data. */
  async found(cookie: string): Promise<Record<string, unknown> | undefined> {
    const session = await this.second.open(cookie)
    if (session.isNew) return undefined
    return Object.fromEntries(session.keys().map((key) => [key, session.get(key)]))
  }
}

export const signIn = (session: Session): void => {
  asksForNewId(session)
  session.set('user', 'ada')
}
