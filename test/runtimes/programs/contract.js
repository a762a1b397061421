// The file store keeps the contract: `contract.js DIRECTORY`; with `short` behind it each case only once.
import { join } from 'node:path'
import process from 'node:process'
import { fileStore } from '../../../dist/file.js'
import { storeConformance } from '../../../dist/testing.js'
import { answer } from './cases.js'

const [directory, short] = process.argv.slice(2)
const options = { sweepEvery: 0 }
let opened = 0

const cases = storeConformance({
  open: () => fileStore(join(directory, String(opened++)), options),
  reopen: (store) => fileStore(store.directory, options),
})
const titles = new Set(cases.map(({ title }) => title))
const isTwice = ({ title }) => titles.has(`${title}, through two store objects`)

await answer(short === undefined ? cases : cases.filter((each) => !isTwice(each)))
