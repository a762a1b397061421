import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPromise } from '../../../src/contract/wait.ts'
import type { OpenedRequest, PlainSession } from '../../../src/fetch.ts'
import { type SessionStore, type SessionsOptions, sessionKey } from '../../../src/index.ts'
import type { PageAnswer } from '../../../src/testing.ts'
import { Adapter, type AdapterFault, type Asked, fault } from './adapter.ts'
import { heads, notCommitted, sending } from './answers.ts'

/** Adapters whose requests are others. */
const requests = (change: (headers: Headers) => void) =>
  class extends Adapter {
    override asked(req: IncomingMessage): Asked {
      const asked = super.asked(req)
      change(asked.headers)
      return asked
    }
  }

const BEGUN = 'begun: the first value of a visitor stores a session, once, and its cookie is sent'

const OVER_ONE_CONNECTION =
  'known: who comes over one connection with others, as by a proxy, is taken for none of them'

/** Adapters that remember a cookie for each connection. */
const overOneConnection = (
  choose: (before: string | undefined, cookie: string | undefined) => string | undefined,
) =>
  class extends Adapter {
    readonly #kept = new WeakMap<object, string>()
    override asked(req: IncomingMessage): Asked {
      const asked = super.asked(req)
      const cookie = choose(this.#kept.get(req.socket), req.headers.cookie)
      if (cookie === undefined) return asked
      this.#kept.set(req.socket, cookie)
      asked.headers.set('cookie', cookie)
      return asked
    }
  }

export const ofRequests: AdapterFault[] = [
  fault(
    'only the first cookie is looked at',
    requests((headers) => headers.set('cookie', (headers.get('cookie') ?? '').split(';')[0]!)),
    'known: a cookie of the application beside it does no harm',
  ),
  fault(
    'who shows no cookie is who has shown one over the same connection',
    overOneConnection((before, cookie) => cookie ?? before),
    OVER_ONE_CONNECTION,
  ),
  fault(
    'who comes over a connection is who has opened it',
    overOneConnection((before, cookie) => before ?? cookie),
    OVER_ONE_CONNECTION,
  ),
  fault(
    'a request whose cookie can be no id is refused',
    class extends Adapter {
      override async open(asked: Asked): Promise<OpenedRequest> {
        if (/sid="/.test(asked.headers.get('cookie') ?? '')) throw new Error('a bad cookie')
        return super.open(asked)
      }
    },
    'begun: a cookie that can be no id is as none, and asks no store',
  ),
  fault(
    'an id that nobody gave out is adopted',
    class extends Adapter {
      override async open(asked: Asked): Promise<OpenedRequest> {
        const [, id] = /sid=([\w-]{43})/.exec(asked.headers.get('cookie') ?? '') ?? []
        if (id !== undefined) {
          const now = Date.now()
          const record = { values: new Map(), createdAt: now, expiresAt: now + 60_000 }
          await this.site.options.store.create(sessionKey(id), record)
        }
        return super.open(asked)
      }
    },
    'begun: an id that nobody gave out becomes no session: its visitor gets another one',
    'ended: an id that was signed out comes to no session again',
  ),
  fault(
    'every visitor has a session at once',
    class extends Adapter {
      override async open(asked: Asked): Promise<OpenedRequest> {
        const opened = await super.open(asked)
        await opened.session.begin()
        return opened
      }
    },
    'begun: who only reads has no session, and no cookie',
    'begun: a page that nobody looked at the session for says nothing of one',
  ),
  fault(
    'a session is looked at for every request',
    class extends Adapter {
      override session(session: PlainSession): PlainSession {
        void session.isNew
        return session
      }
    },
    'begun: a page that nobody looked at the session for says nothing of one',
  ),
  fault(
    'requests that come at once share a session',
    class extends Adapter {
      #shared: Promise<OpenedRequest> | undefined
      #underWay = 0
      override open(asked: Asked): Promise<OpenedRequest> {
        this.#shared ??= super.open(asked)
        return this.#shared
      }
      override async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
        this.#underWay++
        await super.serve(req, res)
        this.#underWay--
        if (this.#underWay === 0) this.#shared = undefined
      }
    },
    'overlapping: visitors who come at once have each their own session',
  ),
  fault(
    'a page gets copies of the values',
    class extends Adapter {
      override session(session: PlainSession): PlainSession {
        return new Proxy(session, {
          get(target, name, receiver) {
            const value: unknown = Reflect.get(target, name, receiver)
            return typeof value === 'object' ? structuredClone(value) : value
          },
        })
      }
    },
    'known: what is changed inside of a value is stored',
  ),
  fault(
    'a page does not wait for a session that takes long',
    class extends Adapter {
      override async open(asked: Asked): Promise<OpenedRequest> {
        const anonymous = { ...asked, headers: new Headers() }
        const opened = super.open(asked)
        opened.catch(() => {})
        const tooLong = new Promise<undefined>((resolve) => {
          setTimeout(() => resolve(undefined), 10)
        })
        return (await Promise.race([opened, tooLong])) ?? super.open(anonymous)
      }
    },
    'outage: a page waits for its session',
  ),
]

const BY_A_FORM =
  'cross-site: a change and a sign-out by a form of another site leave the visitor their session'

/** Adapters whose requests are those of another method. */
const asMethod = (method: string) =>
  class extends Adapter {
    override asked(req: IncomingMessage): Asked {
      return { ...super.asked(req), method }
    }
  }

export const ofOtherSites: AdapterFault[] = [
  fault(
    'nobody knows what site has caused a request',
    requests((headers) => headers.delete('sec-fetch-site')),
    BY_A_FORM,
    'cross-site: what another site embeds begins no session',
  ),
  fault('every request counts as a GET', asMethod('GET'), BY_A_FORM),
  fault(
    'every request counts as a POST',
    asMethod('POST'),
    'cross-site: a link of another site that is followed begins one',
  ),
  fault(
    'an image counts as a link',
    requests((headers) => headers.delete('sec-fetch-mode')),
    'cross-site: what another site embeds begins no session',
  ),
  fault(
    'a frame counts as a tab',
    requests((headers) => headers.delete('sec-fetch-dest')),
    'cross-site: what another site embeds begins no session',
  ),
  fault(
    'a form of another site is given no cookie at all',
    notCommitted((_answer, { headers, method }) => method === 'POST' && headers.has('sec-fetch-site')),
    'cross-site: a sign-in by a form of another site is one',
  ),
  fault(
    'a sign-out removes the cookie, whoever it is that asks',
    heads((head, _answer, { url }) => {
      if (url.endsWith('/logout')) head.set('set-cookie', 'sid=; Path=/; Max-Age=0')
    }),
    BY_A_FORM,
  ),
]

export const ofHttps: AdapterFault[] = [
  fault(
    'https is not known of',
    requests((headers) => headers.delete('x-forwarded-proto')),
    'cookie: over https, as a proxy says that is trusted, it is Secure and named so',
    'declared: the host can trust a proxy, or it is said why not',
  ),
  fault(
    'every request counts as one over https where a proxy is trusted',
    class extends Adapter {
      override asked(req: IncomingMessage): Asked {
        const asked = super.asked(req)
        if (this.site.trustProxy) asked.headers.set('x-forwarded-proto', 'https')
        return asked
      }
    },
    'cookie: over http, as a proxy says that is trusted, it is not Secure',
  ),
  fault(
    'every proxy is trusted',
    class extends Adapter {
      override trustProxy(): boolean {
        return true
      }
    },
    'cookie: the word of a proxy that nobody trusts is not believed',
  ),
  fault(
    'the options of the cookie are left out',
    class extends Adapter {
      override options(): SessionsOptions {
        const { cookie: _, ...options } = this.site.options
        return options
      }
    },
    'cookie: its name, its SameSite and its end are as the options say',
  ),
]

export const ofFailures: AdapterFault[] = [
  fault(
    'nothing is committed when a page throws',
    class extends Adapter {
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        return answer.status === 500 ? new Headers() : super.commit(opened, answer, asked)
      }
    },
    'failed: a page that throws is answered by the framework, and what it had changed is kept',
  ),
  fault(
    'nothing is committed when a form throws',
    notCommitted(({ status }, { method }) => status === 500 && method === 'POST'),
    'failed: a page that throws is answered by the framework, and what it had changed is kept',
  ),
  fault(
    'a session begins when a page throws, and its cookie is not sent',
    sending((head, { status }) => (status === 500 ? new Headers() : head)),
    'failed: a page that throws begins a session with its cookie, or none at all',
    'failed: a sign-in that was done stands, whatever its page throws afterwards',
    'declared: the host has a cookie on the answer of an error, or it is said why not',
  ),
  fault(
    'nothing is committed for a client that has gone',
    class extends Adapter {
      #gone = new WeakSet<Asked>()
      override asked(req: IncomingMessage): Asked {
        const asked = super.asked(req)
        req.on('close', () => void (req.socket.destroyed && this.#gone.add(asked)))
        return asked
      }
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        // Long enough for the news of it.
        await new Promise((resolve) => setTimeout(resolve, 50))
        return this.#gone.has(asked) ? new Headers() : super.commit(opened, answer, asked)
      }
    },
    'failed: what a client that has gone had changed is kept, and the others are served',
    'declared: the host waits for a page whose client has gone, or it is said why not',
  ),
  fault(
    'whatever a store throws, the answer goes out',
    class extends Adapter {
      override commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        return super.commit(opened, answer, asked).catch(() => new Headers(answer.headers))
      }
    },
    'outage: a change that can not be saved is an error, and is not there afterwards',
    'outage: a session that can not be stored is an error, and has no cookie',
    'outage: a sign-in that was done has its cookie, although what came after it can not be saved',
  ),
  fault(
    'who can not be loaded is a stranger',
    class extends Adapter {
      override options(): SessionsOptions {
        return { ...this.site.options, onStoreError: 'anonymous' }
      }
    },
    'outage: a session that can not be loaded is an error, and is there again afterwards',
  ),
  fault(
    'the cookie of what was saved before a failure is not sent',
    class extends Adapter {
      override due(): Headers {
        return new Headers()
      }
    },
    'outage: a sign-in that was done has its cookie, although what came after it can not be saved',
  ),
  fault(
    'a session that is gone is an error',
    class extends Adapter {
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        const wasChanged = opened.session.changed
        const head = await super.commit(opened, answer, asked)
        if (wasChanged && !(await opened.session.save())) throw new Error('gone')
        return head
      }
    },
    'ended: a request that is under way at a sign-out is answered as it was meant, with no cookie, and stores nothing',
  ),
]

