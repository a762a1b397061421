/** What stands in the first column. */
interface Rows {
  readonly group: string
  readonly races: readonly { title: string }[]
}

/** What became of each race in each column: kept in the order of the matrix, whatever the order of the runs. */
export class Table {
  readonly #heads: readonly string[]
  readonly #passed = new Map<string, Set<string>>()

  constructor(heads: readonly string[]) {
    this.#heads = heads
  }

  passed(title: string, head: string): void {
    const heads = this.#passed.get(title) ?? new Set()
    this.#passed.set(title, heads.add(head))
  }

  /** Stores across, races down. A race that did not run, or failed, is a dash. */
  text(groups: readonly Rows[]): string {
    const width = Math.max(...groups.flatMap(({ races }) => races.map(({ title }) => title.length)))
    const line = (first: string, cells: readonly string[]) =>
      `${first.padEnd(width + 4)}${cells.map((cell, index) => cell.padEnd(this.#heads[index]!.length + 2)).join('')}`
    const lines = groups.flatMap(({ group, races }) => [
      group,
      ...races.map(({ title }) => {
        const heads = this.#passed.get(`${group} ${title}`)
        return line(
          `  ${title}`,
          this.#heads.map((head) => (heads?.has(head) ? '✓' : '-')),
        )
      }),
    ])
    return [line('', this.#heads), ...lines].map((text) => text.trimEnd()).join('\n')
  }
}
