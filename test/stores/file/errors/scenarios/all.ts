import type { Scenario } from '../scenario.ts'
import { creating } from './creating.ts'
import { closing, deleting, listing, sweeping } from './ending.ts'
import { folding } from './folding.ts'
import { loading } from './loading.ts'
import { saving, savingTogether } from './saving.ts'

/** Every scenario, by what a user would say that the store does in it. */
export const SCENARIOS: Record<string, readonly Scenario[]> = {
  'creates a session': creating,
  'loads a session': loading,
  'saves a session': [...saving, ...savingTogether],
  'folds a journal': folding,
  'deletes a session': deleting,
  sweeps: sweeping,
  'lists sessions': listing,
  'is closed': closing,
}
