import { afterAll, beforeAll, describe, test } from 'vitest'
import { describeWith } from '../../support/servers/needed.ts'
import { whole } from '../../support/whole.ts'
import { groups } from './groups.ts'
import type { Site } from './site.ts'
import { columns as allColumns, type Column, servers } from './stores.ts'
import { Table } from './table.ts'

/** Files with two processes, and a store that answers later, as one on a server does. */
const SHORT = ['2 proc.', 'async']

const columns = allColumns.filter(({ head }) => whole || SHORT.includes(head))
const table = new Table(columns.map(({ head }) => head))

afterAll(() => console.log(table.text(groups)))

for (const column of columns) if (!column.needs) describe(column.store, () => allRaces(column, ''))

for (const [name, start] of Object.entries(servers)) {
  if (!columns.some(({ needs }) => needs === name)) continue
  await describeWith(name, start, ({ url }) => {
    for (const column of columns) {
      if (column.needs === name) describe(column.store, () => allRaces(column, url))
    }
  })
}

function allRaces({ serve, head }: Column, url: string): void {
  let site: Site
  beforeAll(async () => {
    site = await serve(url)
  })
  afterAll(() => site?.close())

  for (const { group, races } of groups) {
    describe(group, () => {
      for (const { title, run } of races) {
        test(title, async () => {
          await run(site)
          table.passed(`${group} ${title}`, head)
        })
      }
    })
  }
}
