import { type Chart, lines } from '../compose.ts'

export const load: Chart = {
  name: 'growth-load',
  suite: 'scale',
  title: 'Loads and saves, as sessions grow in number',
  better: 'flat',
  panels: [lines('growth-load', { heading: 'Each call' })],
}

export const create: Chart = {
  name: 'growth-create',
  suite: 'scale',
  title: 'Creating sessions, as they grow in number',
  better: 'flat',
  panels: [lines('growth-create')],
}

export const sweep: Chart = {
  name: 'growth-sweep',
  suite: 'scale',
  title: 'What a sweep takes, as sessions grow in number',
  better: 'less',
  panels: [lines('growth-sweep')],
}

export const memory: Chart = {
  name: 'growth-memory',
  suite: 'scale',
  title: 'Memory of a process, as sessions grow in number',
  better: 'flat',
  panels: [lines('growth-memory')],
}
