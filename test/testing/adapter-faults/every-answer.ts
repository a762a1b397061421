import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OpenedRequest } from '../../../src/fetch.ts'
import type { PageAnswer } from '../../../src/testing.ts'
import { Adapter, type AdapterFault, type Asked, fault } from './adapter.ts'
import { notCommitted, withoutCaching } from './answers.ts'

type IsMeant = (answer: PageAnswer, method: string) => boolean

/** What answers an adapter may treat in a way of their own, as the suite names them. */
const SHAPES: Readonly<Record<string, IsMeant>> = {
  ...Object.fromEntries(
    ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'].map((name) => [
      `a ${name}'s`,
      (_answer: PageAnswer, method: string) => method === name,
    ]),
  ),
  'a 204': ({ status }) => status === 204,
  'a redirect': ({ status }) => status === 303,
  'a 304': ({ status }) => status === 304,
  'a 404': ({ status }) => status === 404,
  'a 422': ({ status }) => status === 422,
  'a 503': ({ status }) => status === 503,
  'a stream': ({ body }) => typeof body === 'object',
}

/** Adapters that send such answers whether they can be committed or not. */
const passingFailuresOver = (isMeant: IsMeant) =>
  class extends Adapter {
    override commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
      return super.commit(opened, answer, asked).catch((error) => {
        if (isMeant(answer, asked.method)) return new Headers(answer.headers)
        throw error
      })
    }
  }

/** Adapters that send the heads of such answers first where no cookie is due, and commit afterwards. */
const hasty = (isMeant: IsMeant) =>
  class extends Adapter {
    override async commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
      const { isNew } = opened.session
      const committing = super.commit(opened, answer, asked)
      if (isNew || !isMeant(answer, asked.method)) return committing
      committing.catch(() => {})
      return new Headers(answer.headers)
    }
  }

/** Adapters that make such an answer anew, and forget the head that the page gave it. */
const forgetful = (isMeant: IsMeant) =>
  class extends Adapter {
    override commit(opened: OpenedRequest, answer: PageAnswer, asked: Asked): Promise<Headers> {
      const isForgotten = isMeant(answer, asked.method)
      return super.commit(opened, isForgotten ? { ...answer, headers: [] } : answer, asked)
    }
  }

/** Adapters whose heads are cookies alone, where the answer is such a one. */
const bare = (isMeant: IsMeant) =>
  class extends Adapter {
    override send(
      req: IncomingMessage,
      res: ServerResponse,
      answer: PageAnswer,
      head: Headers,
    ): Promise<void> {
      return super.send(req, res, answer, isMeant(answer, req.method!) ? withoutCaching(head, answer) : head)
    }
  }

const FAULTS: readonly [fault: string, wrong: (isMeant: IsMeant) => typeof Adapter, caughtBy: string][] = [
  [
    'is not committed',
    (isMeant) => notCommitted((answer, { method }) => isMeant(answer, method)),
    'has its cookie, behind what is stored',
  ],
  ['loses what its page has put in its head', forgetful, 'has its cookie, behind what is stored'],
  ['is sent although its commit fails', passingFailuresOver, 'is an error where its save fails'],
  ['leaves before it is committed', hasty, 'waits for its save'],
  ['is open to every cache', bare, 'says in Vary on what it depends, and is private with a cookie'],
]

export const ofEveryAnswer: AdapterFault[] = FAULTS.flatMap(([named, wrong, caughtBy]) =>
  Object.entries(SHAPES).map(([shape, isMeant]) =>
    fault(`${shape} ${named}`, wrong(isMeant), `every answer: ${shape} ${caughtBy}`),
  ),
)
