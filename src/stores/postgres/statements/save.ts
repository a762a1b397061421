import type { SessionChange } from '../../../record/record.ts'
import { held, textArray } from '../texts.ts'
import { timeText } from '../times.ts'
import { holdValues } from '../values.ts'
import { answer, IN_TIME, KEY, LIVE } from './parts.ts'

/** What a save is made of: its text depends on that alone. */
const SET = 1
const DELETE = 2
const EXPIRY = 4
const OWNER = 8
const CONDITION = 16

/** A sum of the parts. */
export type SaveForm = number

/** The form of a save, and its parameters from the third on, in the order in which {@link saveText} takes them. */
export function saveParts(
  change: SessionChange,
  ifVersion: number | undefined,
): { form: SaveForm; parameters: (string | null)[] } {
  const { set, delete: gone = [], expiresAt, owner } = change
  const parameters: (string | null)[] = []
  let form = 0
  if (gone.length > 0) {
    form += DELETE
    parameters.push(textArray(gone.map(held)))
  }
  if (set !== undefined && set.size > 0) {
    form += SET
    const { values, texts } = holdValues(set)
    parameters.push(values, texts)
  }
  if (expiresAt !== undefined) {
    form += EXPIRY
    parameters.push(timeText(expiresAt))
  }
  if (owner !== undefined) {
    form += OWNER
    parameters.push(owner === null ? null : held(owner))
  }
  if (ifVersion !== undefined) {
    form += CONDITION
    // No record has the version -1, nor one that is no whole number.
    parameters.push(Number.isSafeInteger(ifVersion) ? `${ifVersion}` : '-1')
  }
  return { form, parameters }
}

/** The first parameter is the key and the second the moment from which the save is void. */
export function saveText(table: string, form: SaveForm): string {
  let parameters = 2
  const next = (): string => `$${++parameters}::text`
  const sets: string[] = []
  if (form & (SET | DELETE)) {
    sets.push('version = version + 1')
    const names = form & DELETE ? `${next()}::text[]` : undefined
    for (const column of ['"values"', 'texts']) {
      const kept = names ? `(${column} - ${names})` : column
      sets.push(`${column} = ${kept}${form & SET ? ` || ${next()}::jsonb` : ''}`)
    }
  }
  if (form & EXPIRY) sets.push(`expires_at = ${next()}::timestamptz`)
  if (form & OWNER) sets.push(`owner = ${next()}`)
  const condition = form & CONDITION ? ` and version = ${next()}::bigint` : ''

  // By the clock as it is when the row is reached: one that had to be waited for may have expired meanwhile.
  const update =
    `update ${table} set ${sets.join(', ')} where key = ${KEY} and expires_at > clock_timestamp()${condition} ` +
    `returning ${answer('saved', IN_TIME)}`
  if (!condition) return update
  return (
    `with saved (answer) as (${update}) select answer from saved union all ` +
    `select ${answer('conflict')} from ${table} where key = ${KEY} and ${LIVE} and not exists (select from saved)`
  )
}
