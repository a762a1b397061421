import { type Chart, lines } from '../compose.ts'

export const contention: Chart = {
  name: 'contention',
  suite: 'contention',
  title: 'Processes at the same sessions',
  better: 'more',
  panels: [lines('contention-one'), lines('contention-many')],
}
