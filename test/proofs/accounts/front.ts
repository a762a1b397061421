import http from 'node:http'
import { text } from 'node:stream/consumers'
import { type MaybePromise, run, type Steps, settled } from '../../../src/contract/wait.ts'
import type { Session, Sessions } from '../../../src/index.ts'
import type { Told } from './application.ts'
import { cookieOf, idIn } from './cookie.ts'
import { type Answer, codeOf, type Front, type Request } from './request.ts'
import { VERBS, type Verb } from './verbs.ts'

/** By hand, as an adapter answers: with the cookie that is due also where it fails. */
export function byHand(sessions: Sessions): Front {
  return (request) => run(answerBy(sessions, request))
}

function* answerBy(sessions: Sessions, { verb, shown, mark }: Request): Steps<Answer> {
  const session: Session = yield* settled(sessions.open(cookieOf(shown?.id)))
  try {
    const value = yield* settled(verb.act?.(session, sessions, mark) as MaybePromise<unknown>)
    return { told: 'done', value, given: idIn(yield* settled(session.commit())) }
  } catch (error) {
    return { told: codeOf(error), given: idIn(session.dueCookies().at(-1)) }
  }
}

const pathOf = (verb: Verb): string => Object.entries(VERBS).find(([, { name }]) => name === verb.name)![0]

/** By a server: see `application.ts`. */
export function overHttp(port: number): Front {
  return async ({ verb, shown, mark }) => {
    const cookie = cookieOf(shown?.id)
    const headers = { 'x-forwarded-proto': 'https', ...(cookie && { cookie }) }
    const path = `/${pathOf(verb)}?mark=${encodeURIComponent(mark)}`
    const sent = http.request({ port, path, headers, host: '127.0.0.1', method: 'POST' }).end()
    const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
      sent.on('response', resolve).on('error', reject),
    )
    const told = await text(response)
    if (response.statusCode !== 200) throw new Error(`The answer is ${response.statusCode}: ${told}`)
    return { ...(JSON.parse(told) as Told), given: idIn(response.headers['set-cookie']?.at(-1)) }
  }
}
