import type { IncomingMessage } from 'node:http'
import type { SessionKey } from '../../contract/key.ts'
import { after, type MaybePromise, outcomeOf } from '../../contract/wait.ts'
import { SessionGoneError } from '../../errors.ts'
import type { SessionEnd } from '../../session/ends.ts'
import { asCallable } from '../../session/once-options.ts'
import type { Session } from '../../session/session.ts'
import { isReplaced } from '../../session/standing.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import type { Framework } from '../request/host.ts'
import { MessageSession } from '../request/message-session.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { RequestSession } from '../request/request-session.ts'
import { quietly } from '../request/told-promise.ts'
import { InOrder } from './in-order.ts'

/** The session of a socket. */
export interface SocketSession<Data extends object = AnyData> {
  /**
   * As it was when the socket was opened, of Socket.IO the latest of those over one connection: to look at who asks for one. What others
   * have stored since is not in it, and nothing of it is saved by itself; for each message there is {@link handle}.
   */
  readonly session: PlainSession<Data>
  /**
   * Handles a message with a view of the session as it is now: `await socket.handle((session) => { session.seen = id })`. What
   * changed is saved behind it, as behind a request, before the promise resolves with what `work` returned. A message is a use of
   * the session if that is read or changed.
   *
   * Messages of one socket begin in the order in which this is called, and overlap from there on: their changes are
   * merged as those of requests are, `update()` and `increment()` are exact. No more than the option `atOnce` are
   * under way; with 1 each sees what the one before has saved.
   *
   * Rejects with `SessionGoneError` (`UNTORN_SESSION_GONE`, status 409) if the session has ended: before, so that `work` is not
   * called, or meanwhile, also by another id, so that what `work` changed is stored nowhere. Who has changed nothing gets their result.
   * Rejects with what `work` throws (what it had changed is saved then, too), what the store throws, and as `save()` does. What
   * nobody waits for ends no process: it is the event `error`, and of a session that has ended nothing.
   *
   * Of a visitor without a session it is an empty one, which can't be stored. What needs a cookie (`login()`, `rotate()`, `confirm()`, to
   * begin a session) is a `MisuseError` (`UNTORN_MISUSE`).
   */
  handle<T>(work: (session: PlainSession<Data>) => T): Promise<Awaited<T>>
}

/** By which sessions, of whatever requests, and how. */
export interface SocketMount<Data extends object> {
  readonly sessions: Sessions<Data>
  readonly framework: Framework<IncomingMessage>
  /** How many messages of one socket are under way at once. */
  readonly atOnce: number
}

export class OpenSocket<Data extends object> implements SocketSession<Data> {
  readonly #mount: SocketMount<Data>
  readonly #upgrade: RequestSession<Data, IncomingMessage>
  readonly #req: IncomingMessage
  readonly #messages: InOrder
  #key: SessionKey | undefined
  /** How the session has ended, once it has: no message is begun any more. */
  end: SessionEnd | undefined

  /** Opens the session of a request, anew where it was opened before. Rejects with what the store throws. */
  static async of<Data extends object>(
    mount: SocketMount<Data>,
    req: IncomingMessage,
    upgrade: RequestSession<Data, IncomingMessage>,
  ): Promise<OpenSocket<Data>> {
    const end = await upgrade.prepareAnew()
    const { standing } = upgrade.state
    // A page can ask again, and is asked who it is; a socket would be nobody's for as long as it is open.
    if (standing.kind === 'detached') throw standing.error
    // Its page is about to get the new id. Until then it is nobody's, though its visitor may be signed in.
    const hasOtherId = isReplaced(standing)
    return new OpenSocket(mount, req, upgrade, hasOtherId ? { why: 'rotated' } : end)
  }

  private constructor(
    mount: SocketMount<Data>,
    req: IncomingMessage,
    upgrade: RequestSession<Data, IncomingMessage>,
    end: SessionEnd | undefined,
  ) {
    this.#mount = mount
    this.#req = req
    this.#upgrade = upgrade
    this.#messages = new InOrder(mount.atOnce)
    this.end = end
    this.#lookForKey()
  }

  get session(): PlainSession<Data> {
    return this.#upgrade.plain
  }

  handle<T>(work: (session: PlainSession<Data>) => T): Promise<Awaited<T>> {
    asCallable('work', work)
    const handled = this.#messages.take(
      () => this.#open(),
      (message) => {
        // It may have waited for the one before it.
        if (this.end !== undefined) throw new SessionGoneError()
        return this.#handle(message, work)
      },
    )
    return quietly(handled, (error) => {
      if (!(error instanceof SessionGoneError)) this.#mount.sessions.report({ type: 'error', error })
    })
  }

  /** Tells of the end of the session. @returns what ends that; nothing of a visitor without one */
  onEnd(told: (end: SessionEnd) => void): () => void {
    if (this.#lookForKey() === undefined) return () => {}
    return this.#upgrade.methods.onEnd((end) => {
      this.end = end
      told(end)
    })
  }

  /** A view for a message. */
  #open(): MaybePromise<MessageSession<Data, IncomingMessage>> {
    const key = this.#lookForKey()
    if (this.end !== undefined) throw new SessionGoneError()
    const opened = key === undefined ? this.#anonymous() : this.#mount.sessions.openKey(key)
    return after(opened, (session) => {
      if (session !== undefined) return this.#message(session)
      // Finds it gone, too: whoever listens for its end is told at once, and why.
      if (this.end === undefined) void this.#upgrade.methods.reload()
      this.end ??= { why: undefined }
      throw new SessionGoneError()
    })
  }

  /** What the handler returned, once what it changed is saved. */
  async #handle<T>(
    message: MessageSession<Data, IncomingMessage>,
    work: (session: PlainSession<Data>) => T,
  ): Promise<Awaited<T>> {
    const worked = await outcomeOf(async () => [await work(message.plain)] as const)
    const saved = await outcomeOf(() => message.commit())
    const isGone = !saved.done && saved.error instanceof SessionGoneError
    if (isGone) this.end ??= { why: undefined }
    // That nothing is stored is no news to who hears that it failed.
    if (!saved.done && !(isGone && !worked.done)) throw saved.error
    if (!worked.done) throw worked.error
    return worked.value[0]
  }

  #anonymous(): MaybePromise<Session<Data>> {
    return this.#mount.sessions.open(undefined, { request: this.#req })
  }

  #message(session: Session<Data>): MessageSession<Data, IncomingMessage> {
    const { sessions, framework } = this.#mount
    return new MessageSession<Data, IncomingMessage>(sessions, framework, this.#req, session)
  }

  /** Of a session that the request itself has begun it is known once that is stored. */
  #lookForKey(): SessionKey | undefined {
    this.#key ??= this.#upgrade.state.lastStored?.key
    return this.#key
  }
}
