/** A row as an array of its columns, each as the text that PostgreSQL sent. */
export type Row = readonly (string | null)[]

/** What the store needs of a driver. */
export interface Database {
  /** One statement, with texts as its parameters and texts in its rows. */
  query(text: string, parameters: readonly (string | null)[]): Promise<Row[]>
  /** Several statements without parameters, sent as one text, so that they are one transaction. */
  script(text: string): Promise<unknown>
  /** Where no statement of the store is with the server: what they wait for, if the driver shows it. */
  unsent?(): string | undefined
}

export interface DatabaseOptions {
  /** Whether statements are prepared once for each connection. */
  prepare: boolean
  /** Milliseconds after which a connection that gives no answer is of no more use. */
  deadline: number
}
