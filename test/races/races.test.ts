import { afterAll, beforeAll, describe, test } from 'vitest'
import { groups } from './groups.ts'
import type { Site } from './site.ts'
import { columns } from './stores.ts'
import { Table } from './table.ts'

const table = new Table(columns.map(({ head }) => head))

afterAll(() => console.log(table.text(groups)))

for (const { store, head, serve } of columns) {
  describe(store, () => {
    let site: Site
    beforeAll(async () => {
      site = await serve()
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
  })
}
