import { attempt, type MaybePromise, run, type Steps, settled } from '../../contract/wait.ts'
import { committedTo, isResponse, unsavedAnswer, withHead } from '../fetch/answer.ts'
import { begin, end, type Shown, shownOn } from './shown.ts'

type Answer = (request: object, ...rest: unknown[]) => MaybePromise<unknown>

/**
 * Stands around all of Elysia: what it gives is the answer, whoever has made it, and no header of it is lost any more. Elysia keeps
 * one of several functions of the same text, so that it must hold nothing of its own.
 */
export function aroundAll(answer: Answer): Answer {
  return (request, ...rest) => run(answered(request, () => answer(request, ...rest)))
}

function* answered(request: object, answer: () => MaybePromise<unknown>): Steps<unknown> {
  const outermost = begin(request)
  try {
    return yield* outermost ? committed(request, answer) : settled(answer())
  } finally {
    end(request)
  }
}

function* committed(request: object, answer: () => MaybePromise<unknown>): Steps<unknown> {
  let response: unknown
  try {
    response = yield* settled(answer())
  } catch (error) {
    for (const { session } of shownOn(request)!) yield* settled(session.commitUnanswered())
    throw error
  }
  for (const shown of shownOn(request)!) {
    // The upgrade to a WebSocket, on Bun.
    if (!isResponse(response)) yield* settled(shown.session.commitUnanswered())
    else response = yield* settled(withSession(response, shown))
  }
  return response
}

function withSession(response: Response, { session, failed }: Shown): MaybePromise<Response> {
  if (failed) return withHead(response, session)
  return attempt(
    () => committedTo(session, response),
    (error) => unsavedAnswer(session, error),
  )
}
