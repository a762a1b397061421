import { parseSetCookie } from 'cookie'
import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionStore } from '../../../src/contract/store.ts'
import type { Session, Sessions } from '../../../src/index.ts'
import type { Given } from './starts.ts'
import type { Verb } from './verbs.ts'

export function cookieOf(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `__Host-sid=${id}`
}

/** The id that a Set-Cookie line gives, if it gives any. */
export function idIn(line: string | undefined): string | undefined {
  return (line && parseSetCookie(line).value) || undefined
}

/** One request: what it does, and what its visitor is told. */
export class Request {
  readonly verb: Verb
  readonly shown: Given | undefined
  readonly device: string
  readonly mark: string
  /** The moments at which it came and was answered, by a count of all steps. */
  began = Number.POSITIVE_INFINITY
  ended = Number.POSITIVE_INFINITY
  /** `done`, or the code of what was thrown. */
  told: string | undefined
  value: unknown
  /** The id that its answer gives. */
  given: string | undefined

  constructor(nth: number, verb: Verb, shown: Given | undefined) {
    this.verb = verb
    this.shown = shown
    this.device = shown?.device ?? `new ${nth}`
    this.mark = `by ${nth}`
  }

  /** `count`: that of the steps. Never rejects. */
  async run(sessions: Sessions, store: SessionStore, count: () => number): Promise<void> {
    this.began = count()
    try {
      if (this.verb.does === 'expiry') await this.#expire(store)
      else await this.#answer((await sessions.open(cookieOf(this.shown?.id))) as Session, sessions)
      this.told ??= 'done'
    } catch (error) {
      this.told = codeOf(error)
    }
    this.ended = count()
  }

  /** As an adapter answers: with the cookie that is due also where it fails. */
  async #answer(session: Session, sessions: Sessions): Promise<void> {
    let line: string | undefined
    try {
      this.value = await this.verb.act?.(session, sessions, this.mark)
      line = await session.commit()
    } catch (error) {
      this.told = codeOf(error)
      line = session.dueCookies().at(-1)
    }
    this.given = idIn(line)
  }

  /** The time of the session has come. */
  async #expire(store: SessionStore): Promise<void> {
    if (this.shown !== undefined) await store.save(sessionKey(this.shown.id), { expiresAt: 1 })
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error)
}
