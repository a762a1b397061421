import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OpenedRequest } from '../../../src/fetch.ts'
import type { SessionsOptions } from '../../../src/index.ts'
import type { PageAnswer } from '../../../src/testing.ts'
import { Adapter, type AdapterFault, type Asked, FAILED, fault, LATER } from './adapter.ts'

const isOurs = (line: string) => /^(__Host-)?(sid|shop)=/.test(line)

/** The head, of which the cookies of the session are others. */
function withCookies(head: Headers, change: (line: string) => string | undefined): Headers {
  const changed = new Headers(head)
  changed.delete('set-cookie')
  for (const line of head.getSetCookie()) {
    const sent = isOurs(line) ? change(line) : line
    if (sent !== undefined) changed.append('set-cookie', sent)
  }
  return changed
}

/** Adapters that send another head than the one that is committed. */
export const sending = (headOf: (head: Headers, answer: PageAnswer, asked: Asked) => Headers) =>
  class extends Adapter {
    override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
      return headOf(await super.commit(opened, answer, asked), answer, asked)
    }
  }

/** Adapters whose heads have other cookies of the session. */
const cookies = (change: (line: string, asked: Asked, answer: PageAnswer) => string | undefined) =>
  sending((head, answer, asked) => withCookies(head, (line) => change(line, asked, answer)))

/** Adapters that change the heads that are committed. */
export const heads = (change: (head: Headers, answer: PageAnswer, asked: Asked) => void) =>
  sending((head, answer, asked) => {
    change(head, answer, asked)
    return head
  })

/** Adapters that commit some answers only. */
export const notCommitted = (isLeftOut: (answer: PageAnswer, asked: Asked) => boolean) =>
  class extends Adapter {
    override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
      return isLeftOut(answer, asked) ? new Headers(answer.headers) : super.commit(opened, answer, asked)
    }
  }

/** What a head says to caches, as the page has it. */
export function withoutCaching(head: Headers, { headers }: PageAnswer): Headers {
  const own = new Headers(headers)
  const sent = new Headers(head)
  for (const name of ['vary', 'cache-control']) {
    const before = own.get(name)
    if (before === null) sent.delete(name)
    else sent.set(name, before)
  }
  return sent
}

/** Adapters that leave caches to the page, for some heads. */
const cached = (isMeant: (head: Headers, asked: Asked) => boolean) =>
  sending((head, answer, asked) => (isMeant(head, asked) ? withoutCaching(head, answer) : head))

const isRemoval = (line: string) => /=;/.test(line)

const BEGUN = 'begun: the first value of a visitor stores a session, once, and its cookie is sent'
const REMOVED = "ended: a session that has expired is nobody's, and its cookie is removed"

