import type { SessionChange } from '../../../record/record.ts'
import { held, textArray } from '../texts.ts'
import { timeText } from '../times.ts'
import { type HeldValues, holdValues } from '../values.ts'
import { CLOCK, COLUMNS, IN_TIME, KEY, LIVE } from './parts.ts'

/** What a save is made of: its text depends on that alone. */
const SET = 1
const DELETE = 2
const EXACT = 4
const EXPIRY = 8
const OWNER = 16
const CONDITION = 32

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
  if ((set?.size ?? 0) > 0 || gone.length > 0) {
    parameters.push(textArray([...(set?.keys() ?? []), ...gone].map(held)))
    if (gone.length > 0) form += DELETE
    if (set !== undefined && set.size > 0) {
      const { values, exact }: HeldValues = holdValues(set)
      form += SET
      parameters.push(values)
      if (exact !== undefined) {
        form += EXACT
        parameters.push(exact)
      }
    }
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
    const names = `${next()}::text[]`
    const kept = form & DELETE ? `("values" - ${names})` : '"values"'
    sets.push('version = version + 1', `"values" = ${kept}${form & SET ? ` || ${next()}::jsonb` : ''}`)
    // Null minus anything is null, at no cost: most records have no exact texts.
    if (form & EXACT) sets.push(`exact = (coalesce(exact, '{}') - ${names}) || ${next()}::jsonb`)
    else sets.push(`exact = exact - ${names}`)
  }
  if (form & EXPIRY) sets.push(`expires_at = ${next()}::timestamptz`)
  if (form & OWNER) sets.push(`owner = ${next()}`)

  // By the clock as it is when the row is reached: one that had to be waited for may have expired meanwhile.
  const update = `update ${table} set ${sets.join(', ')} where key = ${KEY} and expires_at > clock_timestamp()`
  const saved = `returning 'saved', ${COLUMNS}, ${IN_TIME}`
  if (!(form & CONDITION)) return `${update} ${saved}`
  return (
    'with saved (outcome, version, "values", exact, created_at, expires_at, owner, clock) as ' +
    `(${update} and version = ${next()}::bigint ${saved}) select * from saved union all ` +
    `select 'conflict', ${COLUMNS}, ${CLOCK} from ${table} where key = ${KEY} and ${LIVE} and not exists (select from saved)`
  )
}
