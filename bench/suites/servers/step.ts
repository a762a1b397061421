/** Something that is done again and again, each time after what has to be there for it. */
export interface Step {
  name: string
  before(): Promise<unknown>
  /** What is counted. */
  once(): Promise<unknown>
}
