import type { Duration } from '../options/duration.ts'
import { idleWithin } from '../session/expiry.ts'

const MINUTE = 60_000

/**
 * Timeouts for the authenticator assurance levels of NIST SP 800-63B-4 (section 2, "Reauthentication"):
 * `createSessions({ ...presets.AAL2 })`. What is named there is the most. As an idle timeout is the least that a session
 * lives, a tenth before its end, these are by that shorter: at AAL2 a session that nobody uses ends when an hour has passed, and
 * 54.5 minutes are certain; at AAL3 15 minutes, and 13.6. Level 1 names no idle timeout, so there it is as long as the lifetime.
 */
export const presets = {
  AAL1: { lifetime: '30d', idleTimeout: '30d' },
  AAL2: { lifetime: '24h', idleTimeout: idleWithin(60 * MINUTE) },
  AAL3: { lifetime: '12h', idleTimeout: idleWithin(15 * MINUTE) },
} as const satisfies Record<string, { lifetime: Duration; idleTimeout: Duration }>
