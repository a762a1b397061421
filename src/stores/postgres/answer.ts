import type { SessionRecord } from '../../contract/record.ts'
import { restored } from './texts.ts'
import { milliseconds } from './times.ts'
import { restoreValues } from './values.ts'

/** What a statement said of a session that is there. */
export interface Answer {
  outcome: 'found' | 'saved' | 'conflict'
  /** The server's clock, in milliseconds. */
  clock: number
  record: SessionRecord
}

/**
 * What the text says that `answer` in SQL writes: a line with the outcome, the version, both times and the clock; a line
 * with the texts; and after an equals sign the owner, if there is one.
 *
 * Throws `StoreConfigError` (`UNTORN_STORE_CONFIG`) for a row that somebody has changed into another form.
 */
export function answerIn(text: string): Answer {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  const [outcome, version, createdAt, expiresAt, clock] = text.slice(0, first).split(' ') as [
    Answer['outcome'],
    ...[string, string, string, string],
  ]
  const record: SessionRecord = {
    version: Number(version),
    values: restoreValues(text.slice(first + 1, second)),
    createdAt: milliseconds(createdAt),
    expiresAt: milliseconds(expiresAt),
  }
  if (text.length > second + 1) record.owner = restored(text.slice(second + 2))
  return { outcome, clock: milliseconds(clock), record }
}
