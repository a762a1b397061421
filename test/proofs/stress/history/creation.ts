import type { Facts } from './facts.ts'
import { isCreate, recordIn } from './operation.ts'
import type { Violation } from './rules.ts'

/** A session is created by `create`, once, and by nothing else. */
export function checkCreation(facts: Facts): Violation[] {
  return [...madeTwice(facts), ...takenUnused(facts), ...fromNowhere(facts)]
}

function madeTwice({ session, creators }: Facts): Violation[] {
  const made = creators.filter(({ answer }) => answer?.is === 'created')
  if (made.length < 2) return []
  return [
    {
      promise: 'exactly once',
      session,
      text: 'It was created more than once.',
      operations: made.slice(0, 2),
    },
  ]
}

/** A key is taken only where somebody else tried to take it. */
function takenUnused({ session, operations }: Facts): Violation[] {
  const creates = operations.filter(isCreate)
  return creates
    .filter(({ answer }) => answer?.is === 'taken')
    .filter((taken) => !creates.some((other) => other !== taken && other.begun < taken.ended))
    .map((taken) => ({
      promise: 'exactly once',
      session,
      text: 'A key that nobody had used was said to be taken.',
      operations: [taken],
    }))
}

function fromNowhere({ session, creators, presences }: Facts): Violation[] {
  const first = Math.min(...creators.map(({ begun }) => begun))
  const early = presences.find(({ ended }) => ended < first)
  if (!early) return []
  const text =
    recordIn(early.answer) && early.call.verb === 'save'
      ? 'A save went through on a session that nobody had created.'
      : 'It was there before anybody created it.'
  return [{ promise: 'never created by a save', session, text, operations: [early, ...creators.slice(0, 1)] }]
}