export const ofCookies: AdapterFault[] = [
  fault(
    'scripts can read the cookie',
    cookies((line) => line.replace('; HttpOnly', '')),
    BEGUN,
  ),
  fault(
    'other sites send the cookie',
    cookies((line) => line.replace('=Lax', '=None')),
    BEGUN,
  ),
  fault(
    'the cookie is for the page alone that set it',
    cookies((line) => line.replace('; Path=/', '')),
    BEGUN,
  ),
  fault(
    'the cookie is always Secure',
    cookies((line) => `${line}; Secure`),
    BEGUN,
  ),
  fault(
    'the cookie is sent with every answer',
    class extends Adapter {
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        const head = await super.commit(opened, answer, asked)
        if (head.getSetCookie().length === 0) head.append('set-cookie', `sid=${opened.session.id}; Path=/`)
        return head
      }
    },
    'known: a visitor is known by their cookie, and gets no other one',
    'begun: who only reads has no session, and no cookie',
    'begun: a page that nobody looked at the session for says nothing of one',
    'ended: a request that is under way at a sign-out is answered as it was meant, with no cookie, and stores nothing',
  ),
  fault(
    'no cookie is removed',
    cookies((line) => (/=;/.test(line) ? undefined : line)),
    REMOVED,
    'ended: a sign-out ends the session, and removes its cookie',
    "ended: what another process has ended is nobody's",
  ),
  fault(
    'a cookie is removed for another path',
    cookies((line) => line.replace(/^(sid=;.*)Path=\//, '$1Path=/a')),
    REMOVED,
  ),
  fault(
    'who has a cookie gets no other one',
    cookies((line, { headers }) => (headers.has('cookie') ? undefined : line)),
    "ended: a sign-in gives another id, and the old one is nobody's",
    'ended: a rotation gives another id, under which the values are',
    'known: another expiry renews the cookie, under the same id',
    'redirected: who is signed in by a redirect is signed in at once',
    'begun: an id that nobody gave out becomes no session: its visitor gets another one',
  ),
  fault(
    'cookies are kept in an object, one of each name of a header',
    class extends Adapter {
      override send(
        req: IncomingMessage,
        res: ServerResponse,
        answer: PageAnswer,
        head: Headers,
      ): Promise<void> {
        return super.send(req, res, answer, new Headers(Object.fromEntries(head)))
      }
    },
    'cookie: those of the application are sent beside it, each in its line',
  ),
  fault(
    'an answer without a body has no cookie',
    cookies((line, _asked, { status }) => (status === 204 || status === 304 ? undefined : line)),
    'every answer: a 204 has its cookie, behind what is stored',
    'every answer: a 304 has its cookie, behind what is stored',
  ),
]

export const ofHeads: AdapterFault[] = [
  fault(
    'Vary is left out',
    heads((head) => head.delete('vary')),
    'headers: an answer that depends on the session says so in Vary',
  ),
  fault(
    'Vary is put in the place of the one of the page',
    heads((head) => head.set('vary', 'Cookie')),
    'headers: what the page says in Vary and Cache-Control stays, as far as it may',
    'begun: a page that nobody looked at the session for says nothing of one',
  ),
  fault(
    'Cache-Control is left as the page has it',
    heads((head, answer) => {
      const own = new Headers(answer.headers).get('cache-control')
      if (own === null) head.delete('cache-control')
      else head.set('cache-control', own)
    }),
    'headers: no shared cache may keep an answer with a cookie',
    'headers: what the page says in Vary and Cache-Control stays, as far as it may',
  ),
  fault(
    'an answer that removes a cookie is open to every cache',
    cached((head) => head.getSetCookie().some(isRemoval)),
    'headers: no shared cache may keep an answer that removes a cookie',
  ),
  fault(
    'an answer that gives another cookie to who is known is open to every cache',
    cached(
      (head, { headers }) => headers.has('cookie') && head.getSetCookie().some((line) => !isRemoval(line)),
    ),
    'headers: no shared cache may keep an answer that gives another cookie to who is known',
  ),
  fault(
    'an answer that sets no cookie is open to every cache',
    cached((head) => head.getSetCookie().length === 0),
    'cross-site: what a form of another site is answered is for no shared cache',
  ),
  fault(
    'what the page says to the caches of networks stays',
    heads((head, answer) => {
      const own = new Headers(answer.headers)
      for (const [name, value] of own) if (/^(cdn|surrogate|vercel)-/.test(name)) head.set(name, value)
    }),
    'headers: nor may the cache of a network, whatever the page says for that',
  ),
  fault(
    'the answer of an error is open to every cache',
    sending((head, answer) => (answer === FAILED ? withoutCaching(head, answer) : head)),
    'failed: the answer of an error with a cookie is private, and says in Vary on what it depends',
  ),
  fault(
    'the answer of a commit that failed is open to every cache',
    class extends Adapter {
      override due(opened: OpenedRequest): Headers {
        return withoutCaching(super.due(opened), FAILED)
      }
    },
    'outage: the answer of a save that failed is private where it has a cookie',
  ),
  fault(
    'what browsers are to clear is left out',
    heads((head) => head.delete('clear-site-data')),
    'headers: a sign-out tells the browser what to clear, by the option for it',
  ),
  fault(
    'every answer has status 200',
    class extends Adapter {
      override send(
        req: IncomingMessage,
        res: ServerResponse,
        answer: PageAnswer,
        head: Headers,
      ): Promise<void> {
        return super.send(req, res, { ...answer, status: 200 }, head)
      }
    },
    'served: what a page answers arrives: its status, its headers, its text',
    'failed: a page that throws is answered by the framework, and what it had changed is kept',
  ),
  fault(
    'a page gets its path without the query',
    class extends Adapter {
      override async answer({ session }: OpenedRequest, req: IncomingMessage): Promise<PageAnswer> {
        return this.site.page(session, { method: req.method!, url: req.url!.split('?')[0]! })
      }
    },
    'served: a page is asked with the method, the path and the query of its request',
  ),
]

const STREAMED =
  'streamed: a body is sent as it comes, behind the cookie, and after what was changed was stored'

async function whole(body: PageAnswer['body'] = ''): Promise<string> {
  if (typeof body === 'string') return body
  let text = ''
  for await (const piece of body) text += piece
  return text
}

export const ofTheTime: AdapterFault[] = [
  fault(
    'the head leaves first, and the commit follows',
    class extends Adapter {
      override async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
        const opened = await this.open(this.asked(req))
        const answer = await this.answer(opened, req).catch(
          () => ({ status: 500, headers: [], body: 'failed' }) as PageAnswer,
        )
        await this.send(req, res, answer, new Headers(answer.headers))
        await opened.commit().catch(() => {})
      }
    },
    BEGUN,
    'redirected: who follows a redirect at once finds what was changed, a session that it began too',
    'outage: no head is sent before a save has been answered',
  ),
  fault(
    'the answer does not wait for its save',
    class extends Adapter {
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        const committing = super.commit(opened, answer, asked)
        const early = new Promise<Headers>((resolve) => {
          setTimeout(() => resolve(new Headers(answer.headers)), 5)
        })
        committing.catch(() => {})
        return Promise.race([committing, early])
      }
    },
    'outage: no head is sent before a save has been answered',
  ),
  fault(
    'redirects are not committed',
    notCommitted(({ status }) => status >= 300 && status < 400),
    'redirected: who follows a redirect at once finds what was changed, a session that it began too',
    'every answer: a 304 has its cookie, behind what is stored',
  ),
  fault(
    'what only asks for a head is not committed',
    notCommitted((_answer, { method }) => method === 'HEAD'),
    'bodiless: HEAD has the cookie that GET has, and what it changes is stored',
  ),
  fault(
    'a body is sent when it is whole',
    class extends Adapter {
      override async send(
        req: IncomingMessage,
        res: ServerResponse,
        answer: PageAnswer,
        head: Headers,
      ): Promise<void> {
        return super.send(req, res, { ...answer, body: await whole(answer.body) }, head)
      }
    },
    'declared: the host sends a body as it comes, or it is said why not',
  ),
  fault(
    'a stream is committed behind its end',
    class extends Adapter {
      override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
        if (typeof answer.body === 'object') answer.body = await whole(answer.body)
        return super.commit(opened, answer, asked)
      }
    },
    'streamed: what is changed while a body is sent is not stored, and somebody is told',
    `streamed: what is changed while a body is sent is not stored, and somebody is told${LATER}`,
  ),
  fault(
    'a stream is not committed at all',
    notCommitted(({ body }) => typeof body === 'object'),
    STREAMED,
    `streamed: what is changed while a body is sent is not stored, and somebody is told`,
  ),
  fault(
    'a session can not be saved any more once its head has left',
    class extends Adapter {
      override async answer(opened: OpenedRequest, req: IncomingMessage): Promise<PageAnswer> {
        let over = false
        const session = new Proxy(opened.session, {
          get: (target, name, receiver) =>
            over && name === 'save' ? async () => false : Reflect.get(target, name, receiver),
        })
        const answer = await this.site.page(session, { method: req.method!, url: req.url! })
        over = true
        return answer
      }
    },
    'streamed: what is changed while a body is sent is stored by a save that is asked for',
    'late: what is changed once the answer is out is stored by a save that is asked for',
  ),
  fault(
    'nobody is told of a change that is not stored',
    class extends Adapter {
      override options(): SessionsOptions {
        const { onEvent, ...options } = this.site.options
        return { ...options, onEvent: (event) => event.type !== 'late-change' && onEvent(event) }
      }
    },
    'late: what is changed once the answer is out is not stored, and somebody is told',
    'streamed: what is changed while a body is sent is not stored, and somebody is told',
  ),
]