/** What nobody catches ends the process: its test has to keep the runner's listeners away. */
export const ofTheProcess: AdapterFault[] = [
  fault(
    "the error of a page is nobody's",
    class extends Adapter {
      override async answer(opened: OpenedRequest, req: IncomingMessage): Promise<PageAnswer> {
        const answering = super.answer(opened, req)
        void answering.then(() => {})
        return answering
      }
    },
    'failed: a page that throws is answered by the framework, and what it had changed is kept',
  ),
  fault(
    "the error of a store is nobody's",
    class extends Adapter {
      override async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
        void this.open(this.asked(req)).then(({ session }) => session.name)
        return super.serve(req, res)
      }
    },
    'outage: a session that can not be loaded is an error, and is there again afterwards',
  ),
]

/** Adapters over a store that is another one for each request, or for all of them. */
const over = (wrap: (store: SessionStore) => SessionStore, perRequest: boolean) =>
  class extends Adapter {
    override options(): SessionsOptions {
      return { ...this.site.options, store: wrap(this.site.options.store) }
    }
    override open(asked: Asked): Promise<OpenedRequest> {
      return perRequest
        ? new Adapter({ ...this.site, options: this.options() as never }).open(asked)
        : super.open(asked)
    }
  }

/** Saves whole sessions: what a request has loaded, and its own changes. */
function wholeSaves(store: SessionStore): SessionStore {
  const loaded = new Map<string, ReadonlyMap<string, string>>()
  return {
    ...store,
    async load(key) {
      const record = await store.load(key)
      if (record !== undefined) loaded.set(key, record.values)
      return record
    },
    loadsAtOnce: false,
    async save(key, change) {
      const base = loaded.get(key)
      if (base === undefined) return store.save(key, change)
      const set = new Map([...base, ...(change.set ?? [])])
      // At once where the store can, so that nobody comes in between.
      const found = store.load(key)
      const now = isPromise(found) ? await found : found
      const dropped = [...(now?.values.keys() ?? [])].filter((name) => !set.has(name))
      return store.save(key, { ...change, set, delete: [...dropped, ...(change.delete ?? [])] })
    },
  }
}

