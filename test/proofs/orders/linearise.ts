import { applyChange, changesValues, type SessionRecord } from '../../../src/contract/record.ts'
import type { SaveResult } from '../../../src/contract/store.ts'
import { contentText } from './model-store.ts'
import { EXPIRY, type Operation } from './scripts.ts'

export interface Happened {
  operation: Operation
  /** Which operations (a bit each) were over when this one began. */
  after: number
  /** `undefined`: its process died before it was answered. */
  answer?: { value: unknown }
}

interface Session {
  /** Rises with each change of values, as versions do; a version stands for one of these. */
  revision: number
  record: SessionRecord
  now: number
  /** What each version that was shown stands for. */
  shown: ReadonlyMap<number, number>
}

/**
 * Whether some order of the operations explains every answer, each operation taking effect at one moment between its
 * beginning and its end. What was cut short may have taken effect or not, but not half. A version may rise by itself, and
 * never stands for two states. This is the contract's promises, except that the listings are not in it.
 *
 * A save that was told `gone` may have taken effect if the session was over before it was told. A creation that was refused
 * may have taken effect for a moment: it found another one under way, and was taken back.
 */
export function isLinearisable(all: readonly Happened[], first: SessionRecord): boolean {
  const failed = new Set<string>()
  const answered = all.reduce((bits, { answer }, index) => (answer ? bits | (1 << index) : bits), 0)

  /** `done`: what has had its moment; `begun`: saves that have taken effect and are to be told `gone`. */
  const succeeds = (done: number, begun: number, session: Session): boolean => {
    if ((done & answered) === answered) return true
    const key = `${done} ${begun} ${session.now} ${session.revision} ${contentText(session.record)} ${[...session.shown].join(';')}`
    if (failed.has(key)) return false
    for (const [index, one] of all.entries()) {
      const bit = 1 << index
      if (done & bit || (one.after & answered & ~done) !== 0) continue
      const late = one.answer && (isGone(one) || isTakenBack(one, index, all)) && !(begun & bit)
      if (late)
        for (const after of effects({ ...one, answer: undefined }, session)) {
          if (succeeds(done, begun | bit, after)) return true
        }
      if (begun & bit && isTakenBack(one, index, all) && succeeds(done | bit, begun & ~bit, overOf(session)))
        return true
      for (const after of effects(one, session)) if (succeeds(done | bit, begun & ~bit, after)) return true
    }
    failed.add(key)
    return false
  }
  return succeeds(0, 0, { revision: 0, record: first, now: 0, shown: new Map() })
}

function isGone({ operation, answer }: Happened): boolean {
  return operation.verb === 'save' && (answer?.value as SaveResult | undefined)?.outcome === 'gone'
}

function isTakenBack(one: Happened, index: number, all: readonly Happened[]): boolean {
  if (one.operation.verb !== 'create' || one.answer?.value !== false) return false
  return all.some(({ operation, after }, other) => {
    if (other === index || operation.verb !== 'create') return false
    return (one.after & (1 << other)) === 0 && (after & (1 << index)) === 0
  })
}

const overOf = (session: Session): Session => ({
  ...session,
  record: { ...session.record, expiresAt: 0 },
})

/** The states that an operation may leave behind, if its answer fits what it met. */
function effects(
  one: Omit<Happened, 'answer'> & { answer?: { value: unknown } | undefined },
  session: Session,
): Session[] {
  const { operation, answer } = one
  const isLive = session.record.expiresAt > session.now
  const over = overOf(session)
  switch (operation.verb) {
    case 'move':
      return [session]
    case 'expire':
      return [{ ...session, now: EXPIRY }]
    case 'create': {
      if (answer?.value === false) return isLive ? [session] : []
      const { record } = operation
      // A version says nothing about another record: what was shown of the former one is not asked of this.
      return isLive ? [] : [{ ...session, record, revision: session.revision + 1, shown: new Map() }]
    }
    case 'delete':
      if (!answer || (operation.unseen && answer.value === false)) return [over]
      return answer.value === isLive ? [over] : []
    case 'load':
      if (!answer) return []
      if (!isLive || !answer.value) return !isLive && !answer.value ? [session] : []
      return showing(session, answer.value as SessionRecord)
    case 'save': {
      const result = answer?.value as SaveResult | undefined
      if (!isLive) return result?.outcome === 'gone' ? [session] : []
      const { ifVersion, change } = operation
      const fits = ifVersion === undefined || session.shown.get(ifVersion) === session.revision
      if (result?.outcome === 'gone') return []
      if (result?.outcome === 'conflict') {
        return ifVersion !== undefined && result.record.version > ifVersion
          ? showing(session, result.record)
          : []
      }
      if (!fits) return []
      const record = applyChange(session.record, change)
      const revision = session.revision + (changesValues(change) ? 1 : 0)
      const after = { ...session, record, revision }
      return result ? showing(after, result.record) : [after]
    }
  }
}

/** The state, if a record shows it, with what its version stands for. */
function showing(session: Session, record: SessionRecord): Session[] {
  const { revision, shown } = session
  if (contentText(record) !== contentText(session.record)) return []
  if ((shown.get(record.version) ?? revision) !== revision) return []
  return [{ ...session, shown: new Map(shown).set(record.version, revision) }]
}
