import type { CopyProgress, Difference, MoveProgress, Verified } from '../../copy.ts'
import type { Swept } from '../../index.ts'
import { shown } from './progress.ts'

/** What a copy did, as parts of a line: those that are not 0. */
export function copyDetails(done: CopyProgress): string {
  const { copied, updated, same, kept, expired, refused, unreadable } = done
  const parts = [
    [copied, 'new'],
    [updated, 'brought up to date'],
    [same, 'there already'],
    [kept, 'kept, as newer there'],
    [expired, 'expired'],
    [unreadable, 'not to be read'],
    [refused, 'refused'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${shown(count)} ${what}`)
    .join(', ')
}

export function moveDetails({ moved, ended }: MoveProgress): string {
  return `${shown(moved)} moved${ended > 0 ? `, ${shown(ended)} ended meanwhile` : ''}`
}

export function sweptDetails({ scanned, removed }: Swept): string {
  return `${shown(removed)} removed${scanned > removed ? `, ${shown(scanned)} looked at` : ''}`
}

/** Lines about what the target refused. */
export function refusedLines({ refused, refusals }: CopyProgress, target: string): string[] {
  const why = `${target} can't take them as they are`
  return leftOut(
    refused,
    why,
    refusals.map((refusal) => `${refusal.key}...: ${refusal.why}`),
  )
}

/** Lines about a comparison; `isStore`: of a source that has versions, so that it is known what is newer. */
export function verifiedLines(found: Verified, isStore = true): string[] {
  const { from, to, same, newer, ended, different, others, differences } = found
  const rest = [
    newer > 0 ? `, ${shown(newer)} newer in the target` : '',
    ended > 0 ? `, ${shown(ended)} ended or changing meanwhile` : '',
    different > 0 ? `, ${shown(different)} DIFFERENT` : '',
    others > 0 ? `, and of what is no session (notes) ${shown(others)} DIFFERENT` : '',
  ].join('')
  const lines = [`Compared: ${shown(from)}. ${shown(same)} the same${rest}.`]
  if (to !== undefined) lines.push(`The target has about ${shown(to)} sessions.`)
  lines.push(...differences.map(differenceLine))
  const more = different + others - differences.length
  if (more > 0) lines.push(`  and ${shown(more)} more`)
  if (!found.ok) {
    lines.push(
      'The target does not have all that the source has. If an application was writing to the source meanwhile, ' +
        (isStore
          ? 'stop it; the same command brings the target up to date.'
          : 'stop it; the same command takes what is missing. What was changed after it was copied stays as it was then.'),
    )
  }
  return lines
}

function differenceLine({ key, kind, parts }: Difference): string {
  if (kind === 'missing') return `  ${key}...: missing in the target`
  const what = parts.join(', ')
  return `  ${key}...: ${kind === 'behind' ? 'older in the target' : 'different in the target'} (${what})`
}

/** Lines about what lies in the source and could not be read. */
export function unreadableLines(
  { unreadable, notRead }: CopyProgress | MoveProgress,
  source: string,
): string[] {
  return leftOut(unreadable, `${source} can't read them`, notRead)
}

function leftOut(count: number, why: string, listed: readonly string[]): string[] {
  if (count === 0) return []
  const lines = [`${shown(count)} LEFT OUT, as ${why}:`, ...listed.map((line) => `  ${line}`)]
  if (count > listed.length) lines.push(`  and ${shown(count - listed.length)} more`)
  return lines
}

/** What a failure left behind, and how to go on. */
export function resumeLine(did: string): string {
  return `${did || 'Nothing was done yet'}. The same command goes on from here.`
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
