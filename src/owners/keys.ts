import { keyOfNoSession, type SessionKey } from '../contract/key.ts'

/*
 * Both as JSON, so that no name of an application and of an owner together read as two others. No id has a space in it, so
 * none that a client sends leads here.
 */

/** The key of the record of one owner. */
export function ownerKey(app: string | undefined, owner: string): SessionKey {
  return keyOfNoSession(`owner ${JSON.stringify([app ?? null, owner])}`)
}

/** The key of the record of the whole application: it is there once everything was revoked. */
export function applicationKey(app: string | undefined): SessionKey {
  return keyOfNoSession(`application ${JSON.stringify(app ?? null)}`)
}
