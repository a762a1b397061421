import type { Answer, Call, Operation, SeenChange, SeenRecord, SessionHistory } from './operation.ts'
import type { Violation } from './rules.ts'

/** Operations shown before and after each of those that a violation names. */
const AROUND = 6

/** A violation and the session's history around it, for somebody to read. The operations that it names have a mark. */
export function reportOf(violation: Violation, history: SessionHistory | undefined): string {
  const { promise, session, text, operations } = violation
  const named = new Set(operations.map(({ id }) => id))
  // A pass through all sessions stands in no session's own history.
  const others = (history?.operations ?? []).filter(({ id }) => !named.has(id))
  const all = [...others, ...operations].sort((a, b) => a.begun - b.begun)
  const near = new Set<number>()
  for (const [index, { id }] of all.entries()) {
    if (!named.has(id)) continue
    for (let n = Math.max(0, index - AROUND); n <= Math.min(all.length - 1, index + AROUND); n++) near.add(n)
  }
  const lines: string[] = [`Broken: ${promise}. ${session === '' ? '' : `Session ${session}: `}${text}`]
  let last = -1
  for (const n of [...near].sort((a, b) => a - b)) {
    if (n !== last + 1) lines.push(`    ... ${n - last - 1} more`)
    lines.push(`  ${named.has(all[n]!.id) ? '>' : ' '} ${sentence(all[n]!)}`)
    last = n
  }
  if (last !== -1 && last < all.length - 1) lines.push(`    ... ${all.length - 1 - last} more`)
  return lines.join('\n')
}

/** `12.3456 s  w3.17 loads  - 12.3460 s: version 4 {...}` */
export function sentence({ id, begun, ended, call, answer }: Operation): string {
  const heard = answer
    ? `${seconds(ended)}: ${answerText(answer)}`
    : `its process was killed by ${seconds(ended)}`
  return `${seconds(begun)}  ${id} ${callText(call)}  - ${heard}`
}

function seconds(moment: number): string {
  return `${(moment / 1000).toFixed(6)} s`
}

function callText(call: Call): string {
  switch (call.verb) {
    case 'create':
      return `creates it with ${valuesText(call.record.values)}, to expire at ${call.record.expiresAt}`
    case 'save': {
      const only = call.ifVersion === undefined ? '' : `, only if the version is ${call.ifVersion}`
      return `saves ${changeText(call.change)}${only}`
    }
    case 'load':
      return 'loads it'
    case 'exists':
      return 'asks whether it exists'
    case 'delete':
      return 'deletes it'
    case 'list':
      return 'passes through all sessions'
    case 'sweep':
      return 'sweeps'
  }
}

function changeText({ set = {}, delete: deleted = [], expiresAt, owner }: SeenChange): string {
  const parts = []
  if (Object.keys(set).length > 0) parts.push(valuesText(set))
  if (deleted.length > 0) parts.push(`without ${deleted.join(', ')}`)
  if (expiresAt !== undefined) parts.push(`to expire at ${expiresAt}`)
  if (owner !== undefined) parts.push(owner === null ? 'no owner' : `owner ${owner}`)
  return parts.join(', ') || 'nothing'
}

function answerText(answer: Answer): string {
  if (answer.is === 'failed') {
    const { code, cause, message } = answer.error
    return `failed, ${code}${cause ? ` (${cause})` : ''}: ${message}`
  }
  return 'record' in answer ? `${answer.is}, ${recordText(answer.record)}` : answer.is
}

function recordText({ version, values, expiresAt, owner }: SeenRecord): string {
  const of = owner === undefined ? '' : `, owner ${owner}`
  return `version ${version} ${valuesText(values)}, expires at ${expiresAt}${of}`
}

function valuesText(values: Readonly<Record<string, string>>): string {
  return `{${Object.entries(values)
    .map(([key, tag]) => `${key} = ${tag}`)
    .join(', ')}}`
}
