import type { CopyProgress, Difference, MoveProgress, Verified } from '../../copy.ts'
import { shown } from './progress.ts'

/** What a copy did, as parts of a line: those that are not 0. */
export function copyDetails({ copied, updated, same, kept, expired, refused }: CopyProgress): string {
  const parts = [
    [copied, 'new'],
    [updated, 'brought up to date'],
    [same, 'there already'],
    [kept, 'kept, as newer there'],
    [expired, 'expired'],
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

/** Lines about what was left out. */
export function refusedLines({ refused, refusals }: CopyProgress, target: string): string[] {
  if (refused === 0) return []
  const lines = [`${shown(refused)} LEFT OUT, as ${target} can't take them as they are:`]
  lines.push(...refusals.map(({ key, why }) => `  ${key}...: ${why}`))
  if (refused > refusals.length) lines.push(`  and ${shown(refused - refusals.length)} more`)
  return lines
}

/** Lines about a comparison. */
export function verifiedLines(found: Verified): string[] {
  const { from, to, same, newer, ended, different, differences } = found
  const rest = [
    newer > 0 ? `, ${shown(newer)} newer in the target` : '',
    ended > 0 ? `, ${shown(ended)} ended or changing meanwhile` : '',
    different > 0 ? `, ${shown(different)} DIFFERENT` : '',
  ].join('')
  const lines = [`Compared: ${shown(from)}. ${shown(same)} the same${rest}.`]
  if (to !== undefined) lines.push(`The target has about ${shown(to)} sessions.`)
  lines.push(...differences.map(differenceLine))
  if (different > differences.length) lines.push(`  and ${shown(different - differences.length)} more`)
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
