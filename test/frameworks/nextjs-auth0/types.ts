import type { SessionDataStore } from '@auth0/nextjs-auth0/types'
import { memoryStore } from 'untorn/memory'
import { sessionStore } from 'untorn/nextjs-auth0'

export const store: SessionDataStore = sessionStore(memoryStore(), { idleTimeout: '1d', lifetime: '3d' })

// @ts-expect-error: seconds are Auth0's; a length of time has a unit
sessionStore(memoryStore(), { idleTimeout: '86400' })
// @ts-expect-error: no such option
sessionStore(memoryStore(), { rolling: true })
