import { PlainStore } from '../support/plain-store.ts'
import { testAccounts } from './run-cases.ts'

/** A store that answers later: every case of the short run, too. */
testAccounts(() => {
  const store = new PlainStore({ slow: true })
  return () => store
})
