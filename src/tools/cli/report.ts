import type { MoveProgress } from '../../stores/over/moving/move-sessions.ts'
import type { CopyProgress } from '../copy/copy.ts'
import type { Difference, Verified } from '../copy/verify.ts'
import { shown } from './progress.ts'

/** What a copy did, as parts of a line: those that are not 0. */
export function copyDetails({ copied, updated, same, kept, expired }: CopyProgress): string {
  const parts = [
    [copied, 'new'],
    [updated, 'brought up to date'],
    [same, 'there already'],
    [kept, 'kept, as newer there'],
    [expired, 'expired'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${shown(count)} ${what}`)
    .join(', ')
}

export function moveDetails({ moved, ended }: MoveProgress): string {
  return `${shown(moved)} moved${ended > 0 ? `, ${shown(ended)} ended meanwhile` : ''}`
}

/** Lines about a comparison. */
export function verifiedLines(found: Verified): string[] {
  const { from, to, compared, same, newer, ended, fewer, different } = found
  const lines = [`Sessions in the source: ${shown(from)}, in the target: ${shown(to)}.`]
  if (compared > 0) {
    const rest = [
      newer > 0 ? `${shown(newer)} newer in the target` : '',
      ended > 0 ? `${shown(ended)} ended or changing meanwhile` : '',
      different > 0 ? `${shown(different)} DIFFERENT` : '',
    ].filter((part) => part !== '')
    lines.push(`Compared: ${shown(compared)}. ${[`${shown(same)} the same`, ...rest].join(', ')}.`)
  }
  lines.push(...found.differences.map(differenceLine))
  if (different > found.differences.length)
    lines.push(`  and ${shown(different - found.differences.length)} more`)
  if (fewer > 0) lines.push(`The target has ${shown(fewer)} sessions fewer than the source.`)
  if (!found.ok) {
    lines.push(
      'The target does not have all that the source has. If an application was writing to the source meanwhile, ' +
        'stop it; the same command brings the target up to date.',
    )
  }
  return lines
}

function differenceLine({ key, kind, parts }: Difference): string {
  if (kind === 'missing') return `  ${key}...: missing in the target`
  const what = parts.join(', ')
  return `  ${key}...: ${kind === 'behind' ? 'older in the target' : 'different in the target'} (${what})`
}

/** What a failure left behind, and how to go on. */
export function resumeLine(did: string): string {
  return `${did || 'Nothing was done yet'}. The same command goes on from here.`
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
