import { onTestFinished } from 'vitest'
import type { SessionStore } from '../../../../../src/contract/store.ts'
import { open, type Place } from './children/stores.ts'

/** A store in this process, closed when the test is over. */
export async function openHere(place: Place): Promise<SessionStore> {
  const { store, close } = await open(place)
  onTestFinished(close)
  return store
}
