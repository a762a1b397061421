import { type Chart, lines } from '../compose.ts'

export const soak: Chart = {
  name: 'soak',
  suite: 'soak',
  title: 'Memory and files during mixed load',
  better: 'flat',
  panels: [
    lines('soak-memory'),
    lines('soak-files', { heading: 'Open descriptors', only: /^descriptors/ }),
    lines('soak-files', { heading: 'Session files on the disk', only: /^session files/ }),
  ],
}
