import { eachWithEach, onlyInShort } from '../../support/whole.ts'
import { conforms, EACH_STORE } from '../support/conformance.ts'
import { adapters, lacks } from './sites.ts'

/** In the short run Express 5 stands for 4, and fetch in two steps for `handle`, which is made of them. */
const asked = onlyInShort(adapters, 'untorn/node', 'untorn/express, Express 5', 'untorn/fetch, in two steps')

for (const [[name, serve], kept] of eachWithEach(Object.entries(asked), EACH_STORE)) {
  const without = lacks[name]
  conforms(name, { serve, over: [kept], concurrent: true, ...(without && { without }) })
}
