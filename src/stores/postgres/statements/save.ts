import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { SessionChange } from '../../../contract/record.ts'
import { held, textArray } from '../texts.ts'
import { timeText } from '../times.ts'
import { holdValues } from '../values.ts'
import { answer, IN_TIME, KEY, LIVE, VOID_FROM } from './parts.ts'

/** What a save is made of: its text depends on that alone. */
const SET = 1
const DELETE = 2
const EXPIRY = 4
const OWNER = 8
const CONDITION = 16
const NO_SESSION = 32

/** A sum of the parts. */
export type SaveForm = number

/** The form of a save, and its parameters from the third on, in the order in which {@link saveTexts} takes them. */
export function saveParts(
  key: SessionKey,
  change: SessionChange,
  ifVersion: number | undefined,
): { form: SaveForm; parameters: (string | null)[] } {
  const { set, delete: gone = [], expiresAt, owner } = change
  const parameters: (string | null)[] = []
  const isShown = !isNoSession(key)
  let form = isShown ? 0 : NO_SESSION
  if (gone.length > 0) {
    form += DELETE
    parameters.push(textArray(gone.map(held)))
  }
  if (set !== undefined && set.size > 0) {
    form += SET
    const { values, texts } = holdValues(set, isShown)
    if (isShown) parameters.push(values)
    parameters.push(texts)
  }
  if (expiresAt !== undefined) {
    form += EXPIRY
    parameters.push(timeText(expiresAt, 'change.expiresAt'))
  }
  if (owner !== undefined) {
    form += OWNER
    parameters.push(owner === null ? null : held(owner))
  }
  if (ifVersion !== undefined) {
    form += CONDITION
    parameters.push(`${ifVersion}`)
  }
  return { form, parameters }
}

/** The statements of a save; both take the same parameters. */
export interface SaveTexts {
  /** For a session that lives on past the moment from which the save is void. It changes no other. */
  atOnce: string
  /** For any session. It costs a lock of its own. */
  held: string
}

/**
 * The first parameter is the key and the second the moment from which the save is void.
 *
 * PostgreSQL looks at the condition of an update before it waits for the row's lock, and again only if whoever held the
 * row has changed it. A session that expires while its save waits would be told gone, and be back. So `atOnce` asks
 * that the session outlives the save's own deadline, which is looked at again when the change is made; and `held` takes
 * the lock first and looks then. Where `atOnce` has changed nothing, `held` says why.
 */
export function saveTexts(table: string, form: SaveForm): SaveTexts {
  const { sets, version } = assigned(form)
  const update = (condition: string): string =>
    `update ${table} set ${sets} where key = ${KEY} and ${condition} returning ${answer('saved', IN_TIME)}`
  const atOnce = update(`expires_at > ${VOID_FROM}${version}`)
  const alive = 'expires_at > clock_timestamp()'
  const held =
    `held as materialized (select version, created_at, expires_at, texts, owner from ${table} ` +
    `where key = ${KEY} for no key update)`
  const heldUpdate = update(`exists (select from held where ${alive}${version})`)
  if (version === '') return { atOnce, held: `with ${held} ${heldUpdate}` }
  const orConflict = `select answer from saved union all select ${answer('conflict')} from`
  const unsaved = 'not exists (select from saved)'
  return {
    atOnce: `with saved (answer) as (${atOnce}) ${orConflict} ${table} where key = ${KEY} and ${LIVE} and ${unsaved}`,
    held: `with ${held}, saved (answer) as (${heldUpdate}) ${orConflict} held where ${alive} and ${unsaved}`,
  }
}

/** What a save of this form sets, and what it asks of the version. */
function assigned(form: SaveForm): { sets: string; version: string } {
  let parameters = 2
  const next = (): string => `$${++parameters}::text`
  const sets: string[] = []
  if (form & (SET | DELETE)) {
    sets.push('version = version + 1')
    const names = form & DELETE ? `${next()}::text[]` : undefined
    if (form & NO_SESSION) sets.push(`"values" = '{}'`)
    for (const column of form & NO_SESSION ? ['texts'] : ['"values"', 'texts']) {
      const kept = names ? `(${column} - ${names})` : column
      sets.push(`${column} = ${kept}${form & SET ? ` || ${next()}::jsonb` : ''}`)
    }
  }
  if (form & EXPIRY) sets.push(`expires_at = ${next()}::timestamptz`)
  if (form & OWNER) sets.push(`owner = ${next()}`)
  return { sets: sets.join(', '), version: form & CONDITION ? ` and version = ${next()}::bigint` : '' }
}
