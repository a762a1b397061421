import type { Duration } from '../options/duration.ts'

/**
 * Timeouts for the authenticator assurance levels of NIST SP 800-63B-4 (section 2, "Reauthentication"):
 * `createSessions({ ...presets.AAL2 })`. Level 1 names no idle timeout, so there it is as long as the lifetime.
 */
export const presets = {
  AAL1: { lifetime: '30d', idleTimeout: '30d' },
  AAL2: { lifetime: '24h', idleTimeout: '1h' },
  AAL3: { lifetime: '12h', idleTimeout: '15m' },
} as const satisfies Record<string, { lifetime: Duration; idleTimeout: Duration }>