/** Keeps what it has loaded. */
function caching(store: SessionStore): SessionStore {
  const cache = new Map<string, Awaited<ReturnType<SessionStore['load']>>>()
  return {
    ...store,
    loadsAtOnce: false,
    async load(key) {
      if (cache.get(key) === undefined) cache.set(key, await store.load(key))
      return cache.get(key)
    },
    async save(key, change, options) {
      cache.delete(key)
      return store.save(key, change, options)
    },
    async delete(key) {
      cache.delete(key)
      return store.delete(key)
    },
  }
}

export const ofStores: AdapterFault[] = [
  fault(
    'sessions are saved whole',
    over(wholeSaves, true),
    'overlapping: what two requests change at once is both kept',
    'overlapping: what 50 requests change at once is all kept',
  ),
  fault(
    'saves name no version',
    over((store) => ({ ...store, save: (key, change) => store.save(key, change) }), false),
    'overlapping: what is counted by an update is exact',
    'known: a message is shown once, to one of two who ask at once',
  ),
  fault(
    'sessions are kept between requests',
    over(caching, false),
    'known: what another process has changed since is seen',
    "ended: what another process has ended is nobody's",
  ),
  fault(
    'what is gone is stored again',
    over(
      (store) => ({
        ...store,
        async save(key, change, options) {
          const result = await store.save(key, change, options)
          if (result.outcome !== 'gone' || change.set === undefined) return result
          const now = Date.now()
          await store.create(key, { values: change.set, createdAt: now, expiresAt: now + 60_000 })
          return store.save(key, {})
        },
      }),
      false,
    ),
    'ended: a request that is under way at a sign-out is answered as it was meant, with no cookie, and stores nothing',
  ),
  fault(
    'nothing is ever deleted',
    over((store) => ({ ...store, delete: () => true }), false),
    'ended: a sign-out ends the session, and removes its cookie',
    'ended: an id that was signed out comes to no session again',
  ),
  fault(
    'a session is stored, and then changed',
    over(
      (store) => ({
        ...store,
        async create(key, record) {
          const isFree = await store.create(key, { ...record, values: new Map() })
          if (isFree) await store.save(key, { set: record.values })
          return isFree
        },
      }),
      false,
    ),
    BEGUN,
  ),
]
