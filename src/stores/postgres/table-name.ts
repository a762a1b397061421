import { InvalidOptionError } from '../../errors.ts'
import { asText } from '../../options/checks.ts'

/** A table, checked. */
export interface TableName {
  /** As it is given. */
  given: string
  /** With its schema if one was given, quoted for SQL. */
  quoted: string
  /** Of something that belongs to the table and is in its schema, quoted: an index, a partition. */
  related(suffix: string): { bare: string; quoted: string }
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_$]*$/u

/** PostgreSQL cuts names to 63 bytes, and would take two long ones for the same. */
const LONGEST_SCHEMA = 63
const LONGEST_TABLE = 48

export const DEFAULT_TABLE = 'untorn_sessions'

/** Throws `InvalidOptionError` for what is neither `table` nor `schema.table`. */
export function tableName(option: unknown = DEFAULT_TABLE): TableName {
  const given = asText('table', option)
  const parts = given.split('.')
  const bare = parts.at(-1) ?? ''
  const schema = parts.length === 2 ? parts[0]! : undefined
  if (parts.length > 2 || ![bare, schema ?? 'public'].every((part) => IDENTIFIER.test(part))) {
    throw new InvalidOptionError(
      'table',
      'it is `table` or `schema.table`, each of letters, digits, _ and $ and not beginning with a digit',
    )
  }
  if (Buffer.byteLength(bare) > LONGEST_TABLE || Buffer.byteLength(schema ?? '') > LONGEST_SCHEMA) {
    throw new InvalidOptionError(
      'table',
      `a table's name has at most ${LONGEST_TABLE} bytes, as those of its indexes are made from it, and a schema's ` +
        `${LONGEST_SCHEMA}`,
    )
  }
  const inSchema = (name: string): string =>
    schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
  return {
    given,
    quoted: inSchema(bare),
    related: (suffix) => ({ bare: quote(`${bare}_${suffix}`), quoted: inSchema(`${bare}_${suffix}`) }),
  }
}

function quote(identifier: string): string {
  return `"${identifier}"`
}
